#include "cli/output/kube_table.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/deliver/health/health.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

namespace {

using doc::Value;

std::string text_or(const Value* value, std::string_view standard) {
    return value == nullptr || value->is_null() || (value->is_string() && value->text().empty())
               ? std::string(standard)
               : std::string(value->text());
}

template <class... Keys>
std::string at(const Value& object, std::string_view standard, Keys... keys) {
    return text_or(object.path(keys...), standard);
}

std::string joined(const std::vector<std::string>& parts) {
    return parts.empty() ? "<none>" : base::join(parts, ",");
}

const Value* pod_spec(const Value& object) {
    return kube::kind_of(object) == "Pod" ? object.find("spec") : object.path("spec", "template", "spec");
}

std::string container_texts(const Value& object, std::string_view key) {
    const Value* spec = pod_spec(object);
    const Value* containers = spec == nullptr ? nullptr : spec->find("containers");
    std::vector<std::string> parts;
    if (containers != nullptr) {
        for (const Value& container : containers->items()) parts.emplace_back(container.text_at(key));
    }
    return joined(parts);
}

std::string map_text(const Value* map) {
    std::vector<std::string> parts;
    if (map != nullptr) {
        for (const doc::Entry& entry : map->entries())
            parts.push_back(std::string(entry.name()) + "=" + std::string(entry.value.text()));
    }
    return joined(parts);
}

// One function per column; `now` matters to ages only.
using ColumnText = std::string (*)(const Value& object, base::Time now);

std::string name(const Value& o, base::Time) { return std::string(kube::name_of(o)); }
std::string age(const Value& o, base::Time now) {
    return age_of(text_or(o.path("metadata", "creationTimestamp"), ""), now);
}
std::string images(const Value& o, base::Time) { return container_texts(o, "image"); }
std::string containers(const Value& o, base::Time) { return container_texts(o, "name"); }
std::string selector(const Value& o, base::Time) {
    const Value* labels = o.path("spec", "selector", "matchLabels");
    return map_text(labels != nullptr ? labels : o.path("spec", "selector"));
}

std::string ready(const Value& o, base::Time) {
    return at(o, "0", "status", "readyReplicas") + "/" + at(o, "1", "spec", "replicas");
}
std::string up_to_date(const Value& o, base::Time) { return at(o, "0", "status", "updatedReplicas"); }
std::string available(const Value& o, base::Time) { return at(o, "0", "status", "availableReplicas"); }

std::string desired(const Value& o, base::Time) { return at(o, "1", "spec", "replicas"); }
std::string current(const Value& o, base::Time) { return at(o, "0", "status", "replicas"); }
std::string ready_count(const Value& o, base::Time) { return at(o, "0", "status", "readyReplicas"); }

std::string daemon_desired(const Value& o, base::Time) { return at(o, "0", "status", "desiredNumberScheduled"); }
std::string daemon_current(const Value& o, base::Time) { return at(o, "0", "status", "currentNumberScheduled"); }
std::string daemon_ready(const Value& o, base::Time) { return at(o, "0", "status", "numberReady"); }
std::string daemon_updated(const Value& o, base::Time) { return at(o, "0", "status", "updatedNumberScheduled"); }
std::string daemon_available(const Value& o, base::Time) { return at(o, "0", "status", "numberAvailable"); }
std::string node_selector(const Value& o, base::Time) {
    return map_text(o.path("spec", "template", "spec", "nodeSelector"));
}

const Value* container_statuses(const Value& pod) { return pod.path("status", "containerStatuses"); }

std::string pod_ready(const Value& pod, base::Time) {
    std::size_t good = 0;
    if (const Value* statuses = container_statuses(pod)) {
        for (const Value& status : statuses->items())
            good += status.find("ready") != nullptr && status.find("ready")->as_bool() ? 1 : 0;
    }
    const Value* all = pod.path("spec", "containers");
    return std::to_string(good) + "/" + std::to_string(all == nullptr ? 0 : all->size());
}

/// The reason a container waits or ended for, else the phase: kubectl's STATUS.
std::string pod_status(const Value& pod, base::Time) {
    if (pod.path("metadata", "deletionTimestamp") != nullptr) return "Terminating";
    if (const Value* statuses = container_statuses(pod)) {
        for (const Value& status : statuses->items()) {
            for (const std::string_view kind : {"waiting", "terminated"}) {
                const Value* reason = status.path("state", kind, "reason");
                if (reason != nullptr && reason->is_string()) return std::string(reason->text());
            }
        }
    }
    if (const Value* reason = pod.path("status", "reason"); reason != nullptr && reason->is_string())
        return std::string(reason->text());
    return at(pod, "Unknown", "status", "phase");
}

std::string restarts(const Value& pod, base::Time) {
    std::int64_t total = 0;
    if (const Value* statuses = container_statuses(pod)) {
        for (const Value& status : statuses->items()) {
            if (const Value* count = status.find("restartCount")) total += count->to_int().value_or(0);
        }
    }
    return std::to_string(total);
}
std::string pod_ip(const Value& o, base::Time) { return at(o, "<none>", "status", "podIP"); }
std::string pod_node(const Value& o, base::Time) { return at(o, "<none>", "spec", "nodeName"); }

std::string service_type(const Value& o, base::Time) { return at(o, "ClusterIP", "spec", "type"); }
std::string cluster_ip(const Value& o, base::Time) { return at(o, "<none>", "spec", "clusterIP"); }
std::string external_ip(const Value& o, base::Time) {
    if (at(o, "", "spec", "type") == "ExternalName") return at(o, "<none>", "spec", "externalName");
    std::vector<std::string> addresses;
    if (const Value* ingress = o.path("status", "loadBalancer", "ingress")) {
        for (const Value& point : ingress->items())
            addresses.push_back(text_or(point.find("ip"), point.text_at("hostname")));
    }
    if (addresses.empty() && at(o, "", "spec", "type") == "LoadBalancer") return "<pending>";
    return joined(addresses);
}
std::string service_ports(const Value& o, base::Time) {
    std::vector<std::string> parts;
    if (const Value* ports = o.path("spec", "ports")) {
        for (const Value& port : ports->items()) {
            std::string text = text_or(port.find("port"), "?");
            if (const Value* node = port.find("nodePort")) text += ":" + std::string(node->text());
            parts.push_back(text + "/" + text_or(port.find("protocol"), "TCP"));
        }
    }
    return joined(parts);
}

std::string data_count(const Value& o, base::Time) {
    std::size_t count = 0;
    for (const std::string_view key : {"data", "binaryData"}) count += o.has(key) ? o.find(key)->size() : 0;
    return std::to_string(count);
}
std::string secret_type(const Value& o, base::Time) { return text_or(o.find("type"), "Opaque"); }
std::string phase(const Value& o, base::Time) { return at(o, "<unknown>", "status", "phase"); }

std::string job_status(const Value& job, base::Time) {
    if (const Value* conditions = job.path("status", "conditions")) {
        for (const Value& condition : conditions->items()) {
            if (condition.text_at("status") == "True") return std::string(condition.text_at("type"));
        }
    }
    return "Running";
}
std::string completions(const Value& o, base::Time) {
    return at(o, "0", "status", "succeeded") + "/" + at(o, "1", "spec", "completions");
}
std::string job_duration(const Value& o, base::Time now) {
    const auto started = base::parse_rfc3339(at(o, "", "status", "startTime"));
    if (!started) return "";
    const auto ended = base::parse_rfc3339(at(o, "", "status", "completionTime"));
    return short_span(ended.value_or(now) - *started);
}
std::string schedule(const Value& o, base::Time) { return at(o, "<none>", "spec", "schedule"); }
std::string suspended(const Value& o, base::Time) {
    return at(o, "false", "spec", "suspend") == "true" ? "True" : "False";
}
std::string last_schedule(const Value& o, base::Time now) {
    const std::string time = at(o, "", "status", "lastScheduleTime");
    return time.empty() ? "<none>" : age_of(time, now);
}

std::string ingress_class(const Value& o, base::Time) { return at(o, "<none>", "spec", "ingressClassName"); }
std::string hosts(const Value& o, base::Time) {
    std::vector<std::string> parts;
    if (const Value* rules = o.path("spec", "rules")) {
        for (const Value& rule : rules->items()) parts.push_back(text_or(rule.find("host"), "*"));
    }
    return parts.empty() ? "*" : base::join(parts, ",");
}
std::string scale_target(const Value& o, base::Time) {
    return at(o, "?", "spec", "scaleTargetRef", "kind") + "/" + at(o, "?", "spec", "scaleTargetRef", "name");
}
std::string min_pods(const Value& o, base::Time) { return at(o, "1", "spec", "minReplicas"); }
std::string max_pods(const Value& o, base::Time) { return at(o, "?", "spec", "maxReplicas"); }
std::string hpa_replicas(const Value& o, base::Time) { return at(o, "0", "status", "currentReplicas"); }
std::string volume(const Value& o, base::Time) { return at(o, "", "spec", "volumeName"); }
std::string storage_class(const Value& o, base::Time) { return at(o, "", "spec", "storageClassName"); }
std::string capacity(const Value& o, base::Time) { return at(o, "", "status", "capacity", "storage"); }

struct Column {
    std::string_view title;
    ColumnText cell;
    Width width = Width::normal;
};

struct KindColumns {
    std::string_view kind;
    std::vector<Column> columns;
};

// clang-format off: one block per kind, as kubectl prints them
const std::vector<KindColumns>& kind_columns() {
    constexpr Column k_containers{"CONTAINERS", containers, Width::wide};
    constexpr Column k_images{"IMAGES", images, Width::wide};
    constexpr Column k_selector{"SELECTOR", selector, Width::wide};
    static const std::vector<KindColumns> k_table{
        {"Deployment", {{"NAME", name}, {"READY", ready}, {"UP-TO-DATE", up_to_date}, {"AVAILABLE", available},
                        {"AGE", age}, k_containers, k_images, k_selector}},
        {"ReplicaSet", {{"NAME", name}, {"DESIRED", desired}, {"CURRENT", current}, {"READY", ready_count},
                        {"AGE", age}, k_containers, k_images, k_selector}},
        {"StatefulSet", {{"NAME", name}, {"READY", ready}, {"AGE", age}, k_containers, k_images}},
        {"DaemonSet", {{"NAME", name}, {"DESIRED", daemon_desired}, {"CURRENT", daemon_current},
                       {"READY", daemon_ready}, {"UP-TO-DATE", daemon_updated}, {"AVAILABLE", daemon_available},
                       {"NODE SELECTOR", node_selector}, {"AGE", age}, k_containers, k_images, k_selector}},
        {"Pod", {{"NAME", name}, {"READY", pod_ready}, {"STATUS", pod_status}, {"RESTARTS", restarts}, {"AGE", age},
                 {"IP", pod_ip, Width::wide}, {"NODE", pod_node, Width::wide}, k_images}},
        {"Service", {{"NAME", name}, {"TYPE", service_type}, {"CLUSTER-IP", cluster_ip},
                     {"EXTERNAL-IP", external_ip}, {"PORT(S)", service_ports}, {"AGE", age}, k_selector}},
        {"ConfigMap", {{"NAME", name}, {"DATA", data_count}, {"AGE", age}}},
        {"Secret", {{"NAME", name}, {"TYPE", secret_type}, {"DATA", data_count}, {"AGE", age}}},
        {"Namespace", {{"NAME", name}, {"STATUS", phase}, {"AGE", age}}},
        {"Job", {{"NAME", name}, {"STATUS", job_status}, {"COMPLETIONS", completions}, {"DURATION", job_duration},
                 {"AGE", age}, k_containers, k_images}},
        {"CronJob", {{"NAME", name}, {"SCHEDULE", schedule}, {"SUSPEND", suspended},
                     {"LAST SCHEDULE", last_schedule}, {"AGE", age}}},
        {"Ingress", {{"NAME", name}, {"CLASS", ingress_class}, {"HOSTS", hosts}, {"ADDRESS", external_ip},
                     {"AGE", age}}},
        {"HorizontalPodAutoscaler", {{"NAME", name}, {"REFERENCE", scale_target}, {"MINPODS", min_pods},
                                     {"MAXPODS", max_pods}, {"REPLICAS", hpa_replicas}, {"AGE", age}}},
        {"PersistentVolumeClaim", {{"NAME", name}, {"STATUS", phase}, {"VOLUME", volume}, {"CAPACITY", capacity},
                                   {"STORAGECLASS", storage_class}, {"AGE", age}}},
    };
    return k_table;
}
// clang-format on

const std::vector<Column>& columns_of(std::string_view kind) {
    static const std::vector<Column> k_any{{"NAME", name}, {"AGE", age}};
    const auto& table = kind_columns();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const KindColumns& row) { return row.kind == kind; });
    return found == table.end() ? k_any : found->columns;
}

}  // namespace

Table kube_table(std::span<const Value> objects, Width width, NamespaceColumn column, base::Time now) {
    if (objects.empty()) return Table();
    std::vector<Column> shown;
    for (const Column& candidate : columns_of(kube::kind_of(objects.front()))) {
        if (candidate.width == Width::normal || width == Width::wide) shown.push_back(candidate);
    }
    std::vector<std::string> titles;
    if (column == NamespaceColumn::yes) titles.emplace_back("NAMESPACE");
    for (const Column& each : shown) titles.emplace_back(each.title);
    Table table(std::move(titles));
    for (const Value& object : objects) {
        std::vector<std::string> row;
        if (column == NamespaceColumn::yes) row.emplace_back(kube::namespace_of(object));
        for (const Column& each : shown) row.push_back(each.cell(object, now));
        table.add_plain(row);
    }
    return table;
}

std::string age_of(std::string_view rfc3339, base::Time now) {
    const auto then = base::parse_rfc3339(rfc3339);
    return then ? short_span(now - *then) : "<unknown>";
}

std::string short_span(base::Duration span) {
    // The steps of apimachinery's HumanDuration.
    const std::int64_t seconds =
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(span).count());
    const std::int64_t minutes = seconds / 60;
    const std::int64_t hours = minutes / 60;
    const std::int64_t days = hours / 24;
    const auto two = [](std::int64_t a, const char* unit, std::int64_t b, const char* smaller) {
        return std::to_string(a) + unit + (b == 0 ? std::string() : std::to_string(b) + smaller);
    };
    if (seconds < 120) return std::to_string(seconds) + "s";
    if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
    if (minutes < 180) return std::to_string(minutes) + "m";
    if (hours < 8) return two(hours, "h", minutes % 60, "m");
    if (hours < 48) return std::to_string(hours) + "h";
    if (days < 8) return two(days, "d", hours % 24, "h");
    if (days < 730) return std::to_string(days) + "d";
    return two(days / 365, "y", days % 365, "d");
}

}  // namespace gitops::cli
