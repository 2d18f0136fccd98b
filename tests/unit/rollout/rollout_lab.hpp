// A canary on an embedded cluster, with a clock that is moved by hand and metrics from a script.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/rollout/runner.hpp"

namespace gitops::test {

/// Hooks whose answers a test sets, by name; others pass.
class ScriptedHooks final : public rollout::HookCaller {
  public:
    rollout::HookAnswer call(const rollout::HookCall& call, std::stop_token) override {
        calls.push_back(call.name);
        const auto found = refusals.find(call.name);
        return found == refusals.end() ? rollout::HookAnswer{true, ""} : rollout::HookAnswer{false, found->second};
    }
    std::vector<std::string> calls;
    std::map<std::string, std::string> refusals;
};

class RolloutLab {
  public:
    /// `canary` is the manifest, `script` what rollout::rehearse() reads.
    RolloutLab(std::string_view canary, std::string_view script);

    void apply(std::string_view yaml);
    /// The target with another image, as a deployment pipeline does it.
    void set_image(const std::string& image);
    /// A new runner, as after a kill: the old one does not tidy up.
    void restart();
    /// Ticks, and lets time pass, until it is settled or `most` ticks were made; one line per journal entry:
    /// "Progressing 5 advance canary weight 5".
    std::vector<std::string> run(int most = 200);
    rollout::TickReport tick();

    std::optional<doc::Value> get(const char* kind, const std::string& name);
    /// "replicas/ready image" of a Deployment.
    std::string workload(const std::string& name);
    /// The apex' selector.
    std::string routed();

    std::shared_ptr<base::ManualClock> clock;
    std::unique_ptr<embedded::LocalCluster> cluster;
    base::RecordingSink events;
    std::unique_ptr<rollout::MetricsProvider> metrics;
    ScriptedHooks hooks;
    std::unique_ptr<rollout::CheckPorts> checks;
    rollout::CanarySpec spec;
    rollout::RunSettings settings;
    std::unique_ptr<rollout::CanaryRunner> runner;
};

/// Deployment and Service of yield-predictor in namespace wafer, three Pods of image wafer/yield-predictor:2.8.
extern const char* const k_yield_predictor;

}  // namespace gitops::test
