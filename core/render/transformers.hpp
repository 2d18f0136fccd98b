// The transformers of a kustomization that need no target: each one changes every object its field specs name.
#pragma once

#include <string>

#include "core/render/collection.hpp"
#include "core/render/field_tables.hpp"
#include "core/render/kustomization.hpp"

namespace gitops::render {

enum class Affix { prefix, suffix };
void add_affix(Collection& objects, Affix affix, const std::string& text, const FieldSpecs& specs);

/// Which subjects of role bindings get the namespace.
enum class BindingSubjects { only_default, service_accounts, none };
BindingSubjects parse_binding_subjects(const std::string& name);

struct NamespaceChange {
    std::string ns;
    FieldSpecs specs;
    BindingSubjects subjects = BindingSubjects::only_default;
    bool unset_only = false;
};
/// Error(invalid) when two objects end with one id.
void set_namespace(Collection& objects, const NamespaceChange& change);
/// The same for one object, without the check and without remembering the old id.
void set_namespace(Object& object, const NamespaceChange& change);

/// Sets the entries of a map of strings: labels or annotations.
void set_entries(Collection& objects, const StringMap& entries, const FieldSpecs& specs);
/// The field specs that one entry of `labels` works with.
FieldSpecs label_specs(const LabelEntry& label, const TransformerConfig& config);

/// Error(invalid) when no object matches.
void set_replicas(Collection& objects, const ReplicaEntry& replica, const FieldSpecs& specs);

void set_images(Collection& objects, const ImageEntry& image, const FieldSpecs& specs);

}  // namespace gitops::render
