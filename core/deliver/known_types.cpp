#include "core/deliver/known_types.hpp"

#include <algorithm>
#include <array>

#include "core/base/glob.hpp"
#include "core/base/text.hpp"
#include "core/kube/fields.hpp"

namespace gitops::deliver {
namespace {

/// Where the schema of a built-in kind has a type: the way below Pod, "[]" for the items of a list.
struct TypePlace {
    std::string_view name, kind, way;
};
constexpr std::array k_types = {
    TypePlace{"core/v1/PodSpec", "Pod", "spec"},
    TypePlace{"core/v1/PodTemplateSpec", "ReplicationController", "spec.template"},
    TypePlace{"core/v1/Container", "Pod", "spec.containers.[]"},
    TypePlace{"core/v1/ContainerPort", "Pod", "spec.containers.[].ports.[]"},
    TypePlace{"core/v1/EnvVar", "Pod", "spec.containers.[].env.[]"},
    TypePlace{"core/v1/EnvFromSource", "Pod", "spec.containers.[].envFrom.[]"},
    TypePlace{"core/v1/Probe", "Pod", "spec.containers.[].livenessProbe"},
    TypePlace{"core/v1/Lifecycle", "Pod", "spec.containers.[].lifecycle"},
    TypePlace{"core/v1/ResourceRequirements", "Pod", "spec.containers.[].resources"},
    TypePlace{"core/v1/ResourceList", "Pod", "spec.containers.[].resources.limits"},
    TypePlace{"core/Quantity", "Pod", "spec.containers.[].resources.limits.[]"},
    TypePlace{"core/v1/SecurityContext", "Pod", "spec.containers.[].securityContext"},
    TypePlace{"core/v1/VolumeMount", "Pod", "spec.containers.[].volumeMounts.[]"},
    TypePlace{"core/v1/Affinity", "Pod", "spec.affinity"},
    TypePlace{"core/v1/NodeAffinity", "Pod", "spec.affinity.nodeAffinity"},
    TypePlace{"core/v1/PodAffinity", "Pod", "spec.affinity.podAffinity"},
    TypePlace{"core/v1/PodDNSConfig", "Pod", "spec.dnsConfig"},
    TypePlace{"core/v1/HostAlias", "Pod", "spec.hostAliases.[]"},
    TypePlace{"core/v1/LocalObjectReference", "Pod", "spec.imagePullSecrets.[]"},
    TypePlace{"core/v1/PodSecurityContext", "Pod", "spec.securityContext"},
    TypePlace{"core/v1/Toleration", "Pod", "spec.tolerations.[]"},
    TypePlace{"core/v1/TopologySpreadConstraint", "Pod", "spec.topologySpreadConstraints.[]"},
    TypePlace{"core/v1/Volume", "Pod", "spec.volumes.[]"},
    TypePlace{"core/v1/PersistentVolumeClaimSpec", "PersistentVolumeClaim", "spec"},
    TypePlace{"core/v1/ServiceSpec", "Service", "spec"},
    TypePlace{"core/v1/ServicePort", "Service", "spec.ports.[]"},
};

bool glob(const std::string& pattern, const std::string& text) {
    return pattern.empty() ? text.empty() : base::glob_match(pattern, text, base::GlobMode::name);
}

std::vector<std::string> steps_of(std::string_view field) {
    std::vector<std::string> steps;
    for (const auto name : base::split(field, '.')) steps.push_back(kube::field_step(name));
    return steps;
}

}  // namespace

std::optional<kube::Type> known_type(std::string_view name) {
    const auto* place = std::ranges::find(k_types, name, &TypePlace::name);
    if (place == k_types.end()) return std::nullopt;
    auto type = kube::Schema::kubernetes().root({"", "v1", std::string(place->kind)});
    for (const auto step : base::split(place->way, '.')) type = step == "[]" ? type.element() : type.field(step).value_or(kube::Type{});
    return type;
}

std::shared_ptr<const TypedFields> typed_fields_of(const kube::ResourceKey& key, const std::vector<KnownTypeField>& fields) {
    TypedFields found;
    if (key.group == "argoproj.io" && key.kind == "Rollout") found.push_back({steps_of("spec.template.spec"), *known_type("core/v1/PodSpec")});
    for (const auto& field : fields) {
        if (!glob(field.group, key.group) || !glob(field.kind, key.kind)) continue;
        if (const auto type = known_type(field.type)) found.push_back({steps_of(field.field), *type});
    }
    return found.empty() ? nullptr : std::make_shared<const TypedFields>(std::move(found));
}

}  // namespace gitops::deliver
