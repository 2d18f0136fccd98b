#include "core/app/state/last_seen.hpp"


#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using doc::Value;

/// StateDb takes a row of this kind away when the application is redefined, operated on, suspended or deleted.
constexpr std::string_view k_kind = "LastSeen";

Value seen_value(const AppStatus& status) {
    Value conditions = Value::list();
    for (const Condition& condition : status.conditions)
        conditions.push_back(Value::list({Value(condition.type), Value(condition.message)}));
    Value value = Value::map();
    value.set("app", status.application.instance);
    value.set("cluster", status.cluster);
    value.set("sync", sync_status_name(status.sync));
    value.set("health", deliver::health_name(status.health.status));
    value.set("message", status.health.message);
    value.set("revision", status.revision);
    value.set("conditions", std::move(conditions));
    return value;
}

SyncStatus sync_status_named(std::string_view name) {
    for (const auto status : {SyncStatus::synced, SyncStatus::out_of_sync})
        if (sync_status_name(status) == name) return status;
    return SyncStatus::unknown;
}

deliver::HealthStatus health_named(std::string_view name) {
    using enum deliver::HealthStatus;
    for (const auto status : {healthy, progressing, degraded, suspended, missing})
        if (deliver::health_name(status) == name) return status;
    return unknown;
}

AppStatus from_memory(Application application, const Value* seen) {
    AppStatus status;
    status.health = {deliver::HealthStatus::unknown, ""};
    status.cluster = application.destination.cluster;
    status.application = std::move(application);
    if (seen == nullptr) {
        status.conditions.push_back({"NotCompared", "not compared since it was defined or synced; --refresh looks"});
        return status;
    }
    status.cluster = seen->text_at("cluster");
    status.sync = sync_status_named(seen->text_at("sync"));
    status.health = {health_named(seen->text_at("health")), std::string(seen->text_at("message"))};
    status.revision = seen->text_at("revision");
    if (const Value* conditions = seen->find("conditions"))
        for (const Value& condition : conditions->items())
            status.conditions.push_back({std::string(condition.items()[0].text()), std::string(condition.items()[1].text())});
    return status;
}

}  // namespace

void remember(const Services& services, const AppStatus& status) {
    try {
        const Value value = seen_value(status);
        const auto known = services.state.definition(k_kind, status.application.instance);
        if (!known || *known != value) services.state.put_definition(k_kind, status.application.instance, value);
    } catch (const base::Error& error) {
        // A look must not fail because it could not be written down.
        services.events.emit({base::Level::debug, "status", status.application.name, error.message(), {}});
    }
}

std::vector<AppStatus> last_seen(const Services& services, std::vector<Application> applications, Operations operations) {
    const auto rows = services.state.definitions(k_kind);
    std::map<std::string_view, const Value*> seen;
    for (const Value& row : rows) seen.emplace(row.text_at("app"), &row);
    std::vector<AppStatus> statuses;
    statuses.reserve(applications.size());
    for (Application& application : applications) {
        const auto found = seen.find(application.instance);
        statuses.push_back(from_memory(std::move(application), found == seen.end() ? nullptr : found->second));
        if (operations == Operations::too) statuses.back().state = services.state.state(statuses.back().application.instance);
    }
    return statuses;
}

}  // namespace gitops::app
