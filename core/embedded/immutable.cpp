#include "core/embedded/immutable.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/embedded/documents.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// Rules of the API server's validation (k8s.io/kubernetes/pkg/apis/*/validation), one line per field. A '*' at the
/// end stands for every field of the parent but the `except` ones.
struct Rule {
    std::string_view group;
    std::string_view kind;
    std::string_view path;
    std::array<std::string_view, 7> except{};
};

constexpr std::array k_rules{
    Rule{"apps", "Deployment", "spec.selector"},
    Rule{"apps", "ReplicaSet", "spec.selector"},
    Rule{"apps", "DaemonSet", "spec.selector"},
    Rule{"apps", "StatefulSet", "spec.*",
         {"replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy",
          "minReadySeconds", "revisionHistoryLimit"}},
    Rule{"batch", "Job", "spec.selector"},
    Rule{"batch", "Job", "spec.template"},
    Rule{"batch", "Job", "spec.completionMode"},
    Rule{"", "PersistentVolumeClaim", "spec.*", {"resources", "volumeAttributesClassName"}},
    Rule{"", "Secret", "type"},
    Rule{"rbac.authorization.k8s.io", "RoleBinding", "roleRef"},
    Rule{"rbac.authorization.k8s.io", "ClusterRoleBinding", "roleRef"},
    Rule{"storage.k8s.io", "StorageClass", "provisioner"},
    Rule{"storage.k8s.io", "StorageClass", "parameters"},
    Rule{"storage.k8s.io", "StorageClass", "reclaimPolicy"},
    Rule{"storage.k8s.io", "StorageClass", "volumeBindingMode"},
    Rule{"scheduling.k8s.io", "PriorityClass", "value"},
    Rule{"apiextensions.k8s.io", "CustomResourceDefinition", "spec.group"},
    Rule{"apiextensions.k8s.io", "CustomResourceDefinition", "spec.scope"},
};

[[noreturn]] void refuse(const Location& location, std::string_view field, std::string_view why) {
    throw base::Error(base::Code::invalid,
                      location.key.text() + ": " + std::string(field) + ": " + std::string(why))
        .hint("delete the object and create it anew (sync with Force=true does both), or keep the field as it is");
}

const Value* at_path(const Value& object, std::string_view path) {
    const Value* node = &object;
    for (std::string_view part : base::split(path, '.')) {
        if (node == nullptr) return nullptr;
        node = node->find(part);
    }
    return node;
}

bool same(const Value* one, const Value* other) {
    bool none = one == nullptr || one->is_null(), other_none = other == nullptr || other->is_null();
    if (none || other_none) return none == other_none;
    return *one == *other;
}

std::string shown(const Value* value) {
    if (value == nullptr) return "nothing";
    std::string text = doc::write_json(*value);
    return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

void compare(const Location& location, std::string_view path, const Value* was, const Value* wanted) {
    if (same(was, wanted)) return;
    bool secret = location.key.kind == "Secret" && path != "type";
    refuse(location, path,
           secret ? std::string("this field cannot change")
                  : "this field cannot change: it is " + shown(was) + ", the change wants " + shown(wanted));
}

/// A volumeName may be set once: by whoever binds the claim.
bool is_late_binding(const Location& location, std::string_view field, const Value* was) {
    return location.key.kind == "PersistentVolumeClaim" && field == "volumeName" && was == nullptr;
}

void compare_all(const Location& location, const Rule& rule, const Value& live, const Value& object) {
    std::string parent(rule.path.substr(0, rule.path.size() - 2));
    Value was = copy_or_null(at_path(live, parent));
    Value wanted = copy_or_null(at_path(object, parent));
    auto check = [&](std::string_view field) {
        if (std::ranges::find(rule.except, field) != rule.except.end()) return;
        if (is_late_binding(location, field, was.find(field))) return;
        compare(location, parent + "." + std::string(field), was.find(field), wanted.find(field));
    };
    for (const doc::Entry& entry : was.entries()) check(entry.name());
    for (const doc::Entry& entry : wanted.entries()) check(entry.name());
}

void check_service(const Location& location, const Value& live, const Value& object) {
    const Value* was = live.path("spec", "clusterIP");
    const Value* wanted = object.path("spec", "clusterIP");
    const Value* type = object.path("spec", "type");
    bool leaves = type != nullptr && type->text() == "ExternalName";
    if (was != nullptr && !was->text().empty() && !leaves) compare(location, "spec.clusterIP", was, wanted);
}

void check_frozen(const Location& location, const Value& live, const Value& object) {
    const Value* frozen = live.find("immutable");
    if (frozen == nullptr || !frozen->as_bool()) return;
    const Value* still = object.find("immutable");
    if (still == nullptr || !still->as_bool())
        refuse(location, "immutable", "an object that was made immutable stays so");
    for (std::string_view field : {"data", "binaryData"})
        if (!same(live.find(field), object.find(field)))
            refuse(location, field, "the object is immutable: its data cannot change");
}

/// A suspended Job that never ran may still change its template; so Kubernetes lets queues place it.
bool is_unstarted_job(const Location& location, const Value& live) {
    const Value* suspended = live.path("spec", "suspend");
    return location.key.kind == "Job" && suspended != nullptr && suspended->as_bool() &&
           live.path("status", "startTime") == nullptr;
}

}  // namespace

void refuse_immutable(const Location& location, const Value& live, const Value& object) {
    if (location.origin != KindOrigin::builtin) return;
    for (const Rule& rule : k_rules) {
        if (rule.kind != location.key.kind || rule.group != location.key.group) continue;
        if (rule.path == "spec.template" && is_unstarted_job(location, live)) continue;
        if (rule.path.ends_with('*')) compare_all(location, rule, live, object);
        else compare(location, rule.path, at_path(live, rule.path), at_path(object, rule.path));
    }
    if (!location.key.group.empty()) return;
    if (location.key.kind == "Service") check_service(location, live, object);
    if (location.key.kind == "ConfigMap" || location.key.kind == "Secret") check_frozen(location, live, object);
}

}  // namespace gitops::embedded
