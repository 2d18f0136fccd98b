#include "core/render/transformers.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

/// Kinds whose names never get a prefix or suffix.
bool keeps_its_name(const kube::Gvk& gvk) {
    return gvk.kind == "CustomResourceDefinition" || gvk.kind == "Namespace" ||
           (gvk.kind == "APIService" && gvk.group == "apiregistration.k8s.io");
}

void need_scalar(const Value& value) {
    if (value.is_scalar()) return;
    throw base::Error(base::Code::invalid,
                      "wrong node kind: expected ScalarNode but got " + std::string(value.is_map() ? "MappingNode" : "SequenceNode"));
}

std::string_view name_path() { return "metadata/name"; }

bool is_role_binding(std::string_view kind) { return kind == "RoleBinding" || kind == "ClusterRoleBinding"; }

/// Puts a string there, in the style of what it replaces.
void put_string(Value& field, const std::string& text) {
    need_scalar(field);
    auto style = field.style();
    field = Value(text);
    field.set_style(style == Value::Style::plain ? Value::Style::none : style);
}

void put_namespace(Value& field, const NamespaceChange& change) {
    if (change.unset_only && field.is_scalar() && !field.is_null() && !field.text().empty()) return;
    put_string(field, change.ns);
}

void set_subject_namespaces(Object& object, const NamespaceChange& change) {
    if (change.subjects == BindingSubjects::none) return;
    const Value* subjects = object.node.find("subjects");
    if (subjects == nullptr || !subjects->is_list()) return;
    bool by_kind = change.subjects == BindingSubjects::service_accounts;
    for (std::size_t i = 0; i < subjects->size(); ++i) {
        std::string_view text = scalar_text(subjects->items()[i].find(by_kind ? "kind" : "name"));
        if (text != (by_kind ? "ServiceAccount" : "default")) continue;
        put_namespace(object.node.at("subjects").item(i).at("namespace"), change);
        subjects = object.node.find("subjects");
    }
}

/// The entries with this key that the specs name, as paths.
std::vector<PlacePath> entry_places(const Object& object, const std::string& key, const FieldSpecs& specs) {
    std::vector<PlacePath> places;
    for (const auto& spec : specs) {
        if (!spec.applies_to(object.id().gvk)) continue;
        for (auto& place : places_of(object.node, spec.steps)) {
            place.push_back(key);
            places.push_back(std::move(place));
        }
    }
    return places;
}

/// Those of them that are there already.
std::set<PlacePath> present_entries(const Object& object, const std::string& key, const FieldSpecs& specs) {
    std::set<PlacePath> present;
    for (const auto& spec : specs) {
        if (!spec.applies_to(object.id().gvk)) continue;
        for (auto& place : places_of(object.node, spec.steps)) {
            const Value* map = place_value(object.node, place);
            if (map == nullptr || !map->has(key)) continue;
            place.push_back(key);
            present.insert(std::move(place));
        }
    }
    return present;
}

/// A key that a plain YAML scalar cannot spell as text breaks the printing of the object in kustomize, too.
void refuse_typed_key(const Value& map, const std::string& key) {
    if (key == "<<") throw base::Error(base::Code::invalid, "map merge requires map or sequence of maps as the value");
    if (map.has(key) || is_plain_string(key)) return;
    throw base::Error(base::Code::invalid, "json: unsupported type: map[interface {}]interface {}")
        .note("the key '" + key + "' of a label or annotation is no text in YAML");
}

void set_entry(Object& object, const std::string& key, const std::string& text, const FieldSpecs& specs) {
    std::size_t made = 0;
    auto before = specs.size() > 1 ? present_entries(object, key, specs) : std::set<PlacePath>();
    for (const auto& spec : specs) {
        if (!spec.applies_to(object.id().gvk)) continue;
        apply_spec(object, spec, Leaf::map, [&](Value& map) {
            if (!map.is_map() && !map.is_null())
                throw base::Error(base::Code::invalid, "wrong node kind: expected MappingNode but got " +
                                                           std::string(map.is_list() ? "SequenceNode" : "ScalarNode"));
            if (map.is_null()) return;  // only a spec that creates makes a map of it
            refuse_typed_key(map, key);
            made += map.has(key) ? 0 : 1;
            map.set(key, text);
        });
    }
    if (made > 1) {
        auto places = entry_places(object, key, specs);
        std::erase_if(places, [&](const PlacePath& place) { return before.contains(place); });
        object.shared.share(std::move(places), Value(text));
    }
    object.shared.settle(object.node);
}

}  // namespace

void add_affix(Collection& objects, Affix affix, const std::string& text, const FieldSpecs& specs) {
    for (const auto& object : objects.items()) {
        Id original = object->original_id();
        if (keeps_its_name(original.gvk)) continue;
        for (const auto& spec : specs) {
            if (!spec.applies_to(original.gvk)) continue;
            if (spec.path == name_path() && !text.empty()) {
                (affix == Affix::prefix ? object->prefixes : object->suffixes).push_back(text);
                object->remember_id();
            }
            apply_spec(*object, spec, Leaf::scalar, [&](Value& field) {
                need_scalar(field);
                std::string old = node_text(field);
                set_untagged(field, affix == Affix::prefix ? text + old : old + text);
            });
        }
        objects.sync(*object);
    }
}

BindingSubjects parse_binding_subjects(const std::string& name) {
    if (name.empty() || name == "defaultOnly") return BindingSubjects::only_default;
    if (name == "allServiceAccounts") return BindingSubjects::service_accounts;
    if (name == "none") return BindingSubjects::none;
    throw base::Error(base::Code::invalid, "invalid value \"" + name +
                                               "\" for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or "
                                               "\"allServiceAccounts\"");
}

void set_namespace(Object& object, const NamespaceChange& change) {
    const kube::Gvk gvk = object.id().gvk;
    auto put = [&](Value& field) { put_namespace(field, change); };
    if (!is_cluster_scoped(gvk)) apply_spec(object, {{}, "metadata/namespace", Create::yes}, Leaf::scalar, put);
    bool binding = is_role_binding(gvk.kind);
    if (binding) set_subject_namespaces(object, change);
    std::string api_version = gvk.api_version();
    for (const auto& spec : change.specs) {
        if (spec.path == "metadata/namespace") continue;
        if (spec.path == name_path() && api_version != "v1") continue;
        if (binding && is_role_binding(spec.gvk.kind) && spec.path == "subjects/namespace") continue;
        try {
            apply_spec(object, spec, Leaf::scalar, put);
        } catch (base::Error& error) {
            error.note("namespace transformation failed");
            throw;
        }
    }
}

void set_namespace(Collection& objects, const NamespaceChange& change) {
    if (change.ns.empty()) return;
    for (const auto& object : objects.items()) {
        if (object->gone || object->from_helm) continue;
        object->remember_id();
        set_namespace(*object, change);
        objects.sync(*object);
        if (objects.count_current(object->id()) != 1)
            throw base::Error(base::Code::invalid, "namespace transformation produces ID conflict: " + object->id().text())
                .at({object->file, static_cast<int>(object->node.line()), 0});
    }
}

void set_entries(Collection& objects, const StringMap& entries, const FieldSpecs& specs) {
    for (const auto& object : objects.items())
        for (const auto& [key, text] : entries) set_entry(*object, key, text, specs);
}

FieldSpecs label_specs(const LabelEntry& label, const TransformerConfig& config) {
    FieldSpecs specs = label.fields;
    merge_specs(specs, config.labels);
    if (label.include_selectors) {
        merge_specs(specs, config.common_labels);
        return specs;
    }
    if (label.include_templates) merge_specs(specs, config.template_labels);
    merge_spec(specs, {{}, "metadata/labels", Create::yes});
    return specs;
}

void set_replicas(Collection& objects, const ReplicaEntry& replica, const FieldSpecs& specs) {
    bool found = false;
    auto candidates = objects.named(replica.name);
    for (const auto& spec : specs) {
        for (Object* object : candidates) {
            auto matches = [&](const Id& id) { return id.name == replica.name && spec.applies_to(id.gvk); };
            if (!matches(object->id()) && std::ranges::none_of(object->previous_ids(), matches)) continue;
            found = true;
            apply_spec(*object, spec, Leaf::scalar, [&](Value& field) {
                need_scalar(field);
                if (is_quoted_text(field)) set_untagged(field, std::to_string(replica.count));
                else field = Value(replica.count);
            });
        }
    }
    if (found) return;
    std::string kinds;
    for (const auto& spec : specs) kinds += (kinds.empty() ? "" : " ") + gvk_text(spec.gvk);
    throw base::Error(base::Code::invalid, "resource with name " + replica.name +
                                               " does not match a config with the following GVK [" + kinds + "]");
}

}  // namespace gitops::render
