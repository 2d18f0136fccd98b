#include "core/app/controller/argo_status.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/app/controller/commit_facts.hpp"
#include "core/app/project/project.hpp"
#include "core/app/source/revision_text.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using doc::Value;

void set_text(Value& map, std::string_view key, const std::string& text) {
    if (!text.empty()) map.set(key, text);
}

void set_time(Value& map, std::string_view key, const std::optional<base::Time>& time) {
    if (time) map.set(key, base::to_rfc3339(*time));
}

Value health_of(const deliver::Health& health) {
    auto value = Value::map({{"status", deliver::health_name(health.status)}});
    set_text(value, "message", health.message);
    return value;
}

Value texts(const std::vector<std::string>& items) {
    auto list = Value::list();
    for (const auto& item : items) list.push_back(item);
    return list;
}

/// Of several sources `revisions` is a list as in Argo CD, and `revision` all of them, so that "once per revision" means it.
void set_revision(Value& map, const Application& application, const std::string& revision) {
    if (revision.empty()) return;
    map.set("revision", revision);
    if (application.is_multi_source) map.set("revisions", texts(split_revisions(revision)));
}

/// The audit row of the operation that the state tells of, which says who began it and why.
std::optional<AuditRow> begun_by(const Services& services, const AppStatus& status) {
    constexpr std::array<std::string_view, 4> k_operations{"sync", "auto-sync", "self-heal", "rollback"};
    constexpr std::size_t k_recent = 10;
    auto rows = services.state.audit(status.application.name, k_recent);
    const auto last = std::find_if(rows.rbegin(), rows.rend(), [&](const AuditRow& row) {
        return std::ranges::find(k_operations, row.action) != k_operations.end();
    });
    return last == rows.rend() ? std::nullopt : std::optional(*last);
}

Value initiator(const std::string& username, bool automated) {
    auto value = Value::map({{"username", username}});
    if (automated) value.set("automated", true);
    return value;
}

Value operation_of(const Services& services, const AppStatus& status) {
    const auto& state = status.state;
    auto value = Value::map({{"phase", state.phase}});
    set_text(value, "message", state.message);
    set_time(value, "startedAt", state.started_at);
    set_time(value, "finishedAt", state.finished_at);
    auto operation = Value::map();
    if (!state.revision.empty()) {
        auto revision = Value::map();
        set_revision(revision, status.application, state.revision);
        operation.set("sync", revision);
        value.set("syncResult", revision);
    }
    if (const auto row = begun_by(services, status)) {
        operation.set("initiatedBy", initiator(row->actor, row->action == "auto-sync" || row->action == "self-heal"));
        if (!row->reason.empty()) operation.set("info", Value::list({Value::map({{"name", "Reason"}, {"value", row->reason}})}));
    }
    value.set("operation", operation);
    return value;
}

Value history_of(const Services& services, const AppStatus& status) {
    auto list = Value::list();
    const std::string_view field = status.application.is_multi_source ? "sources" : "source";
    const auto* source = status.application.document.path("spec", field);
    for (const auto& row : services.state.history(status.application.instance)) {
        auto value = Value::map({{"id", row.id}});
        set_revision(value, status.application, row.revision);
        value.set("deployStartedAt", base::to_rfc3339(row.started_at));
        value.set("deployedAt", base::to_rfc3339(row.deployed_at));
        value.set("initiatedBy", initiator(row.initiated_by, false));
        if (source != nullptr) value.set(field, *source);
        list.push_back(value);
    }
    return list;
}

Value resource_of(const ResourceStatus& resource) {
    auto value = Value::map();
    set_text(value, "group", resource.key.group);
    set_text(value, "version", resource.gvk.version);
    value.set("kind", resource.key.kind);
    set_text(value, "namespace", resource.key.ns);
    value.set("name", resource.key.name);
    value.set("status", sync_status_name(resource.sync));
    if (resource.health) value.set("health", health_of(*resource.health));
    if (resource.requires_pruning) value.set("requiresPruning", true);
    return value;
}

}  // namespace

ShownByComparison shown_by(const Comparison& comparison) {
    std::set<std::string> images;
    for (const auto& step : comparison.plan.steps) {
        if (step.hook) continue;
        const auto kind = kube::kind_of(step.live);
        const Value* pod = kind == "Pod"       ? step.live.path("spec")
                           : kind == "CronJob" ? step.live.path("spec", "jobTemplate", "spec", "template", "spec")
                                               : step.live.path("spec", "template", "spec");
        for (const auto* field : {"containers", "initContainers"}) {
            const Value* containers = pod != nullptr ? pod->find(field) : nullptr;
            if (containers == nullptr) continue;
            for (const auto& container : containers->items())
                if (const auto image = container.text_at("image"); !image.empty()) images.emplace(image);
        }
    }
    return {{images.begin(), images.end()}, std::string(render::source_type_name(comparison.rendered.type))};
}

Value argo_application(const Services& services, const AppStatus& status, const ShownByComparison& shown) {
    auto sync = Value::map({{"status", sync_status_name(status.sync)}});
    set_revision(sync, status.application, status.revision);
    auto told = Value::map({{"sync", sync}, {"health", health_of(status.health)}});
    if (!status.state.phase.empty()) told.set("operationState", operation_of(services, status));
    auto resources = Value::list();
    for (const auto& resource : status.resources) resources.push_back(resource_of(resource));
    told.set("resources", resources);
    auto conditions = Value::list();
    for (const auto& condition : status.conditions)
        conditions.push_back(Value::map({{"type", condition.type}, {"message", condition.message}}));
    told.set("conditions", conditions);
    told.set("history", history_of(services, status));
    told.set("summary", Value::map({{"images", texts(shown.images)}}));
    if (!status.application.is_multi_source) set_text(told, "sourceType", shown.source_type);
    told.set("reconciledAt", base::to_rfc3339(services.clock.now()));
    auto value = status.application.document;
    value.set("status", told);
    return value;
}

notify::Subject subject_of(const Services& services, const AppStatus& status, const ShownByComparison& shown) {
    notify::Subject subject{argo_application(services, status, shown), services.clock.now()};
    subject.project = project_document(services.state, status.application.project).value_or(Value());
    subject.commit_of = [&services, application = status.application](const std::string& sha) {
        return commit_facts(services, application, sha);
    };
    return subject;
}

notify::Subject subject_now(const Services& services, const Application& application) {
    CompareRequest request;
    request.fetch = Fetch::cached;
    try {
        const auto comparison = compare(services, application, request);
        return subject_of(services, status_from(services, application, comparison), shown_by(comparison));
    } catch (const base::Error& error) {
        return subject_of(services, unknown_status(services, application, &error), {});
    }
}

}  // namespace gitops::app
