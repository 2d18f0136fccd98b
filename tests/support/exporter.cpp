#include "tests/support/exporter.hpp"

namespace gitops::test {

Exporter::Exporter() {
    m_server.handle([this](const HttpSeen&) {
        return HttpAnswer{.headers = {{"Content-Type", "text/plain; version=0.0.4"}}, .body = page()};
    });
}

void Exporter::set(const std::string& series, const std::string& value) {
    const std::lock_guard lock(m_mutex);
    m_values[series] = value;
}

void Exporter::grow(const std::vector<std::pair<std::string, double>>& steps) {
    const std::lock_guard lock(m_mutex);
    for (const auto& [series, by] : steps) m_counters[series].by = by;
}

std::string Exporter::page() {
    const std::lock_guard lock(m_mutex);
    std::string text;
    for (const auto& [series, value] : m_values) text += series + " " + value + "\n";
    for (auto& [series, counter] : m_counters) {
        counter.value += counter.by;
        text += series + " " + std::to_string(counter.value) + "\n";
    }
    return text;
}

}  // namespace gitops::test
