#include "cli/output/status_value.hpp"

namespace gitops::cli {

using doc::Value;

Value key_value(const kube::ResourceKey& key) {
    Value value = Value::map();
    value.set("group", key.group);
    value.set("kind", key.kind);
    value.set("namespace", key.ns);
    value.set("name", key.name);
    return value;
}

Value health_value(const std::optional<deliver::Health>& health) {
    if (!health) return {};
    Value value = Value::map();
    value.set("status", deliver::health_name(health->status));
    value.set("message", text_or_null(health->message));
    return value;
}

Cell health_cell(const std::optional<deliver::Health>& health) {
    return health ? status_cell(deliver::health_name(health->status)) : Cell("");
}

Value time_value(const std::optional<base::Time>& time) { return time ? Value(base::to_rfc3339(*time)) : Value(); }

Value text_or_null(std::string_view text) { return text.empty() ? Value() : Value(text); }

}  // namespace gitops::cli
