#include "core/kube/schema.hpp"

#include <algorithm>
#include <tuple>

#include "core/kube/schema_tables.hpp"

namespace gitops::kube {

namespace {

using tables::Tables;

const Tables* tables_of(const void* schema) { return static_cast<const Tables*>(schema); }

/// The body of a type; nullptr for the untyped Type that belongs to no schema.
const tables::Body* body_of(const void* schema, std::uint32_t node) {
    if (schema == nullptr) return nullptr;
    const Tables& all = *tables_of(schema);
    return &all.bodies[all.uses[node].body];
}

const tables::Field* find_field(const Tables& all, const tables::Body& body, std::string_view name) {
    const auto* first = all.fields + body.first_field;
    const auto* last = first + body.field_count;
    const auto* found = std::lower_bound(
        first, last, name, [&](const tables::Field& field, std::string_view wanted) { return all.text(field.name) < wanted; });
    return found != last && all.text(found->name) == name ? found : nullptr;
}

const tables::Kind* find_entry(const Tables& all, const Gvk& gvk) {
    const tables::Kind* end = all.kinds + all.kind_count;
    auto key = [&](const tables::Kind& kind) { return std::tuple(all.text(kind.kind), all.text(kind.group), all.text(kind.version)); };
    const std::tuple<std::string_view, std::string_view, std::string_view> wanted(gvk.kind, gvk.group, gvk.version);
    const auto* found =
        std::lower_bound(all.kinds, end, wanted, [&](const tables::Kind& kind, const auto& other) { return key(kind) < other; });
    return found != end && key(*found) == wanted ? found : nullptr;
}

}  // namespace

Shape Type::shape() const {
    const auto* body = body_of(m_schema, m_node);
    return body == nullptr ? Shape::untyped : Shape{body->shape};
}

Merge Type::merge() const {
    const auto* body = body_of(m_schema, m_node);
    return body == nullptr ? Merge::granular : Merge{body->merge};
}

std::vector<std::string_view> Type::keys() const {
    std::vector<std::string_view> names;
    const auto* body = body_of(m_schema, m_node);
    if (body == nullptr) return names;
    const Tables& all = *tables_of(m_schema);
    names.reserve(body->key_count);
    for (int i = 0; i < body->key_count; ++i) names.push_back(all.text(all.keys[body->first_key + i]));
    return names;
}

Type Type::element() const {
    const auto* body = body_of(m_schema, m_node);
    return body == nullptr ? Type() : Type(m_schema, body->element);
}

std::optional<Type> Type::field(std::string_view name) const {
    const auto* body = body_of(m_schema, m_node);
    if (body == nullptr) return Type();
    if (const auto* found = find_field(*tables_of(m_schema), *body, name)) return Type(m_schema, found->use);
    switch (shape()) {
        case Shape::untyped:
        case Shape::map: return element();
        case Shape::scalar:
        case Shape::list:
        case Shape::object: return std::nullopt;
    }
    return std::nullopt;
}

bool Type::declares(std::string_view name) const {
    const auto* body = body_of(m_schema, m_node);
    return body != nullptr && find_field(*tables_of(m_schema), *body, name) != nullptr;
}

bool Type::accepts(const doc::Value& scalar) const {
    const auto* body = body_of(m_schema, m_node);
    if (body == nullptr || scalar.is_null()) return true;
    if (body->flags & tables::k_string) return scalar.is_string();
    if (body->flags & tables::k_numeric) return scalar.is_number();
    if (body->flags & tables::k_boolean) return scalar.is_bool();
    return scalar.is_scalar();
}

std::string_view Type::wanted() const {
    const auto* body = body_of(m_schema, m_node);
    const auto flags = body == nullptr ? 0 : body->flags;
    if (flags & tables::k_string) return "a string";
    if (flags & tables::k_numeric) return "a number";
    if (flags & tables::k_boolean) return "a boolean";
    return "a single value";
}

std::vector<std::string_view> Type::field_names() const {
    std::vector<std::string_view> names;
    const auto* body = body_of(m_schema, m_node);
    if (body == nullptr) return names;
    const Tables& all = *tables_of(m_schema);
    for (int i = 0; i < body->field_count; ++i) names.push_back(all.text(all.fields[body->first_field + i].name));
    return names;
}

std::string_view Type::default_json() const {
    if (m_schema == nullptr) return {};
    const Tables& all = *tables_of(m_schema);
    return all.text(all.uses[m_node].default_value);
}

PatchStrategy Type::patch_strategy() const {
    return m_schema == nullptr ? PatchStrategy::none : PatchStrategy{tables_of(m_schema)->uses[m_node].strategy};
}

std::string_view Type::patch_key() const {
    if (m_schema == nullptr) return {};
    const Tables& all = *tables_of(m_schema);
    return all.text(all.uses[m_node].patch_key);
}

bool Type::is_quantity() const {
    const auto* body = body_of(m_schema, m_node);
    return body != nullptr && (body->flags & tables::k_quantity) != 0;
}

bool Type::is_int_or_string() const {
    const auto* body = body_of(m_schema, m_node);
    return body != nullptr && (body->flags & tables::k_int_or_string) != 0;
}

bool Type::leads_to_key_defaults() const {
    const auto* body = body_of(m_schema, m_node);
    return body != nullptr && (body->flags & tables::k_key_defaults) != 0;
}

const Schema& Schema::kubernetes() {
    static const Schema schema(&tables::k_kubernetes);
    return schema;
}

const Schema& Schema::kustomize() {
    static const Schema schema(&tables::k_kustomize);
    return schema;
}

Type Schema::root(const Gvk& gvk) const {
    const Tables& all = *tables_of(m_tables);
    const auto* kind = find_entry(all, gvk);
    return {m_tables, kind == nullptr ? all.custom_root : kind->root};
}

bool Schema::knows(const Gvk& gvk) const {
    const auto* kind = find_entry(*tables_of(m_tables), gvk);
    return kind != nullptr && kind->typed == tables::Known::yes;
}

std::optional<bool> Schema::is_namespaced(const Gvk& gvk) const {
    const auto* kind = find_entry(*tables_of(m_tables), gvk);
    if (kind == nullptr || kind->scope == tables::KindScope::unstated) return std::nullopt;
    return kind->scope == tables::KindScope::namespaced;
}

}  // namespace gitops::kube
