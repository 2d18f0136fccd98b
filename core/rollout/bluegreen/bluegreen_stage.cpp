#include "core/rollout/bluegreen/bluegreen_stage.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/rollout/bluegreen/bluegreen_record.hpp"
#include "core/rollout/image_patch.hpp"
#include "core/rollout/readiness.hpp"
#include "core/rollout/revision.hpp"
#include "core/rollout/workload.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr int k_whole = 100;

kube::ObjectRef deployment_ref(const BlueGreenSpec& spec, Color color) { return {{"apps", "v1", "Deployment"}, spec.ns, spec.deployment(color)}; }
kube::ObjectRef service_ref(const BlueGreenSpec& spec, const std::string& name) { return {{"", "v1", "Service"}, spec.ns, name}; }

[[noreturn]] void refuse_missing(const BlueGreenSpec& spec, std::string_view kind, const std::string& name) {
    throw Error(Code::not_found, "namespace " + spec.ns + " has no " + std::string(kind) + " " + name);
}

/// A preview Service has the ports of the one that is switched, and no address of its own outside the cluster.
Value make_preview(const BlueGreenSpec& spec, const Value& service, Value selector) {
    auto metadata = Value::map({{"name", spec.preview_service}, {"namespace", spec.ns}});
    metadata.set("labels", Value::map({{"app.kubernetes.io/managed-by", "gitopsctl"}}));
    auto ports = Value::list();
    if (const auto* written = service.path("spec", "ports")) {
        for (auto port : written->items()) {
            port.erase("nodePort");
            ports.push_back(std::move(port));
        }
    }
    return Value::map({{"apiVersion", "v1"},
                       {"kind", "Service"},
                       {"metadata", std::move(metadata)},
                       {"spec", Value::map({{"selector", std::move(selector)}, {"ports", std::move(ports)}})}});
}

}  // namespace

BlueGreenStage::BlueGreenStage(kube::Cluster& cluster, base::Clock& clock, const BlueGreenSpec& spec)
    : m_cluster(cluster), m_clock(clock), m_spec(spec) {}

BlueGreenSide BlueGreenStage::side(Color color, const BlueGreenState& state) const {
    const auto& deployment = *workload(color);
    const auto& others = *workload(other(color));
    const auto now = m_clock.now();
    const auto found = readiness(deployment, k_whole, {m_spec.progress_deadline, state.wait_at.value_or(now), now}, Compat::none);
    BlueGreenSide side;
    side.exists = true;
    side.replicas = replicas_of(deployment);
    side.available = side.replicas == 0 ? 0 : found.available;
    side.ready = found.is_ready && side.replicas > 0;
    side.hopeless = !side.ready && !found.is_retriable;
    side.reason = side.replicas == 0 ? "it is scaled to zero" : found.reason;
    side.revision = template_revision(deployment, {});
    side.image = describe_revision(deployment, &others);
    return side;
}

BlueGreenSeen BlueGreenStage::observe(const BlueGreenState& state) {
    m_blue = m_cluster.get(deployment_ref(m_spec, Color::blue));
    m_green = m_cluster.get(deployment_ref(m_spec, Color::green));
    m_service = m_cluster.get(service_ref(m_spec, m_spec.service));
    if (!m_service) refuse_missing(m_spec, "Service", m_spec.service);
    for (const auto color : {Color::blue, Color::green})
        if (!workload(color)) refuse_missing(m_spec, "Deployment", m_spec.deployment(color));
    m_selection = selection_of(*m_blue, *m_green, *m_service);
    BlueGreenSeen seen;
    seen.now = m_clock.now();
    seen.routed = routed_to(m_selection);
    (void)selector_for(m_selection, other(seen.routed));
    seen.blue = side(Color::blue, state);
    seen.green = side(Color::green, state);
    return seen;
}

void BlueGreenStage::write(kube::Patch patch) {
    m_cluster.write({std::move(patch), std::string(k_bluegreen_manager), kube::DryRun::no});
}

void BlueGreenStage::scale(Color color, int replicas) {
    if (auto patch = scale_to(*workload(color), replicas)) write(std::move(*patch));
}

void BlueGreenStage::prepare(const BlueGreenState& state) {
    const auto& idle = *workload(state.to);
    if (!state.image.empty())
        if (auto patch = image_patch(idle, state.image)) write(std::move(*patch));
    const auto wanted = std::max(1, replicas_of(*workload(state.from)));
    if (replicas_of(idle) < wanted) scale(state.to, wanted);
    keep_preview(state.to);
}

void BlueGreenStage::keep_preview(Color idle) {
    if (m_spec.preview_service.empty()) return;
    auto selector = selector_for(m_selection, idle);
    const auto preview = m_cluster.get(service_ref(m_spec, m_spec.preview_service));
    if (!preview) {
        m_cluster.write({kube::Create{make_preview(m_spec, *m_service, std::move(selector))}, std::string(k_bluegreen_manager), kube::DryRun::no});
        return;
    }
    if (auto patch = selector_patch(*preview, selector)) write(std::move(*patch));
}

Enforced BlueGreenStage::enforce(const BlueGreenState& state) {
    switch (state.phase) {
        case BlueGreenPhase::idle: return Enforced::done;
        case BlueGreenPhase::preparing: prepare(state); return Enforced::done;
        case BlueGreenPhase::switching: return turn(state, state.to, Needs::all_pods);
        case BlueGreenPhase::returning: {
            const auto turned = turn(state, state.from, Needs::any_pod);
            if (turned == Enforced::held) scale(state.from, std::max(1, replicas_of(*workload(state.to))));
            return turned;
        }
        case BlueGreenPhase::finalising:
            keep_preview(state.from);
            if (state.scales_down) scale(state.from, 0);
            return Enforced::done;
        case BlueGreenPhase::smoking:
        case BlueGreenPhase::rolled_back:
        case BlueGreenPhase::failed: keep_preview(state.to); return Enforced::done;
        case BlueGreenPhase::monitoring:
        case BlueGreenPhase::succeeded: keep_preview(state.from); return Enforced::done;
    }
    return Enforced::done;
}

Enforced BlueGreenStage::turn(const BlueGreenState& state, Color color, Needs needs) {
    constexpr int k_tries = 4;  // others may write the Service, too
    for (int tried = 1;; ++tried) {
        try {
            return turn_once(state, color, needs);
        } catch (const Error& error) {
            if (error.code() != Code::conflict || tried == k_tries) throw;
        }
    }
}

Enforced BlueGreenStage::turn_once(const BlueGreenState& state, Color color, Needs needs) {
    const auto seen = observe(state);
    if (seen.routed == color) return Enforced::done;
    const auto& side = seen.side(color);
    if (needs == Needs::all_pods ? !side.ready : !side.serves()) return Enforced::held;
    auto patch = selector_patch(*m_service, selector_for(m_selection, color));
    if (patch) write(std::move(*patch));
    return Enforced::done;
}

}  // namespace gitops::rollout
