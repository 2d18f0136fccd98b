#include "cli/output/cluster_value.hpp"

#include "cli/output/status_value.hpp"
#include "core/base/redact.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

doc::Value cluster_value(const app::ClusterRow& row, const backend::ContextView& view) {
    doc::Value groups = doc::Value::list(), labels = doc::Value::map();
    for (const std::string& group : row.as_groups) groups.push_back(group);
    for (const auto& [name, value] : row.labels) labels.set(name, value);
    doc::Value value = doc::Value::map();
    value.set("name", row.name);
    value.set("kind", row.kind);
    value.set("current", row.current);
    value.set("kubeconfig", text_or_null(kubeconfig_text(row)));
    value.set("context", text_or_null(row.context));
    value.set("server", text_or_null(base::redact(view.server)));
    value.set("user", text_or_null(view.user));
    value.set("as", text_or_null(row.as_user));
    value.set("asGroups", std::move(groups));
    value.set("labels", std::move(labels));
    value.set("recordNamespace", text_or_null(row.record_namespace));
    return value;
}

doc::Value fault_value(const embedded::Fault& fault) {
    doc::Value value = doc::Value::map();
    value.set("id", fault.id);
    value.set("kind", embedded::fault_name(fault.kind));
    value.set("image", fault.image_glob);
    value.set("delay", fault.delay.count() == 0 ? doc::Value() : doc::Value(base::format_duration(fault.delay)));
    return value;
}

std::string user_text(const app::ClusterRow& row, const backend::ContextView& view) {
    return row.as_user.empty() ? view.user : view.user + " as " + row.as_user;
}

std::string labels_text(const app::ClusterRow& row) {
    std::vector<std::string> labels;
    for (const auto& [name, value] : row.labels) labels.push_back(name + "=" + value);
    return base::join(labels, ",");
}

std::string kubeconfig_text(const app::ClusterRow& row) { return base::join(row.kubeconfig, ":"); }

}  // namespace gitops::cli
