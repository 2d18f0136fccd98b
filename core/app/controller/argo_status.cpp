#include "core/app/controller/argo_status.hpp"

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

Value operation_of(const AppStatus& status) {
    const auto& state = status.state;
    auto value = Value::map({{"phase", state.phase}});
    set_text(value, "message", state.message);
    set_time(value, "startedAt", state.started_at);
    set_time(value, "finishedAt", state.finished_at);
    if (!state.revision.empty()) {
        value.set("operation", Value::map({{"sync", Value::map({{"revision", state.revision}})}}));
        value.set("syncResult", Value::map({{"revision", state.revision}}));
    }
    return value;
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

Value argo_application(const AppStatus& status) {
    auto sync = Value::map({{"status", sync_status_name(status.sync)}});
    set_text(sync, "revision", status.revision);
    auto told = Value::map({{"sync", sync}, {"health", health_of(status.health)}});
    if (!status.state.phase.empty()) told.set("operationState", operation_of(status));
    auto resources = Value::list();
    for (const auto& resource : status.resources) resources.push_back(resource_of(resource));
    told.set("resources", resources);
    auto conditions = Value::list();
    for (const auto& condition : status.conditions)
        conditions.push_back(Value::map({{"type", condition.type}, {"message", condition.message}}));
    told.set("conditions", conditions);
    auto value = status.application.document;
    value.set("status", told);
    return value;
}

}  // namespace gitops::app
