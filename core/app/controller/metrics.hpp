// Metrics are what a controller tells Prometheus of its applications: under Argo CD's names, so that the dashboards and
// alerts people have go on working (argocd.md 8).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/app/controller/controller.hpp"

namespace gitops::app {

/// Safe to use from many threads.
class Metrics {
  public:
    /// Counts one pass over one application and remembers what was seen.
    void note(const ReconcileReport& report);
    /// Forgets the state of applications that are gone; counters stay until the process ends.
    void keep_only(const std::vector<std::string>& applications);
    /// Everything in Prometheus' text format 0.0.4, in a fixed order:
    ///   argocd_app_info, argocd_app_condition              gauges per application
    ///   argocd_app_sync_total                              counter per application and phase
    ///   argocd_app_sync_duration_seconds_total             counter per application
    ///   argocd_app_reconcile                               histogram of passes per destination, in seconds
    std::string text() const;

  private:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    /// Upper bounds in seconds, Argo CD's own; the last bucket has none.
    static constexpr std::array k_bounds{0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0};
    struct Histogram {
        std::array<std::uint64_t, k_bounds.size() + 1> counts{};
        double sum = 0;
    };
    struct Seen {
        Labels info;
        std::map<std::string, int> conditions;  ///< how many of each type
    };

    mutable std::mutex m_mutex;
    std::map<std::string, Seen> m_seen;
    std::map<Labels, std::uint64_t> m_syncs;
    std::map<Labels, double> m_sync_seconds;
    std::map<Labels, Histogram> m_passes;
};

}  // namespace gitops::app
