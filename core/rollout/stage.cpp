#include "core/rollout/stage.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/rollout/canary_record.hpp"
#include "core/rollout/pod_reason.hpp"
#include "core/rollout/readiness.hpp"
#include "core/rollout/revision.hpp"
#include "core/rollout/services.hpp"
#include "core/rollout/traffic/traffic.hpp"
#include "core/rollout/workload.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

/// What a promotion changes: the Pod template, or all that a Service says.
Value template_of(const std::optional<Value>& primary) {
    if (!primary) return {};
    const auto* found = kube::kind_of(*primary) == "Service" ? primary->find("spec") : primary->path("spec", "template");
    return found == nullptr ? Value() : *found;
}

bool has_pods(const Value& workload) { return kube::kind_of(workload) != "Deployment" || replicas_of(workload) > 0; }

}  // namespace

Stage::Stage(kube::Cluster& cluster, base::Clock& clock, const CanarySpec& spec, Compat compat)
    : m_cluster(cluster), m_clock(clock), m_spec(spec) {
    m_rules.compat = compat;
}

std::optional<Value> Stage::get(const kube::ObjectRef& ref) { return m_cluster.get(ref); }

std::vector<Value> Stage::get_all(const std::vector<kube::ObjectRef>& refs) {
    std::vector<Value> found;
    for (const auto& ref : refs)
        if (auto object = get(ref)) found.push_back(std::move(*object));
    return found;
}

bool Stage::is_workload() const { return m_spec.target.kind != "Service"; }

kube::ObjectRef Stage::workload_ref(const std::string& name) const {
    return {{kube::group_of(m_spec.target.api_version), kube::version_of(m_spec.target.api_version), m_spec.target.kind}, m_spec.ns, name};
}

std::string Stage::target_image() const { return m_target ? describe_revision(*m_target, m_primary ? &*m_primary : nullptr) : ""; }
std::string Stage::primary_image() const { return m_primary ? describe_revision(*m_primary, m_target ? &*m_target : nullptr) : ""; }

/// One object of a kind is got, several are listed.
void Stage::read_configs() {
    m_refs = m_target ? tracked_refs(*m_target) : std::vector<ConfigRef>{};
    m_configs.clear();
    m_missing.clear();
    for (const auto kind : {ConfigKind::config_map, ConfigKind::secret}) {
        std::vector<kube::ObjectRef> wanted;
        for (const auto& ref : m_refs)
            if (ref.kind == kind) wanted.push_back(ref.object(m_spec.ns));
        if (wanted.size() == 1) {
            for (auto& object : get_all(wanted)) m_configs.push_back(std::move(object));
        } else if (!wanted.empty()) {
            for (auto& object : m_cluster.list({wanted.front().gvk, m_spec.ns, ""})) m_configs.push_back(std::move(object));
        }
    }
    try {
        m_sums = config_checksums(m_spec, m_refs, m_configs, m_rules.compat);
    } catch (const Error& error) {
        if (error.code() != Code::not_found) throw;
        m_missing = error.message();  // may yet come; until then the target is not ready
    }
}

Side Stage::side(const std::optional<Value>& workload, int percent, const CanaryState& state) const {
    Side side;
    side.exists = workload.has_value();
    if (!workload) {
        side.reason = "it does not exist";
        return side;
    }
    const auto now = m_clock.now();
    const auto since = state.wait_at.value_or(now);
    const auto found = readiness(*workload, percent, {m_spec.progress_deadline, since, now}, m_rules.compat);
    side.ready = found.is_ready && has_pods(*workload);
    side.reason = has_pods(*workload) ? found.reason : "it is scaled to zero";
    side.serves = side.ready || found.serves;
    side.hopeless = !side.ready && (!found.is_retriable || now - since >= m_spec.progress_deadline);
    if (state.wait_at && !side.ready && has_pods(*workload))
        if (const auto why = pod_reason(pods_of(*workload)); !why.empty()) side.reason += ": " + why;
    return side;
}

std::vector<Value> Stage::pods_of(const Value& workload) const {
    std::string selector;
    if (const auto* labels = workload.path("spec", "selector", "matchLabels"))
        for (const auto& label : labels->entries())
            selector += (selector.empty() ? "" : ",") + std::string(label.name()) + "=" + std::string(label.value.text());
    if (selector.empty()) return {};
    return m_cluster.list({{"", "v1", "Pod"}, m_spec.ns, selector});
}

Observation Stage::observe(const CanaryState& state) {
    m_is_stale = false;
    m_routes.reset();
    m_target = get(workload_ref(m_spec.target.name));
    m_primary = get(workload_ref(m_spec.primary_name()));
    read_configs();
    return seen(state);
}

Observation Stage::seen(const CanaryState& state) {
    Observation seen;
    seen.now = m_clock.now();
    m_target_side = side(m_target, m_spec.analysis.canary_ready_threshold, state);
    m_primary_side = side(m_primary, m_spec.analysis.primary_ready_threshold, state);
    if (!m_missing.empty()) {
        m_target_side.ready = false;
        m_target_side.reason = m_missing;
    }
    seen.target = m_target_side;
    seen.primary = m_primary_side;
    seen.configs = m_sums;
    if (m_target && m_missing.empty()) seen.revision = template_revision(*m_target, m_sums);
    seen.primary_template = template_of(m_primary);
    read_split(state);
    seen.split = m_split;
    return seen;
}

/// A route that leads elsewhere, or is gone, is somebody's mistake: what the state says is made true again.
void Stage::read_split(const CanaryState& state) {
    m_split.reset();
    m_has_strayed = false;
    if (!is_running(state.phase) || !traffic_abilities(m_spec, m_rules.compat).has_route) return;
    try {
        m_split = read_weights(m_spec, routes(), m_rules.compat);
    } catch (const Error& error) {
        if (error.code() != Code::invalid) throw;
    }
    m_has_strayed = !m_split;
    if (m_has_strayed) m_is_surrounded = false;
}

/// What holds the weights, as it was read last while nothing was written since.
const std::vector<Value>& Stage::routes() {
    if (!m_is_stale && m_routes) return *m_routes;
    m_routes.emplace();
    for (const auto& ref : route_objects(m_spec, m_rules.compat)) {
        const bool is_workload = !m_is_stale && ref.gvk.kind == m_spec.target.kind;
        const auto* known = !is_workload ? nullptr : ref.name == m_spec.target.name ? &m_target : &m_primary;
        auto object = known != nullptr && *known ? *known : get(ref);
        if (object) m_routes->push_back(std::move(*object));
    }
    return *m_routes;
}

// Enforcing.

void Stage::put(const Value& document) {
    kube::Write change{kube::Create{document}, std::string(k_canary_manager), kube::DryRun::no};
    if (!kube::resource_version_of(document).empty()) change.change = kube::Replace{document};
    m_is_stale = true;
    m_cluster.write(change);
}

void Stage::put_all(const std::vector<Value>& documents) {
    for (const auto& document : documents) put(document);
}

bool Stage::patch(const std::optional<kube::Patch>& patch) {
    if (!patch) return false;
    m_is_stale = true;
    m_cluster.write({*patch, std::string(k_canary_manager), kube::DryRun::no});
    return true;
}

Enforced Stage::enforce(const CanaryState& state) {
    constexpr int k_tries = 4;  // controllers write the status of workloads all the time
    for (int tried = 1;; ++tried) {
        try {
            return enforce_once(state);
        } catch (const Error& error) {
            if (error.code() != Code::conflict || tried == k_tries) throw;
        }
        observe(state);
    }
}

Enforced Stage::enforce_once(const CanaryState& state) {
    if (!m_target || !m_missing.empty()) return Enforced::held;
    if (!m_is_surrounded) {
        const auto made = make_surroundings(state);
        if (made != Enforced::done) return made;
        m_is_surrounded = true;
    }
    if (const auto changed = promote_or_restore(state); changed != Enforced::done) return changed;
    if (state.target_is_up) scale_target(state);
    if (const auto routed = route(state); routed != Enforced::done) return routed;
    if (!state.target_is_up && state.phase != Phase::initializing) scale_target(state);
    return Enforced::done;
}

/// What is around the target: the primary and its configuration, Services, routes. The apex, which users call, is only
/// turned to the primary when that is ready.
Enforced Stage::make_surroundings(const CanaryState& state) {
    find_owner();
    if (is_workload() && !m_primary) {
        copy_configs();
        put(first_primary(state));
        m_primary = get(workload_ref(m_spec.primary_name()));
        seen(state);
    }
    if (m_primary && patch(traffic_label_patch(m_spec, *m_primary))) return Enforced::again;
    auto services = make_services(m_spec, *m_target, get_all(service_objects(m_spec)), m_rules);
    if (is_workload() && !m_primary_side.ready && state.phase == Phase::initializing) {
        std::erase_if(services, [&](const Value& service) { return kube::name_of(service) == m_spec.apex(); });
        put_all(services);
        return Enforced::held;
    }
    put_all(services);
    scale_primary(AutoscalerMoment::creation);
    put_all(make_routes(m_spec, routes(), m_rules));
    if (patch(traffic_label_patch(m_spec, *m_target))) return Enforced::again;
    return Enforced::done;
}

/// A copy of the target; but what is tried or has failed is not what users get when somebody has deleted the primary.
Value Stage::first_primary(const CanaryState& state) const {
    auto primary = make_primary(m_spec, *m_target, m_sums, m_rules);
    if (state.promotes || state.saved_template.is_null()) return primary;
    auto earlier = restored(primary, state.saved_template);
    return earlier ? *std::move(earlier) : primary;
}

void Stage::copy_configs() {
    auto live = m_configs;
    for (const auto& ref : m_refs)
        if (auto copy = get(primary_copy(ref).object(m_spec.ns))) live.push_back(std::move(*copy));
    put_all(primary_configs(m_spec, m_refs, m_sums, live, m_rules));
}

Enforced Stage::promote_or_restore(const CanaryState& state) {
    if (!m_primary) return Enforced::done;
    if (!is_workload()) return promote_or_restore_service(state);
    // What the target has become since was checked by nobody: only what passed is copied.
    if (state.promotes && template_revision(*m_target, m_sums) == state.applied_revision) {
        if (auto document = promoted(m_spec, *m_primary, *m_target, m_sums, m_rules)) {
            copy_configs();
            put(*document);
            scale_primary(AutoscalerMoment::promotion);
            return Enforced::again;
        }
    }
    if (state.restores && !state.saved_template.is_null()) {
        if (auto document = restored(*m_primary, state.saved_template)) {
            put(*document);
            return Enforced::again;
        }
    }
    return Enforced::done;
}

Enforced Stage::promote_or_restore_service(const CanaryState& state) {
    if (state.promotes && template_revision(*m_target, m_sums) == state.applied_revision)
        put_if(promoted_service(m_spec, *m_primary, *m_target));
    if (state.restores && !state.saved_template.is_null()) put_if(restored_service(*m_primary, state.saved_template));
    return Enforced::done;
}

Enforced Stage::route(const CanaryState& state) {
    if (state.phase == Phase::initializing) return Enforced::done;
    const bool sends_to_canary = state.split.canary > 0 || state.split.mirrored;
    if (sends_to_canary && !m_target_side.ready) return Enforced::held;
    const bool leaves_canary = m_split && m_split->canary > state.split.canary;
    if (leaves_canary && !m_primary_side.serves && m_target_side.ready) return Enforced::held;
    const auto live = routes();
    if (m_spec.provider == "replicas" && !has_apex(live)) {
        m_is_surrounded = false;
        return Enforced::again;
    }
    const auto documents = set_weights(m_spec, live, state.split, m_rules);
    put_all(documents);
    if (m_spec.provider != "replicas") return Enforced::done;
    if (!documents.empty()) return Enforced::again;
    return is_in_force(m_spec, live, state.split, m_rules) ? Enforced::done : Enforced::held;  // Pods come and go
}

/// Somebody may have deleted it.
bool Stage::has_apex(const std::vector<Value>& live) const {
    return std::ranges::any_of(live, [&](const Value& object) {
        return kube::kind_of(object) == "Service" && kube::name_of(object) == m_spec.apex();
    });
}

void Stage::scale_target(const CanaryState& state) {
    const auto autoscaler = m_spec.autoscaler ? get(*autoscaler_ref(m_spec)) : std::nullopt;
    if (!state.target_is_up) {
        if (autoscaler) put_if(paused(*autoscaler));
        patch(scale_to_zero(*m_target));
        return;
    }
    if (autoscaler) put_if(resumed(*autoscaler));
    if (has_pods(*m_target) && kube::kind_of(*m_target) == "Deployment") return;
    patch(scale_up(m_spec, *m_target, m_primary ? &*m_primary : nullptr, autoscaler ? &*autoscaler : nullptr));
}

/// The primary's own autoscaler, made with it and brought forward with a promotion.
void Stage::scale_primary(AutoscalerMoment moment) {
    if (!m_spec.autoscaler) return;
    const auto autoscaler = get(*autoscaler_ref(m_spec));
    if (!autoscaler) return;
    const auto copy = get(*primary_autoscaler_ref(m_spec));
    put_if(primary_autoscaler(m_spec, *autoscaler, copy ? &*copy : nullptr, moment, m_rules));
}

void Stage::put_if(const std::optional<Value>& document) {
    if (document) put(*document);
}

/// With the Canary, where it is an object of the cluster, goes what was made for it.
void Stage::find_owner() {
    auto ref = kube::ref_of(m_spec.document);
    ref.ns = m_spec.ns;
    const auto canary = get(ref);
    if (canary) m_rules.owner_uid = kube::uid_of(*canary);
}

}  // namespace gitops::rollout
