// Field sets of values, and values without some of their fields.
#include "core/kube/fields.hpp"

#include <algorithm>

#include "core/kube/list_items.hpp"
#include "core/kube/typed.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

void collect(const Value& value, const Type& type, FieldSet& here);

void collect_items(const Value& list, const Type& type, FieldSet& here) {
    const ItemSteps spell(type);
    const Type element = type.element();
    for (const auto& item : list.items()) {
        auto step = spell.of(item);
        if (!step) continue;
        FieldSet& child = here.children[std::move(*step)];
        child.member = true;
        collect(item, element, child);
    }
}

void collect_fields(const Value& map, const Type& type, FieldSet& here) {
    for (const auto& entry : map.entries()) {
        const bool declared = type.shape() == Shape::object || type.declares(entry.name());
        FieldSet child;
        child.member = !declared || entry.value.is_null() || (entry.value.is_map() && entry.value.empty());
        collect(entry.value, type.field(entry.name()).value_or(Type()), child);
        if (!child.empty()) here.children.insert_or_assign(field_step(entry.name()), std::move(child));
    }
}

/// structured-merge-diff, typed/tofieldset.go.
void collect(const Value& value, const Type& type, FieldSet& here) {
    switch (form_of(type, &value)) {
        case Form::leaf: here.member = true; return;
        case Form::list: collect_items(value, type, here); return;
        case Form::map: collect_fields(value, type, here); return;
    }
}

/// What no manager may own (apimachinery, managedfields/internal/stripmeta.go).
const FieldSet& server_fields() {
    static const FieldSet fields = [] {
        FieldSet set;
        for (const auto* name : {"f:apiVersion", "f:kind", "f:metadata"}) set.children[name].member = true;
        FieldSet& metadata = set.children["f:metadata"];
        for (const auto* name : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid", "f:clusterName", "f:generation",
                                 "f:managedFields", "f:resourceVersion"})
            metadata.children[name].member = true;
        return set;
    }();
    return fields;
}

Value remove_items(const Value& value, const FieldSet& fields, const Type& type) {
    const ItemSteps spell(type);
    const Type element = type.element();
    std::vector<Value> kept;
    for (const auto& item : value.items()) {
        const auto step = spell.of(item);
        const FieldSet* found = step ? fields.find(*step) : nullptr;
        if (found == nullptr) kept.push_back(item);
        else if (!found->member) kept.push_back(without_fields(item, *found, element));
    }
    return kept.empty() ? Value() : Value::list(std::move(kept));
}

Value remove_from_map(const Value& value, const FieldSet& fields, const Type& type) {
    Value out = value;
    for (const auto& entry : value.entries()) {
        const FieldSet* found = fields.find(field_step(entry.name()));
        if (found == nullptr) continue;
        Value rest = found->member ? Value() : without_fields(entry.value, *found, type.field(entry.name()).value_or(Type()));
        // A typed field that was emptied stays as null, so that its parent is not emptied with it; storing drops it.
        if (found->member || (rest.is_null() && type.shape() == Shape::untyped)) out.erase(entry.name());
        else out.set(entry.name(), std::move(rest));
    }
    return out.empty() ? Value() : out;
}

}  // namespace

FieldSet all_fields_of(const Value& value, const Type& type) {
    FieldSet set;
    collect(value, type, set);
    set.member = false;
    return set;
}

FieldSet without_server_fields(const FieldSet& set) { return set.subtract(server_fields()); }

FieldSet fields_of(const Value& value, Type type) { return without_server_fields(all_fields_of(value, type)); }

Value without_fields(const Value& value, const FieldSet& fields, Type type) {
    if (fields.children.empty()) return value;
    switch (form_of(type, &value)) {
        case Form::leaf: return value;
        case Form::list: return value.is_list() && !value.empty() ? remove_items(value, fields, type) : value;
        case Form::map: return value.is_map() && !value.empty() ? remove_from_map(value, fields, type) : value;
    }
    return value;
}

FieldSet with_named_members(const FieldSet& set, const Type& type) {
    FieldSet out;
    out.member = set.member;
    for (const auto& [step, child] : set.children) {
        const bool named = step.starts_with("f:");
        const auto name = std::string_view(step).substr(2);
        FieldSet inner = with_named_members(child, named ? type.field(name).value_or(Type()) : type.element());
        inner.member |= named && !inner.children.empty() && type.declares(name);
        out.children.emplace_hint(out.children.end(), step, std::move(inner));
    }
    return out;
}

}  // namespace gitops::kube
