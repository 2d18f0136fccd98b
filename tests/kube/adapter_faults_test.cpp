// The adapter alone behind a proxy that injects faults: each call ends right, or fails with a clear code in time.
#include <catch2/catch.hpp>
#include <chrono>
#include <set>

#include "core/doc/yaml_read.hpp"
#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Duration;

namespace {

/// A namespace, and an adapter to it through a proxy.
struct Behind {
    explicit Behind(Stage& on, std::shared_ptr<base::Clock> clock = nullptr) : stage(on), proxy(Stage::upstream()) {
        stage.apply("{apiVersion: v1, kind: Namespace, metadata: {name: NS}}");
        backend::ApiClusterOptions options;
        options.api.timeout = Duration(700);
        options.api.patience = Duration(6'000);
        options.page = 4;
        cluster = connect(stage.plain_kubeconfig(proxy.url()), options, std::move(clock));
        cluster->get({{"", "v1", "ConfigMap"}, stage.ns(), "none"});  // discovery is over before the faults begin
    }

    void apply(const std::string& name, const std::string& color) {
        auto object = doc::read_yaml_one(config_map(name, "'" + color + "'"));
        object.at("metadata").set("namespace", stage.ns());
        cluster->apply(object, {"faults", kube::OnConflict::take_over, kube::DryRun::no});
    }

    std::set<std::string> names() {
        std::set<std::string> names;
        for (const auto& object : cluster->list({{"", "v1", "ConfigMap"}, stage.ns(), ""}))
            if (kube::name_of(object) != "kube-root-ca.crt") names.emplace(kube::name_of(object));
        return names;
    }

    Stage& stage;
    FaultProxy proxy;
    std::unique_ptr<backend::ApiCluster> cluster;
};

Fault of(Fault::Kind kind, int after_ms = 0) {
    Fault fault;
    fault.kind = kind;
    fault.after_ms = after_ms;
    return fault;
}

struct Passing {
    const char* name;
    Fault fault;
    int times;
};

const std::vector<Passing>& passing_faults() {
    static const std::vector<Passing> faults{
        {"429 with Retry-After", status_fault(429, "TooManyRequests", "slow down", "Retry-After: 1\r\n"), 1},
        {"429 without Retry-After", status_fault(429, "TooManyRequests", "slow down"), 3},
        {"500", status_fault(500, "InternalError", "etcdserver: leader changed"), 3},
        {"503", status_fault(503, "ServiceUnavailable", "not yet"), 3},
        {"503 of a proxy", html_fault(503), 2},
        {"a dropped connection", of(Fault::Kind::drop), 3},
        {"a reset in mid-body", of(Fault::Kind::reset), 3},
        {"a stall", of(Fault::Kind::stall), 1},
    };
    return faults;
}

std::optional<base::Code> code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const base::Error& error) {
        UNSCOPED_INFO(error.what());
        return error.code();
    }
    return std::nullopt;
}

/// Every look at it is an hour before or after the one before.
class JumpingClock final : public base::Clock {
  public:
    base::Time now() const override {
        m_ahead = !m_ahead;
        return m_real.now() + (m_ahead ? std::chrono::hours(1) : -std::chrono::hours(1));
    }
    bool sleep_until(base::Time when, std::stop_token stop) override {
        const auto span = std::chrono::duration_cast<Duration>(when - m_real.now());
        return m_real.sleep_for(std::min(span, Duration(50)), stop);
    }

  private:
    base::SystemClock m_real;
    mutable std::atomic<bool> m_ahead = false;
};

}  // namespace

REAL_CASE("what passes is waited out, by reads and by applies", "[kube]") {
    Behind behind(stage);
    for (const auto& fault : passing_faults()) {
        INFO(fault.name);
        const int before = behind.proxy.hits();
        behind.proxy.add({"PATCH", "", fault.fault, 0, fault.times});
        behind.apply("a", fault.name);
        CHECK(stage.config("a") == fault.name);
        behind.proxy.clear();
        behind.proxy.add({"GET", "", fault.fault, 0, fault.times});
        CHECK(behind.names() == std::set<std::string>{"a"});
        behind.proxy.clear();
        CHECK(behind.proxy.hits() == before + 2 * fault.times);
    }
}

REAL_CASE("what does not pass is unavailable, in time", "[kube]") {
    Behind behind(stage);
    const auto bad = GENERATE(0, 1, 2, 3, 4);
    const Fault faults[] = {status_fault(503, "ServiceUnavailable", "not yet"), of(Fault::Kind::drop),
                            of(Fault::Kind::stall), html_fault(200), of(Fault::Kind::truncate)};
    behind.proxy.add({"", "", faults[bad], 0, -1});
    const auto began = std::chrono::steady_clock::now();
    CHECK(code_of([&] { behind.names(); }) == base::Code::unavailable);
    CHECK(code_of([&] { behind.apply("a", "blue"); }) == base::Code::unavailable);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
    behind.proxy.clear();
    behind.apply("a", "green");
    CHECK(behind.names() == std::set<std::string>{"a"});
}

REAL_CASE("a Retry-After that is longer than the caller's patience is not waited for", "[kube]") {
    Behind behind(stage);
    const std::string until = GENERATE(as<std::string>{}, "86400", "Fri, 31 Dec 2100 23:59:59 GMT", "-5", "soon");
    behind.proxy.add({"PATCH", "", status_fault(429, "TooManyRequests", "later", "Retry-After: " + until + "\r\n"), 0, 1});
    const auto began = std::chrono::steady_clock::now();
    const auto code = code_of([&] { behind.apply("a", "blue"); });
    INFO(until);
    CHECK((code == std::nullopt || code == base::Code::unavailable));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(8));
}

REAL_CASE("a clock that jumps neither hangs nor breaks a retry", "[kube]") {
    Behind behind(stage, std::make_shared<JumpingClock>());
    behind.proxy.add({"PATCH", "", status_fault(503, "ServiceUnavailable", "not yet"), 0, 2});
    const auto began = std::chrono::steady_clock::now();
    const auto code = code_of([&] { behind.apply("a", "blue"); });
    CHECK((code == std::nullopt || code == base::Code::unavailable));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
}

REAL_CASE("a list in pages starts again when its snapshot is gone", "[kube]") {
    Behind behind(stage);
    std::set<std::string> expected;
    for (int i = 0; i < 10; ++i) {
        behind.apply("cm-" + std::to_string(i), "blue");
        expected.insert("cm-" + std::to_string(i));
    }
    behind.proxy.add({"GET", "continue=", status_fault(410, "Expired", "The provided continue parameter is too old"), 1, 1});
    CHECK(behind.names() == expected);
    CHECK(behind.proxy.hits() == 1);
}

REAL_CASE("a watch that drops every moment loses nothing", "[kube]") {
    Behind behind(stage);
    behind.proxy.add({"GET", "watch=", of(Fault::Kind::cut, 50), 0, -1});
    kube::WatchQuery query{{{"", "v1", "ConfigMap"}}, stage.ns(), "", Duration(0)};
    query.since = behind.cluster->watch(query, {}).next;
    query.at_most = Duration(200);
    std::set<std::string> expected, seen;
    for (int i = 0; i < 20; ++i) {
        const auto name = "cm-" + std::to_string(i);
        expected.insert(name);
        stage.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", namespace: NS}}");
        auto batch = behind.cluster->watch(query, {});
        for (const auto& event : batch.events) seen.emplace(kube::name_of(event.object));
        query.since = batch.next;
    }
    CHECK(eventually([&] {
        auto batch = behind.cluster->watch(query, {});
        for (const auto& event : batch.events) seen.emplace(kube::name_of(event.object));
        query.since = batch.next;
        seen.erase("kube-root-ca.crt");
        return seen == expected && behind.proxy.hits() > 3;
    }));
}

REAL_CASE("a watch of what is no longer kept says so", "[kube]") {
    Behind behind(stage);
    behind.proxy.add({"GET", "watch=", status_fault(410, "Expired", "too old resource version"), 0, -1});
    kube::WatchQuery query{{{"", "v1", "ConfigMap"}}, stage.ns(), "", Duration(0)};
    query.since = behind.cluster->watch(query, {}).next;
    query.at_most = Duration(2'000);
    CHECK(eventually([&] {
        return code_of([&] { query.since = behind.cluster->watch(query, {}).next; }) == base::Code::conflict;
    }));
}

REAL_CASE("a token file that is rotated is read again when the old token is refused", "[kube]") {
    stage.apply("{apiVersion: v1, kind: Namespace, metadata: {name: NS}}");
    FaultProxy proxy(Stage::upstream());
    proxy.accept_only("first");
    const auto file = stage.dir.write("token", "first\n");
    const auto cluster = connect(stage.plain_kubeconfig(proxy.url(), "{tokenFile: " + file + "}"));
    const kube::ObjectRef ref{{"", "v1", "Namespace"}, "", stage.ns()};
    CHECK(cluster->get(ref).has_value());
    stage.dir.write("token", "second\n");
    proxy.accept_only("second");
    CHECK(cluster->get(ref).has_value());
    proxy.accept_only("third");
    CHECK(code_of([&] { cluster->get(ref); }) == base::Code::denied);
}
