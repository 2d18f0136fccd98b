#include "core/render/strategic_merge.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/keyed_list.hpp"
#include "core/render/object.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_directive = "$patch";

enum class Directive { merge, replace, remove };

std::optional<Directive> parse_directive(std::string_view text) {
    if (text == "merge") return Directive::merge;
    if (text == "replace") return Directive::replace;
    if (text == "delete") return Directive::remove;
    return std::nullopt;
}

Directive need_directive(const Value& value) {
    if (auto directive = parse_directive(scalar_text(&value))) return *directive;
    throw base::Error(base::Code::invalid, "unknown patch strategy '" + std::string(scalar_text(&value)) + "'")
        .hint("$patch is one of merge, replace and delete");
}

/// Reads and removes a map's "$patch".
Directive take_map_directive(Value& patch) {
    const Value* value = patch.find(k_directive);
    if (value == nullptr || value->is_null()) return Directive::merge;
    Directive directive = need_directive(*value);
    patch.erase(k_directive);
    return directive;
}

/// Reads and removes a list's own "- $patch: x" element.
Directive take_list_directive(Value& patch) {
    const Value* holder = nullptr;
    for (const auto& item : patch.items()) {
        if (!item.has(k_directive)) continue;
        holder = &item;
        break;
    }
    if (holder == nullptr || holder->size() > 1) return Directive::merge;
    Directive directive = need_directive(*holder->find(k_directive));
    std::string text(scalar_text(holder->find(k_directive)));
    KeyedList list(patch);
    list.remove({std::string(k_directive)}, {text});
    patch = list.value();
    return directive;
}

using Maybe = std::optional<Value>;

bool missing(const Maybe& value) { return !value || value->is_null(); }

/// What became of a node, and whether the node that stood in the target was changed where it stands.
struct Outcome {
    Maybe value;
    bool in_place = false;
};

enum class Quotes { no, yes };

/// The new scalar takes over the style of the one it replaces; inside quotes everything is text.
void take_style(Value& value, Quotes quotes) {
    if (!value.is_scalar() || value.is_null()) return;
    if (quotes == Quotes::yes) {
        if (!value.is_string()) value = Value(value.text());
    } else if (value.is_string() && !doc::is_yaml_timestamp(value.text())) {
        value.set_style(Value::Style::plain);
    }
}

[[noreturn]] void wrong_kind(std::string_view expected, const Value& found) {
    std::string_view got = found.is_map() ? "MappingNode" : found.is_list() ? "SequenceNode" : "ScalarNode";
    throw base::Error(base::Code::invalid,
                      "wrong node kind: expected " + std::string(expected) + " but got " + std::string(got));
}

class Merge {
  public:
    explicit Merge(const MergeSchema& schema) : m_schema(schema) {}

    Outcome walk(Maybe target, Maybe patch, TypeView type) const {
        if (!type.known()) type = own_type(target, patch);
        const Maybe& first = missing(target) ? patch : target;
        if (missing(first) || first->is_map()) {
            for (const Maybe* side : {&target, &patch})
                if (!missing(*side) && !(*side)->is_map()) wrong_kind("MappingNode", **side);
            return walk_map(std::move(target), std::move(patch), type);
        }
        if (first->is_list()) {
            for (const Maybe* side : {&target, &patch})
                if (!missing(*side) && !(*side)->is_list()) wrong_kind("SequenceNode", **side);
            if (type.merges()) return walk_list(std::move(target), std::move(patch), type);
        } else {
            for (const Maybe* side : {&target, &patch})
                if (!missing(*side) && !(*side)->is_scalar()) wrong_kind("ScalarNode", **side);
        }
        bool kept = !patch.has_value();
        return {kept ? std::move(target) : std::move(patch), kept};
    }

  private:
    TypeView own_type(const Maybe& target, const Maybe& patch) const {
        for (const Maybe* side : {&target, &patch}) {
            if (missing(*side) || !(*side)->is_map()) continue;
            if (!(*side)->has("kind") || !(*side)->has("apiVersion")) continue;
            Id id = id_of(**side);
            if (id.gvk.kind.empty() || id.gvk.version.empty()) continue;
            TypeView type = m_schema.root(id.gvk);
            if (type.known()) return type;
        }
        return {};
    }

    Outcome walk_map(Maybe target, Maybe patch, const TypeView& type) const {
        bool in_place = false;
        if (missing(target)) {
            if (!patch) {
                bool kept = target && is_explicit_null(*target);
                return {kept ? target : std::nullopt, kept};
            }
            if (patch->is_map()) {
                const Value* word = patch->find(k_directive);
                auto directive = word == nullptr ? std::nullopt : parse_directive(scalar_text(word));
                if (directive) patch->erase(k_directive);
                if (directive == Directive::remove) return {};
            }
            target = patch;
        } else if (patch && patch->is_null()) {
            return {};
        } else {
            bool one_node = patch && target->same_node(*patch);
            switch (patch ? take_map_directive(*patch) : Directive::merge) {
                case Directive::remove: return {};
                case Directive::replace:
                    target = patch;
                    in_place = one_node;
                    break;
                case Directive::merge: in_place = true; break;
            }
            if (one_node) target->erase(k_directive);
        }
        if (!target->is_map()) return {std::move(target), false};
        if (!in_place) return {without_patch_marks(std::move(*target), type), false};
        merge_fields(*target, patch, type);
        return {std::move(target), true};
    }

    /// A map that comes whole from the patch is merged with itself: nulls and directives inside it take effect.
    Value without_patch_marks(Value map, const TypeView& type) const {
        Value same = map;
        merge_fields(map, same, type);
        return map;
    }

    void merge_fields(Value& target, const Maybe& patch, const TypeView& type) const {
        std::vector<std::string> names;
        for (const auto& entry : target.entries())
            if ((patch && patch->has(entry.name())) || needs_walk(entry.value, type.field(entry.name())))
                names.emplace_back(entry.name());
        if (patch)
            for (const auto& entry : patch->entries())
                if (!target.has(entry.name())) names.emplace_back(entry.name());
        for (const auto& name : names) {
            Maybe below = take(target, name);
            Maybe above = patch && patch->has(name) ? Maybe(*patch->find(name)) : std::nullopt;
            bool stood = below && below->is_scalar();
            bool quotes = stood && is_quoted_text(*below);
            Outcome outcome = walk(std::move(below), std::move(above), type.field(name));
            if (stood && outcome.value && !outcome.in_place) take_style(*outcome.value, quotes ? Quotes::yes : Quotes::no);
            bool keeps_null = outcome.in_place && outcome.value && outcome.value->is_null();
            if (!missing(outcome.value) || keeps_null) target.set(name, std::move(*outcome.value));
            else target.erase(name);
        }
    }

    /// The field's value, moved out so that it can be changed without a copy.
    static Maybe take(Value& map, const std::string& name) {
        Value* field = map.find_mutable(name);
        if (field == nullptr) return std::nullopt;
        return std::move(*field);
    }

    /// True when walking over a part of the target that the patch does not mention would change it.
    bool needs_walk(const Value& value, TypeView type) const {
        if (value.is_null()) return !is_explicit_null(value);
        if (value.is_scalar()) return false;
        if (!type.known()) type = own_type(value, std::nullopt);
        if (value.is_map())
            return std::ranges::any_of(value.entries(), [&](const doc::Entry& entry) {
                return needs_walk(entry.value, type.field(entry.name()));
            });
        if (!type.merges()) return false;
        auto keys = type.keys();
        if (!has_plain_keys(value, keys)) return true;
        TypeView element = type.element();
        return !keys.empty() &&
               std::ranges::any_of(value.items(), [&](const Value& item) { return needs_walk(item, element); });
    }

    Outcome walk_list(Maybe target, Maybe patch, const TypeView& type) const {
        bool from_patch = false;
        if (missing(target)) {
            target = patch;
            from_patch = true;
        } else if (patch && patch->is_null()) {
            return {};
        } else {
            switch (patch ? take_list_directive(*patch) : Directive::merge) {
                case Directive::remove: return {};
                case Directive::replace:
                    target = patch;
                    from_patch = true;
                    break;
                case Directive::merge: break;
            }
        }
        if (from_patch) patch = target;
        TypeView element = type.element();
        auto merge_element = [&](Maybe below, Maybe above) {
            Outcome outcome = walk(std::move(below), std::move(above), element);
            return MergedElement{std::move(outcome.value), outcome.in_place};
        };
        return {merge_keyed_lists(*target, patch ? &*patch : nullptr, type.keys(), merge_element), !from_patch};
    }

    const MergeSchema& m_schema;
};

}  // namespace

std::optional<Value> strategic_merge(const Value& target, const Value& patch, const MergeSchema& schema) {
    Outcome outcome = Merge(schema).walk(target, patch, TypeView());
    // A patch that replaces the whole object has no effect in kustomize: the new one never reaches the list.
    if (outcome.value && !outcome.in_place) return target;
    return outcome.value;
}

}  // namespace gitops::render
