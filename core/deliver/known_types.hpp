// Fields of custom resources that hold something Kubernetes has a type for, so that it can be compared as such: quantities
// by amount, containers by name, empty lists like absent ones. Argo CD's knownTypeFields.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/resource.hpp"
#include "core/kube/schema.hpp"

namespace gitops::deliver {

/// One entry of `resource.customizations.knownTypeFields.<group>_<kind>`.
struct KnownTypeField {
    std::string group, kind;  ///< globs
    std::string field;        ///< "spec.template.spec"
    std::string type;         ///< "core/v1/PodSpec", "core/Quantity"
};

struct TypedField {
    std::vector<std::string> steps;  ///< in FieldsV1 spelling
    kube::Type type;
};
using TypedFields = std::vector<TypedField>;

/// nullopt for a name that is not known here.
std::optional<kube::Type> known_type(std::string_view name);

/// What is known of objects of this kind: the built-in field of Argo's Rollouts and those of `fields`; null when nothing.
std::shared_ptr<const TypedFields> typed_fields_of(const kube::ResourceKey& key, const std::vector<KnownTypeField>& fields);

}  // namespace gitops::deliver
