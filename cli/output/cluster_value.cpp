#include "cli/output/cluster_value.hpp"

#include "cli/output/status_value.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

doc::Value cluster_value(const app::ClusterRow& row) {
    doc::Value value = doc::Value::map();
    value.set("name", row.name);
    value.set("kind", row.kind);
    value.set("current", row.current);
    value.set("kubeconfig", text_or_null(base::join(row.kubeconfig, ":")));
    value.set("context", text_or_null(row.context));
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

}  // namespace gitops::cli
