// Metrics are what a controller tells Prometheus of its applications: under Argo CD's names, so that the dashboards and
// alerts people have go on working (argocd.md 8).
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/app/controller/controller.hpp"
#include "core/app/controller/operations_seen.hpp"

namespace gitops::app {

/// Safe to use from many threads.
class Metrics {
  public:
    /// `application_labels` are labels of applications that argocd_app_labels shows; none: it is left out.
    explicit Metrics(const Services& services, std::vector<std::string> application_labels = {});

    /// Counts one pass over one application and remembers what was seen; a sync of another process counts once it is seen.
    void note(const ReconcileReport& report);
    void note_fetch(const FetchReport& report);
    /// Asks every registered cluster for its version and its kinds: one that does not answer may take its time.
    void look_at_clusters(std::stop_token stop);
    /// Forgets the state of applications that are gone; counters stay until the process ends.
    void keep_only(const std::vector<std::string>& applications);
    /// Everything in Prometheus' text format 0.0.4, in a fixed order:
    ///   argocd_app_info, _condition, _labels, _orphaned_resources_count   gauges per application
    ///   argocd_app_sync_total, _sync_duration_seconds_total               counters per application
    ///   argocd_app_reconcile                                              histogram of passes per destination, in seconds
    ///   argocd_appset_info, _owned_applications                           gauges per ApplicationSet
    ///   argocd_cluster_info, _connection_status, _api_resources           gauges per cluster
    ///   argocd_git_request_total, _request_duration_seconds, _fetch_fail_total   per repository
    std::string text() const;

  private:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    struct Histogram {
        std::vector<std::uint64_t> counts;  ///< by upper bound; the last has none
        double sum = 0;
    };
    struct Seen {
        Labels name;  ///< namespace and name
        Labels info;
        Labels labels;
        std::string project, owner;  ///< owner: the ApplicationSet that made it
        std::optional<std::size_t> orphans;
        std::map<std::string, int> conditions;  ///< how many of each type
    };
    struct ClusterSeen {
        std::string server, version;  ///< version "" when it did not answer
        std::size_t kinds = 0;
    };

    static void observe(Histogram& histogram, std::span<const double> bounds, base::Duration took);
    static void add_histogram(std::string& text, const std::string& name, const std::map<Labels, Histogram>& rows,
                              std::span<const double> bounds);
    std::string server_of(const AppStatus& status);
    std::string server_of(const ClusterRow& row);
    void count_operation(const ReconcileReport& report, const Labels& name, const std::string& server);
    void add_applications(std::string& text) const;
    void add_sets(std::string& text) const;
    void add_clusters(std::string& text) const;

    const Services& m_services;
    std::vector<std::string> m_application_labels;
    OperationsSeen m_operations;

    mutable std::mutex m_mutex;
    std::map<std::string, Seen> m_seen;
    std::map<Labels, std::uint64_t> m_syncs;
    std::map<Labels, double> m_sync_seconds;
    std::map<Labels, Histogram> m_passes;
    std::map<Labels, std::uint64_t> m_fetches, m_failed_fetches;
    std::map<Labels, Histogram> m_fetch_times;
    std::map<std::string, ClusterSeen> m_clusters;
    std::map<std::string, std::string> m_servers;  ///< by what a row says: reading a kubeconfig takes its time
};

}  // namespace gitops::app
