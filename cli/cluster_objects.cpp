#include "cli/cluster_objects.hpp"

#include <algorithm>
#include <array>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

bool is_called(const kube::KindInfo& kind, std::string_view name) {
    const std::string wanted = base::lower(name);
    const std::string dotted = kind.gvk.group.empty() ? std::string() : "." + kind.gvk.group;
    for (const std::string& own : {base::lower(kind.gvk.kind), base::lower(kind.resource)}) {
        if (wanted == own || (!dotted.empty() && wanted == own + dotted)) return true;
    }
    return false;
}

struct PodSpecPath {
    std::string_view kind;
    std::vector<std::string> path;
};

}  // namespace

kube::KindInfo resolve_kind(kube::Cluster& cluster, std::string_view name) {
    if (const auto builtin = kube::find_kind_by_name(name)) return *builtin;
    const std::vector<kube::KindInfo> served = cluster.kinds();
    const auto found =
        std::find_if(served.begin(), served.end(), [&](const kube::KindInfo& kind) { return is_called(kind, name); });
    if (found != served.end()) return *found;
    std::vector<std::string> names{"deploy", "svc", "cm", "po", "ns", "sts", "ds", "rs", "hpa", "ing", "pvc", "all"};
    for (const kube::KindInfo& kind : served) {
        names.push_back(base::lower(kind.gvk.kind));
        names.push_back(kind.resource);
    }
    throw Error(Code::not_found, "the cluster has no kind '" + std::string(name) + "'")
        .suggest(base::near_names(name, names));
}

kube::ObjectRef resolve_object(kube::Cluster& cluster, const std::string& target, const std::string& name,
                               const std::string& ns) {
    const std::size_t slash = target.find('/');
    const std::string kind_name = target.substr(0, slash);
    const std::string object_name = slash == std::string::npos ? name : target.substr(slash + 1);
    if (kind_name.empty() || object_name.empty()) {
        throw Error(Code::invalid, "'" + target + "' names no object").hint("write KIND/NAME, as deployment/web");
    }
    const kube::KindInfo kind = resolve_kind(cluster, kind_name);
    return {kind.gvk, kind.scope == kube::Scope::cluster ? std::string() : ns, object_name};
}

doc::Value require_object(kube::Cluster& cluster, const kube::ObjectRef& ref) {
    if (std::optional<doc::Value> object = cluster.get(ref)) return std::move(*object);
    std::vector<std::string> names;
    for (const doc::Value& other :
         cluster.list({ref.gvk, ref.ns.empty() ? std::optional<std::string>() : ref.ns, ""})) {
        names.emplace_back(kube::name_of(other));
    }
    throw Error(Code::not_found,
                shown_name(ref.gvk, ref.name) + " not found" + (ref.ns.empty() ? "" : " in namespace " + ref.ns))
        .suggest(base::near_names(ref.name, names));
}

std::string shown_name(const kube::Gvk& gvk, std::string_view name) {
    return base::lower(gvk.kind) + (gvk.group.empty() ? "" : "." + gvk.group) + "/" + std::string(name);
}

std::string shown_name(const doc::Value& object) { return shown_name(kube::gvk_of(object), kube::name_of(object)); }

doc::Value without_managed_fields(doc::Value object) {
    if (doc::Value* metadata = object.find_mutable("metadata")) metadata->erase("managedFields");
    return object;
}

std::vector<std::string> pod_spec_path(std::string_view kind) {
    static const std::array<PodSpecPath, 8> k_paths{{
        {"Pod", {"spec"}},
        {"Deployment", {"spec", "template", "spec"}},
        {"StatefulSet", {"spec", "template", "spec"}},
        {"DaemonSet", {"spec", "template", "spec"}},
        {"ReplicaSet", {"spec", "template", "spec"}},
        {"ReplicationController", {"spec", "template", "spec"}},
        {"Job", {"spec", "template", "spec"}},
        {"CronJob", {"spec", "jobTemplate", "spec", "template", "spec"}},
    }};
    const auto found =
        std::find_if(k_paths.begin(), k_paths.end(), [&](const PodSpecPath& row) { return row.kind == kind; });
    return found == k_paths.end() ? std::vector<std::string>() : found->path;
}

}  // namespace gitops::cli
