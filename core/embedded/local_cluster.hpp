// LocalCluster is the embedded cluster: the Kubernetes API's rules on one SQLite file, with workloads that roll out
// by simulation.
//
// Overview: local_cluster keeps the port; object_store keeps rows (object, resourceVersion, an event log for watch);
// admission checks and completes what is written (namespace, names, identity, defaults, generation); garbage follows
// owner references and finalizers; workload_sim derives status, ReplicaSets and Pods from what was applied and from
// the Clock, lazily: no background process, no randomness. The same calls at the same times give the same state.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::embedded {

enum class FaultKind { crash_loop, pull_failure, slow_start };
std::string_view fault_name(FaultKind kind);  ///< "crash-loop", "pull-failure", "slow-start"
std::optional<FaultKind> parse_fault(std::string_view name);

/// Makes every container whose image matches `image_glob` misbehave, from the moment it is added.
struct Fault {
    std::string id;  ///< "f1", "f2", ...
    FaultKind kind = FaultKind::crash_loop;
    std::string image_glob;
    base::Duration delay{0};  ///< slow_start: how long a Pod takes to become ready
};

class LocalCluster final : public kube::Cluster {
  public:
    /// Opens or creates the file (":memory:" for tests). A new cluster has the namespaces default, kube-system,
    /// kube-public and kube-node-lease, and in each the ServiceAccount `default`.
    LocalCluster(const std::string& path, std::shared_ptr<base::Clock> clock);
    ~LocalCluster() override;

    std::vector<kube::KindInfo> kinds() override;
    std::optional<doc::Value> get(const kube::ObjectRef& ref) override;
    std::vector<doc::Value> list(const kube::ListQuery& query) override;
    kube::Applied apply(const doc::Value& object, const kube::ApplyOptions& options) override;
    doc::Value write(const kube::Write& write) override;
    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override;
    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token stop) override;

    // What only the embedded cluster has.
    /// Runs the requests `body` makes in this thread as one transaction: several times cheaper than one by one. A
    /// request that fails undoes itself alone; when `body` throws, or the process dies, nothing has happened. Not
    /// for watch().
    void together(const std::function<void()>& body);
    Fault add_fault(FaultKind kind, std::string_view image_glob, base::Duration delay);
    std::vector<Fault> faults();
    bool remove_fault(std::string_view id);
    /// How long one Pod takes from creation to ready; 120 ms unless set.
    base::Duration pod_start();
    void set_pod_start(base::Duration span);

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::embedded
