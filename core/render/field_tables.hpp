// The tables that say which fields the transformers touch: built in, and from `configurations` and `crds`.
#pragma once

#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/render/field_reader.hpp"
#include "core/render/field_spec.hpp"

namespace gitops::render {

/// A kind and the fields elsewhere that hold a name of it.
struct NameReference {
    kube::Gvk target;
    FieldSpecs referrers;
};

struct TransformerConfig {
    FieldSpecs name_prefix, name_suffix, ns;
    FieldSpecs common_labels, labels, template_labels, common_annotations;
    FieldSpecs images, replicas, var_reference;
    std::vector<NameReference> name_reference;

    /// Adds the other's specs and brings all into table order. Error(invalid) for conflicting specs.
    void merge(TransformerConfig other);
    void sort();
    bool empty() const;
};

TransformerConfig make_default_config();
std::vector<NameReference> default_name_references();

/// A file of `configurations`. Error(invalid) for unknown fields and wrong types.
TransformerConfig parse_configuration(std::string_view text, const std::string& file);
/// A file of `crds`: OpenAPI definitions whose x-kubernetes-* extensions name labels, annotations and references.
TransformerConfig parse_crd_definitions(std::string_view text, const std::string& file);
/// One entry of a field spec list in the form of kustomization files.
FieldSpec parse_field_spec(const doc::Value& value, const std::string& file, Unknown unknown = Unknown::refuse);

void merge_name_reference(std::vector<NameReference>& base, NameReference more);

}  // namespace gitops::render
