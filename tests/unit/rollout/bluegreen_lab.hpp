// A blue-green pair on an embedded cluster, with a clock that is moved by hand, and a cluster that can die at any write.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/rollout/bluegreen/bluegreen_runner.hpp"
#include "tests/unit/rollout/rollout_lab.hpp"

namespace gitops::test {

struct Killed {};

/// Counts writes, dies before or after one of them, and looks after each whether who calls the Service reaches a ready Pod.
class WatchedCluster final : public kube::Cluster {
  public:
    explicit WatchedCluster(embedded::LocalCluster& below) : m_below(below) {}

    std::vector<kube::KindInfo> kinds() override { return m_below.kinds(); }
    std::optional<doc::Value> get(const kube::ObjectRef& ref) override { return m_below.get(ref); }
    std::vector<doc::Value> list(const kube::ListQuery& query) override { return m_below.list(query); }
    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token stop) override { return m_below.watch(query, stop); }
    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override { return m_below.remove(ref, options); }
    kube::Applied apply(const doc::Value& object, const kube::ApplyOptions& options) override { return m_below.apply(object, options); }
    doc::Value write(const kube::Write& change) override;

    int writes = 0;
    int dies_before = 0;
    int dies_after = 0;
    int unserved = 0;
    std::vector<std::string> service_writes{};  ///< "yield version=green": Service and selector after each

  private:
    bool serves();

    embedded::LocalCluster& m_below;
};

class BlueGreenLab {
  public:
    /// Deployments yield-blue (three Pods of :2.8, with the traffic) and yield-green (none, :2.8), Service yield in
    /// namespace wafer. `spec` are lines of the BlueGreen's spec, indented by two blanks.
    explicit BlueGreenLab(const std::string& spec = {}, std::string_view script = "metrics: {}");

    /// A new runner, as after a kill.
    void restart();
    rollout::Begun begin(const rollout::BlueGreenPlan& plan = {});
    rollout::TickReport tick();
    /// Ticks, and lets time pass, until it is settled; a line per journal entry: "Smoking 0 phase green is ready: ...".
    std::vector<std::string> run(int most = 400);
    /// The last run's entries, as run() tells them.
    std::vector<std::string> told() const;

    std::string workload(const std::string& name);  ///< "3/3 wafer/yield:2.8"
    std::string routed(const std::string& service = "yield");
    void scale(const std::string& name, int replicas);
    const rollout::BlueGreenState& state() const { return runner->record().state; }

    std::shared_ptr<base::ManualClock> clock;
    std::unique_ptr<embedded::LocalCluster> cluster;
    std::unique_ptr<WatchedCluster> watched;
    base::RecordingSink events;
    std::unique_ptr<rollout::MetricsProvider> metrics;
    ScriptedHooks hooks;
    std::unique_ptr<rollout::CheckPorts> checks;
    rollout::BlueGreenSpec spec;
    rollout::RunSettings settings;
    rollout::CommitSwitch commit{};
    std::unique_ptr<rollout::BlueGreenRunner> runner;
};

}  // namespace gitops::test
