// Stage is the part of the cluster a canary plays on: it reads what is there into an Observation, and makes it what a
// CanaryState wants it to be.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/autoscaling.hpp"
#include "core/rollout/canary.hpp"
#include "core/rollout/config_tracking.hpp"
#include "core/rollout/generated.hpp"
#include "core/rollout/state.hpp"
#include "core/rollout/step.hpp"

namespace gitops::rollout {

enum class Enforced {
    done,   ///< the cluster is as the state wants it
    again,  ///< something was written that has to take effect first: call it again soon
    held,   ///< a side that is to get traffic is not ready: what is decided next may change what is wanted
};

class Stage {
  public:
    Stage(kube::Cluster& cluster, base::Clock& clock, const CanarySpec& spec, Compat compat);

    /// Reads the workloads, what they are configured with and, while a run is under way, the route: three requests, and one
    /// for each kind of configuration.
    Observation observe(const CanaryState& state);
    /// Makes the cluster what `state` wants, in the order that keeps traffic on a side that is ready: first Pods, then
    /// routes, then fewer Pods. Works on what observe() has read last.
    Enforced enforce(const CanaryState& state);

    /// The route leads to neither side, or is gone: enforce() puts it right.
    bool has_strayed() const { return m_has_strayed; }
    /// Something was written since observe().
    bool is_stale() const { return m_is_stale; }
    /// Time has passed since observe(): enforce() reads the routes again.
    void expire() { m_is_stale = true; }

    const std::optional<doc::Value>& target() const { return m_target; }
    const std::optional<doc::Value>& primary() const { return m_primary; }
    /// For people: "wafer/yield-predictor:2.9".
    std::string target_image() const;
    std::string primary_image() const;

  private:
    std::optional<doc::Value> get(const kube::ObjectRef& ref);
    std::vector<doc::Value> get_all(const std::vector<kube::ObjectRef>& refs);
    kube::ObjectRef workload_ref(const std::string& name) const;
    void read_configs();
    std::vector<doc::Value> pods_of(const doc::Value& workload) const;
    Side side(const std::optional<doc::Value>& workload, int percent, const CanaryState& state) const;
    Observation seen(const CanaryState& state);
    void read_split(const CanaryState& state);
    const std::vector<doc::Value>& routes();
    bool has_apex(const std::vector<doc::Value>& live) const;

    Enforced enforce_once(const CanaryState& state);
    void put(const doc::Value& document);
    void put_all(const std::vector<doc::Value>& documents);
    bool patch(const std::optional<kube::Patch>& patch);
    Enforced make_surroundings(const CanaryState& state);
    Enforced promote_or_restore(const CanaryState& state);
    doc::Value first_primary(const CanaryState& state) const;
    void copy_configs();
    void scale_primary(AutoscalerMoment moment);
    void put_if(const std::optional<doc::Value>& document);
    void find_owner();
    Enforced promote_or_restore_service(const CanaryState& state);
    Enforced route(const CanaryState& state);
    void scale_target(const CanaryState& state);
    bool is_workload() const;

    kube::Cluster& m_cluster;
    base::Clock& m_clock;
    const CanarySpec& m_spec;
    ObjectRules m_rules;
    std::optional<doc::Value> m_target;
    std::optional<doc::Value> m_primary;
    std::vector<ConfigRef> m_refs;
    std::vector<doc::Value> m_configs;
    ConfigSums m_sums;
    std::string m_missing;  ///< of the configuration; "" when nothing is
    Side m_target_side, m_primary_side;
    std::optional<Split> m_split;
    std::optional<std::vector<doc::Value>> m_routes;
    bool m_is_stale = false;
    bool m_has_strayed = false;
    bool m_is_surrounded = false;  ///< Services and routes were made or repaired by this process
};

}  // namespace gitops::rollout
