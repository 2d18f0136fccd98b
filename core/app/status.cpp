#include "core/app/status.hpp"

#include "core/app/placed_message.hpp"
#include "core/app/source/revision_text.hpp"
#include "core/app/state/last_seen.hpp"
#include "core/app/project/project.hpp"
#include "core/base/error.hpp"
#include "core/deliver/reasons.hpp"

namespace gitops::app {

namespace {

using doc::Value;

Value optional_text(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value health_value(const deliver::Health& health) {
    Value value = Value::map();
    value.set("status", deliver::health_name(health.status));
    value.set("message", optional_text(health.message));
    return value;
}

Value texts(const std::vector<std::string>& items) {
    Value list = Value::list();
    for (const auto& item : items) list.push_back(item);
    return list;
}

Value time_value(const std::optional<base::Time>& time) { return time ? Value(base::to_rfc3339(*time)) : Value(); }

Value source_value(const Source& source) {
    Value value = Value::map();
    value.set("repoURL", source.repo_url);
    if (source.chart.empty()) value.set("path", source.path);
    else value.set("chart", source.chart);
    const std::string newest = source.is_chart() ? "*" : "HEAD";
    value.set("targetRevision", source.target_revision.empty() ? newest : source.target_revision);
    if (!source.ref.empty()) value.set("ref", source.ref);
    if (!source.name.empty()) value.set("name", source.name);
    return value;
}

Value policy_value(const AppStatus& status) {
    Value value = Value::map();
    const auto& automated = status.application.sync_policy.automated;
    if (automated) {
        Value flags = Value::map();
        flags.set("enabled", automated->enabled);
        flags.set("prune", automated->prune);
        flags.set("selfHeal", automated->self_heal);
        value.set("automated", flags);
    } else {
        value.set("automated", Value());
    }
    value.set("syncOptions", texts(status.application.sync_policy.sync_options));
    value.set("suspended", status.state.suspended);
    value.set("suspendedUntil", time_value(status.state.suspended_until));
    value.set("suspendReason", optional_text(status.state.suspend_reason));
    value.set("pinnedRevision", optional_text(status.state.pinned_revision));
    return value;
}

Value operation_value(const AppStatus& status) {
    if (status.state.phase.empty()) return {};
    Value value = Value::map();
    value.set("phase", status.state.phase);
    value.set("message", optional_text(status.state.message));
    value.set("revision", optional_text(status.state.revision));
    value.set("startedAt", time_value(status.state.started_at));
    value.set("finishedAt", time_value(status.state.finished_at));
    return value;
}

Value resource_value(const ResourceStatus& resource) {
    Value value = Value::map();
    value.set("group", resource.key.group);
    value.set("version", resource.gvk.version);
    value.set("kind", resource.key.kind);
    value.set("namespace", resource.key.ns);
    value.set("name", resource.key.name);
    value.set("sync", resource.hook.empty() ? Value(sync_status_name(resource.sync)) : Value());
    value.set("health", resource.health ? health_value(*resource.health) : Value());
    value.set("wave", resource.wave);
    value.set("hook", resource.hook.empty() ? Value() : Value(resource.hook));
    value.set("requiresPruning", resource.requires_pruning);
    return value;
}

std::vector<Condition> conditions_of(const Comparison& comparison) {
    std::vector<Condition> conditions;
    for (const auto& warning : comparison.rendered.warnings) conditions.push_back({"Warning", warning});
    for (const auto& repeated : comparison.rendered.repeated) conditions.push_back({"RepeatedResourceWarning", repeated});
    for (const auto& shared : comparison.shared) conditions.push_back({"SharedResourceWarning", shared});
    for (const auto& excluded : comparison.excluded) conditions.push_back({"ExcludedResourceWarning", excluded});
    if (!comparison.managed_namespace.empty()) conditions.push_back({"ManagedNamespaceWarning", comparison.managed_namespace});
    return conditions;
}

void add_holds(AppStatus& status, base::Time now) {
    const AppState& state = status.state;
    if (!state.pinned_revision.empty())
        status.conditions.push_back({"PinnedWarning", "pinned to " + short_revision(state.pinned_revision) +
                                                          ": auto-sync is held until `gitopsctl app resume " +
                                                          status.application.name + "`"});
    if (!is_suspended(state, now)) return;
    std::string text = "suspended";
    if (state.suspended_until) text += " until " + base::to_rfc3339(*state.suspended_until);
    if (!state.suspend_reason.empty()) text += ": " + state.suspend_reason;
    status.conditions.push_back({"SuspendedWarning", text});
}

/// Why a workload is not well, from its Pods and Events; asked for only where one is not.
void add_reasons(const Services& services, const Comparison& comparison, std::vector<ResourceStatus>& resources) {
    std::vector<Value> ailing;
    for (const auto& step : comparison.plan.steps) {
        const auto health = step.live.is_null() ? std::nullopt : services.health.judge(step.live);
        if (health && (health->status == deliver::HealthStatus::progressing || health->status == deliver::HealthStatus::degraded))
            ailing.push_back(step.live);
    }
    if (ailing.empty()) return;
    const auto reasons = deliver::explain(*comparison.cluster, ailing);
    for (auto& resource : resources)
        if (const auto found = reasons.find(resource.key); found != reasons.end() && resource.health)
            resource.health = deliver::with_reason(*resource.health, resource.key, found->second);
}

std::string destination_cluster(const Services& services, const Application& application) {
    try {
        return cluster_of(services, application.destination.cluster).name;
    } catch (const base::Error&) {
        return application.destination.cluster;  // the comparison says what is wrong with it
    }
}

/// What the hours of its project allow now; unknown where its project is not one.
void add_window(AppStatus& status, const Services& services) {
    try {
        status.window = sync_permission(services, status.application);
    } catch (const base::Error& error) {
        if (dynamic_cast<const ProjectRefusal*>(&error) == nullptr) status.conditions.push_back({"SyncWindowError", error.message()});
    }
}

/// A phase "Running" whose lock nobody holds belongs to a process that died.
void settle_interrupted(AppStatus& status) {
    if (status.state.phase != "Running" || status.operation) return;
    status.state.phase = "Error";
    status.state.message = "the process died during the operation; sync again to finish it";
}

AppStatus unseen_status(const Services& services, const Application& application) {
    AppStatus status;
    status.application = application;
    status.health = {deliver::HealthStatus::unknown, ""};
    status.cluster = destination_cluster(services, application);
    status.operation = services.state.lock_holder(application.instance);
    return status;
}

void show(AppStatus& status, const Comparison& comparison) {
    status.revision = comparison.revision.sha;
    status.sync = comparison.sync;
    status.health = comparison.health;
    status.conditions = conditions_of(comparison);
    status.resources = comparison.resources;
    status.hooks = comparison.hooks;
}

/// After the comparison, which brings what the cluster's record tells.
void add_state(AppStatus& status, const Services& services) {
    status.state = services.state.state(status.application.instance);
    settle_interrupted(status);
    add_holds(status, services.clock.now());
    add_window(status, services);
}

}  // namespace

bool is_suspended(const AppState& state, base::Time now) {
    return state.suspended && (!state.suspended_until || now < *state.suspended_until);
}

std::string_view AppStatus::word() const {
    if (operation) return "Syncing";
    if (sync == SyncStatus::unknown) return "Unknown";
    if (health.status == deliver::HealthStatus::degraded) return "Degraded";
    return sync_status_name(sync);
}

AppStatus unknown_status(const Services& services, const Application& application, const base::Error* why) {
    auto status = unseen_status(services, application);
    if (why != nullptr) {
        status.health.message = placed_message(*why);
        const bool forbidden = dynamic_cast<const ProjectRefusal*>(why) != nullptr;
        status.conditions.push_back({forbidden ? "InvalidSpecError" : "ComparisonError", status.health.message});
    }
    add_state(status, services);
    if (why != nullptr) remember(services, status);
    return status;
}

AppStatus status_from(const Services& services, const Application& application, const Comparison& comparison) {
    auto status = unseen_status(services, application);
    show(status, comparison);
    add_state(status, services);
    remember(services, status);
    return status;
}

AppStatus status_of(const Services& services, const Application& application, Fetch fetch) {
    try {
        CompareRequest request;
        request.fetch = fetch;
        const auto comparison = compare(services, application, request);
        auto status = status_from(services, application, comparison);
        add_reasons(services, comparison, status.resources);
        return status;
    } catch (const base::Error& error) {
        return unknown_status(services, application, &error);
    }
}

Value to_value(const AppStatus& status) {
    Value value = Value::map();
    value.set("name", status.application.name);
    value.set("project", status.application.project);
    value.set("source", source_value(status.application.source));
    if (status.application.is_multi_source) {
        Value sources = Value::list();
        for (const auto& source : status.application.sources) sources.push_back(source_value(source));
        value.set("sources", sources);
    }
    Value destination = Value::map();
    destination.set("cluster", status.cluster);
    destination.set("namespace", status.application.destination.ns);
    value.set("destination", destination);
    value.set("syncPolicy", policy_value(status));
    value.set("syncWindow", status.window ? Value(sources::permission_text(*status.window)) : Value());
    value.set("status", status.word());
    Value sync = Value::map();
    sync.set("status", sync_status_name(status.sync));
    sync.set("revision", optional_text(status.revision));
    if (status.application.is_multi_source) sync.set("revisions", texts(split_revisions(status.revision)));
    value.set("sync", sync);
    value.set("health", health_value(status.health));
    value.set("operation", operation_value(status));
    Value resources = Value::list();
    for (const auto& resource : status.resources) resources.push_back(resource_value(resource));
    for (const auto& hook : status.hooks) resources.push_back(resource_value(hook));
    value.set("resources", resources);
    Value conditions = Value::list();
    for (const auto& condition : status.conditions) {
        Value item = Value::map();
        item.set("type", condition.type);
        item.set("message", condition.message);
        conditions.push_back(item);
    }
    value.set("conditions", conditions);
    return value;
}

}  // namespace gitops::app
