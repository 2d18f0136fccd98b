// BlueGreenStage is the part of the cluster a blue-green pair plays on: it reads the two Deployments and the Service into a
// BlueGreenSeen, and makes them what a BlueGreenState wants them to be.
#pragma once

#include <optional>

#include "core/base/clock.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/bluegreen/bluegreen_step.hpp"
#include "core/rollout/service_selector.hpp"
#include "core/rollout/stage.hpp"

namespace gitops::rollout {

class BlueGreenStage {
  public:
    BlueGreenStage(kube::Cluster& cluster, base::Clock& clock, const BlueGreenSpec& spec);

    /// Three requests. Error(not_found) for a missing Service or Deployment, Error(invalid) when the Service does not select
    /// exactly one side, or the sides cannot be told apart.
    BlueGreenSeen observe(const BlueGreenState& state);
    /// Makes the cluster what `state` wants. `held`: a side that is to get the traffic is not ready for it.
    Enforced enforce(const BlueGreenState& state);
    /// What a side has to have before it gets the traffic.
    enum class Needs { all_pods, any_pod };
    /// Gives the traffic to `color` with one write, after a fresh look; `held` when it has not what it needs.
    Enforced turn(const BlueGreenState& state, Color color, Needs needs);

    /// The selector that gives the traffic to `color`, from what observe() has read last.
    doc::Value selector(Color color) const { return selector_for(m_selection, color); }

  private:
    const std::optional<doc::Value>& workload(Color color) const { return color == Color::blue ? m_blue : m_green; }
    BlueGreenSide side(Color color, const BlueGreenState& state) const;
    void write(kube::Patch patch);
    void prepare(const BlueGreenState& state);
    void scale(Color color, int replicas);
    void keep_preview(Color idle);
    Enforced turn_once(const BlueGreenState& state, Color color, Needs needs);

    kube::Cluster& m_cluster;
    base::Clock& m_clock;
    const BlueGreenSpec& m_spec;
    std::optional<doc::Value> m_blue, m_green, m_service;
    Selection m_selection;
};

}  // namespace gitops::rollout
