#include "core/kube/catalog.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <tuple>

#include "core/base/text.hpp"
#include "core/kube/schema_tables.hpp"

namespace gitops::kube {

namespace {

using tables::k_kubernetes;
using tables::KindScope;

struct ShortName {
    std::string_view text;
    std::string_view resource;
};

/// As `kubectl api-resources` lists them.
constexpr ShortName k_short_names[] = {
    {"cm", "configmaps"},
    {"cj", "cronjobs"},
    {"crd", "customresourcedefinitions"},
    {"crds", "customresourcedefinitions"},
    {"cs", "componentstatuses"},
    {"csr", "certificatesigningrequests"},
    {"deploy", "deployments"},
    {"ds", "daemonsets"},
    {"ep", "endpoints"},
    {"ev", "events"},
    {"hpa", "horizontalpodautoscalers"},
    {"ing", "ingresses"},
    {"ip", "ipaddresses"},
    {"limits", "limitranges"},
    {"netpol", "networkpolicies"},
    {"no", "nodes"},
    {"ns", "namespaces"},
    {"pc", "priorityclasses"},
    {"pdb", "poddisruptionbudgets"},
    {"po", "pods"},
    {"pv", "persistentvolumes"},
    {"pvc", "persistentvolumeclaims"},
    {"quota", "resourcequotas"},
    {"rc", "replicationcontrollers"},
    {"rs", "replicasets"},
    {"sa", "serviceaccounts"},
    {"sc", "storageclasses"},
    {"sts", "statefulsets"},
    {"svc", "services"},
    {"vac", "volumeattributesclasses"},
};

/// Kinds of the API that answer a question or act on another object; nothing is stored under their names.
constexpr std::string_view k_not_stored[] = {
    "Binding",          "ComponentStatus",          "Eviction",              "ImageReview",
    "LocalSubjectAccessReview", "PodStatusResult",  "RangeAllocation",       "Scale",
    "SelfSubjectAccessReview",  "SelfSubjectReview", "SelfSubjectRulesReview", "SubjectAccessReview",
    "TokenRequest",     "TokenReview"};

/// Argo CD's order of kinds inside a wave (gitops-engine, pkg/sync/sync_tasks.go).
constexpr std::string_view k_apply_order[] = {
    "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget", "ServiceAccount",
    "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition",
    "ClusterRole", "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList", "RoleBinding",
    "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment",
    "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
    "AppProject"};  // not in Argo CD's order: without it an Application of the same wave cannot be synced at once

template <class Range>
bool has(const Range& range, std::string_view text) {
    return std::find(std::begin(range), std::end(range), text) != std::end(range);
}

KindInfo info_of(const tables::Kind& kind) {
    return {{std::string(k_kubernetes.text(kind.group)), std::string(k_kubernetes.text(kind.version)),
             std::string(k_kubernetes.text(kind.kind))},
            std::string(k_kubernetes.text(kind.resource)),
            kind.scope == KindScope::cluster ? Scope::cluster : Scope::namespaced};
}

/// Larger is preferred: v2 > v1 > v1beta2 > v1beta1 > v1alpha1 > anything else (apimachinery's version order).
std::tuple<int, int, int> version_priority(std::string_view version) {
    auto number = [&version] {
        int value = 0;
        auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), value);
        if (error != std::errc()) return -1;
        version.remove_prefix(static_cast<std::size_t>(end - version.data()));
        return value;
    };
    const std::tuple<int, int, int> unknown(-1, 0, 0);
    if (!version.starts_with('v')) return unknown;
    version.remove_prefix(1);
    const int major = number();
    if (major < 0) return unknown;
    if (version.empty()) return {2, major, 0};
    const int stability = version.starts_with("beta") ? 1 : version.starts_with("alpha") ? 0 : -1;
    if (stability < 0) return unknown;
    version.remove_prefix(stability == 1 ? 4 : 5);
    return {stability, major, number()};
}

/// The core group first, the abandoned "extensions" last: which group a bare resource name means.
int group_priority(std::string_view group) { return group.empty() ? 2 : group == "extensions" ? 0 : 1; }

bool better(const tables::Kind& a, const tables::Kind& b) {
    auto rank = [](const tables::Kind& kind) {
        return std::pair(group_priority(k_kubernetes.text(kind.group)), version_priority(k_kubernetes.text(kind.version)));
    };
    return rank(a) > rank(b);
}

/// The preferred one of the kinds that `accept` takes.
template <class Accept>
const tables::Kind* preferred(const Accept& accept) {
    const tables::Kind* best = nullptr;
    for (int i = 0; i < k_kubernetes.kind_count; ++i) {
        const auto& kind = k_kubernetes.kinds[i];
        if (accept(kind) && (best == nullptr || better(kind, *best))) best = &kind;
    }
    return best;
}

const tables::Kind* kinds_end() { return k_kubernetes.kinds + k_kubernetes.kind_count; }

bool is_of(const tables::Kind& kind, const Gvk& gvk) {
    return k_kubernetes.text(kind.kind) == gvk.kind && k_kubernetes.text(kind.group) == gvk.group;
}

/// The first of the versions of a kind, which stand side by side; kinds_end() when there are none.
const tables::Kind* first_version(const Gvk& gvk) {
    const std::pair<std::string_view, std::string_view> wanted(gvk.kind, gvk.group);
    const auto* at = std::lower_bound(k_kubernetes.kinds, kinds_end(), wanted, [](const tables::Kind& kind, const auto& other) {
        return std::pair(k_kubernetes.text(kind.kind), k_kubernetes.text(kind.group)) < other;
    });
    return at != kinds_end() && is_of(*at, gvk) ? at : kinds_end();
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

const tables::Kind* find_by_resource(std::string_view name, std::string_view version,
                                     std::optional<std::string_view> group) {
    for (const auto& short_name : k_short_names)
        if (same_ignoring_case(short_name.text, name)) name = short_name.resource;
    return preferred([&](const tables::Kind& kind) {
        if (!same_ignoring_case(k_kubernetes.text(kind.resource), name) && !same_ignoring_case(k_kubernetes.text(kind.kind), name))
            return false;
        if (group && k_kubernetes.text(kind.group) != *group) return false;
        return version.empty() || k_kubernetes.text(kind.version) == version;
    });
}

std::vector<KindInfo> collect_builtin_kinds() {
    std::vector<KindInfo> kinds;
    for (int i = 0; i < k_kubernetes.kind_count; ++i) {
        const auto& kind = k_kubernetes.kinds[i];
        const auto group = k_kubernetes.text(kind.group), name = k_kubernetes.text(kind.kind);
        if (group == "extensions" || has(k_not_stored, name)) continue;
        const auto* best = preferred([&](const tables::Kind& other) { return other.kind == kind.kind && other.group == kind.group; });
        if (best == &kind) kinds.push_back(info_of(kind));
    }
    std::sort(kinds.begin(), kinds.end(),
              [](const KindInfo& a, const KindInfo& b) { return std::tie(a.gvk.group, a.gvk.kind) < std::tie(b.gvk.group, b.gvk.kind); });
    return kinds;
}

}  // namespace

std::optional<KindInfo> find_kind(const Gvk& gvk) {
    const tables::Kind* best = nullptr;
    for (const auto* at = first_version(gvk); at != kinds_end() && is_of(*at, gvk); ++at) {
        if (!gvk.version.empty() && k_kubernetes.text(at->version) != gvk.version) continue;
        if (best == nullptr || better(*at, *best)) best = at;
    }
    if (best == nullptr) return std::nullopt;
    return info_of(*best);
}

std::optional<KindInfo> find_kind_by_name(std::string_view name) {
    const auto dot = name.find('.');
    const tables::Kind* found = nullptr;
    if (dot == std::string_view::npos) {
        found = find_by_resource(name, {}, std::nullopt);
    } else {
        const auto head = name.substr(0, dot), rest = name.substr(dot + 1);
        found = find_by_resource(head, {}, rest);
        const auto second = rest.find('.');
        const auto version = rest.substr(0, second);
        const auto group = second == std::string_view::npos ? std::string_view() : rest.substr(second + 1);
        if (found == nullptr && !version.empty()) found = find_by_resource(head, version, group);
    }
    if (found == nullptr) return std::nullopt;
    return info_of(*found);
}

const std::vector<KindInfo>& builtin_kinds() {
    static const std::vector<KindInfo> kinds = collect_builtin_kinds();
    return kinds;
}

Scope scope_of(const Gvk& gvk) {
    const auto* at = first_version(gvk);  // no kind changes its scope between versions
    return at != kinds_end() && at->scope == KindScope::cluster ? Scope::cluster : Scope::namespaced;
}

std::vector<KindInfo> kinds_of_crd(const doc::Value& crd) {
    std::vector<KindInfo> kinds;
    const doc::Value* spec = crd.find("spec");
    const doc::Value* names = crd.path("spec", "names");
    if (names == nullptr || names->text_at("kind").empty()) return kinds;
    KindInfo info;
    info.gvk.group = spec->text_at("group");
    info.gvk.kind = names->text_at("kind");
    info.resource = names->text_at("plural");
    info.scope = spec->text_at("scope") == "Cluster" ? Scope::cluster : Scope::namespaced;
    auto add = [&](std::string_view version) {
        info.gvk.version = version;
        kinds.push_back(info);
    };
    if (const auto* versions = spec->find("versions"); versions != nullptr && versions->is_list()) {
        for (const auto& version : versions->items()) {
            const auto* served = version.find("served");
            if (served != nullptr && served->as_bool() && !version.text_at("name").empty()) add(version.text_at("name"));
        }
    } else if (!spec->text_at("version").empty()) {
        add(spec->text_at("version"));  // apiextensions.k8s.io/v1beta1
    }
    return kinds;
}

int apply_rank(std::string_view kind) {
    const auto* found = std::find(std::begin(k_apply_order), std::end(k_apply_order), kind);
    return static_cast<int>(found - std::begin(k_apply_order));
}

}  // namespace gitops::kube
