#include "tests/metrics/real_prometheus.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "core/backend/prometheus.hpp"
#include "tests/support/loopback.hpp"

namespace gitops::test {

namespace {

constexpr const char* k_program = "/usr/bin/prometheus";
constexpr std::chrono::seconds k_patience{30};

backend::PrometheusMetrics& metrics() {
    static backend::PrometheusMetrics client;
    return client;
}

/// A port that was free a moment ago.
int free_port() {
    const Listener listener = listen_on_loopback();
    close(listener.socket);
    return listener.port;
}

}  // namespace

RealPrometheus::RealPrometheus() : RealPrometheus(Guard{}) {}

RealPrometheus::RealPrometheus(const Guard& guard)
    : m_address("127.0.0.1:" + std::to_string(free_port())), m_source{"prometheus", "http://" + m_address} {
    m_source.username = guard.username;
    m_source.password = guard.password;
    start(guard.hash.empty() ? "" : "basic_auth_users: {" + guard.username + ": " + guard.hash + "}\n");
}

void RealPrometheus::start(const std::string& web_config) {
    const auto config = m_dir.write("prometheus.yml", "global: {scrape_interval: 100ms, scrape_timeout: 100ms}\n"
                                                      "scrape_configs:\n  - job_name: exporter\n    static_configs:\n"
                                                      "      - targets: ['" + exporter.address() + "']\n");
    std::vector<std::string> arguments{k_program, "--config.file=" + config, "--storage.tsdb.path=" + (m_dir / "data"),
                                       "--web.listen-address=" + m_address, "--log.level=warn"};
    if (!web_config.empty()) arguments.push_back("--web.config.file=" + m_dir.write("web.yml", web_config));
    m_process = std::make_unique<Process>(arguments, std::map<std::string, std::string>{}, m_dir.path(), m_dir / "prometheus");
    // It answers 503 while it starts.
    const auto reading = ask_until("vector(1)", rollout::Reading::Kind::value);
    if (reading.kind != rollout::Reading::Kind::value)
        throw std::runtime_error("prometheus does not start: " + text_of(reading) + "\n" + m_dir.read("prometheus.err"));
}

void RealPrometheus::stop() {
    m_process->kill_hard();
    m_process->wait();
}

rollout::Reading RealPrometheus::ask(const std::string& query) { return metrics().read({"test", query, m_source, {}}, {}); }

rollout::Reading RealPrometheus::ask_until(const std::string& query, rollout::Reading::Kind kind) {
    rollout::Reading reading;
    eventually([&] {
        reading = ask(query);
        return reading.kind == kind;
    });
    return reading;
}

bool eventually(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + k_patience;
    while (!done()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

std::string text_of(const rollout::Reading& reading) {
    using Kind = rollout::Reading::Kind;
    switch (reading.kind) {
        case Kind::value: return fmt::format("{}", reading.value) + (reading.detail.empty() ? "" : " (" + reading.detail + ")");
        case Kind::no_data: return "no data: " + reading.detail;
        case Kind::not_a_number: return "NaN: " + reading.detail;
        case Kind::unreachable: return "unreachable: " + reading.detail;
        case Kind::refused: return "refused: " + reading.detail;
    }
    return "";
}

bool has_prometheus() {
    if (access(k_program, X_OK) == 0) return true;
    std::printf("skipped: a real Prometheus (%s is not there)\n", k_program);
    return false;
}

RealPrometheus& shared_prometheus() {
    static RealPrometheus shared;
    return shared;
}

}  // namespace gitops::test
