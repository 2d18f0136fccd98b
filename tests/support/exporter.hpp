// A program under measurement, as Prometheus sees one: it serves series whose values a test sets.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/http_server.hpp"

namespace gitops::test {

/// Serves "/metrics" in Prometheus's text format. Safe to use from many threads.
class Exporter {
  public:
    Exporter();

    /// A series such as `accuracy{app="web"}` that stays as it is set; `value` as the format spells it: "97.5", "NaN".
    void set(const std::string& series, const std::string& value);
    /// Counters that grow by so much with every scrape. Those of one call begin with the same one and keep their ratio.
    void grow(const std::vector<std::pair<std::string, double>>& steps);

    std::string address() const { return m_server.address(); }

  private:
    std::string page();

    std::mutex m_mutex;
    std::map<std::string, std::string> m_values;
    struct Counter {
        double value = 0;
        double by = 0;
    };
    std::map<std::string, Counter> m_counters;
    HttpServer m_server;  // the last: it stops before the rest goes
};

}  // namespace gitops::test
