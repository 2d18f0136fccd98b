#include "core/render/field_spec.hpp"

#include <algorithm>
#include <span>

#include "core/base/error.hpp"
#include "core/render/kind_order.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

using Path = std::span<const std::string>;

std::pair<std::string_view, bool> without_brackets(std::string_view name) {
    if (name.ends_with("[]")) return {name.substr(0, name.size() - 2), true};
    return {name, false};
}

bool reaches(const Value& value, Path path) {
    if (path.empty()) return true;
    if (value.is_null()) return false;
    if (value.is_list())
        return std::ranges::any_of(value.items(), [&](const Value& item) { return reaches(item, path); });
    if (!value.is_map()) return true;  // lets the walk report the scalar that is in the way
    auto [name, is_list] = without_brackets(path.front());
    const Value* child = value.find(name);
    if (child == nullptr) return false;
    if (is_list && child->is_null()) return true;
    return reaches(*child, path.subspan(1));
}

struct Walk {
    const FieldSpec& spec;
    Leaf leaf;
    const FieldFunction& function;

    void visit(Value& value, Path path) const {
        if (path.empty()) return function(value);
        if (value.is_null()) return;
        if (value.is_list()) {
            for (std::size_t i = 0; i < value.size(); ++i)
                if (creates() || reaches(value.items()[i], path)) visit(value.item(i), path);
            return;
        }
        if (!value.is_map()) throw base::Error(base::Code::invalid, "expected sequence or mapping node");
        visit_field(value, path);
    }

    bool creates() const { return spec.create == Create::yes && leaf != Leaf::none; }

    void visit_field(Value& map, Path path) const {
        auto [name, is_list] = without_brackets(path.front());
        if (name.empty()) throw base::Error(base::Code::invalid, "cannot set or create an empty field name");
        bool make = creates() && !is_list;
        bool last = path.size() == 1;
        Value* field = map.find_mutable(name);
        if (field == nullptr) {
            if (!make) return;
            field = &map.at(name);
            *field = last && leaf == Leaf::scalar ? Value("") : Value::map();
        } else if (field->is_null()) {
            if (is_list) *field = Value::list();
            // Kustomize changes the node's kind and tag only: a null turned text is the word.
            if (make) *field = last && leaf == Leaf::scalar ? Value(node_text(*field)) : Value::map();
        }
        visit(*field, path.subspan(1));
    }
};

}  // namespace

std::vector<std::string> split_path(std::string_view path, char separator) {
    if (path.size() > 1 && path.front() == separator) path.remove_prefix(1);
    std::vector<std::string> parts;
    parts.reserve(static_cast<std::size_t>(std::ranges::count(path, separator)) + 1);
    parts.emplace_back();
    for (;;) {
        const auto end = std::min(path.find(separator), path.size());
        parts.back() += path.substr(0, end);
        if (end == path.size()) return parts;
        path.remove_prefix(end + 1);
        if (parts.back().ends_with('\\')) parts.back().back() = separator;
        else parts.emplace_back();
    }
}

void apply_spec(Object& object, const FieldSpec& spec, Leaf leaf, const FieldFunction& function) {
    if (!spec.applies_to(object.id().gvk)) return;
    const auto& path = spec.steps;
    if (path.size() > 1 && path[0] == "metadata" && path[1] == "annotations") object.show_bookkeeping();
    Walk walk{spec, leaf, function};
    if (!walk.creates() && !reaches(object.node, path)) return;
    try {
        walk.visit(object.node, path);
    } catch (base::Error& error) {
        error.note("considering field '" + spec.path + "' of object " + object.id().text());
        error.at({object.file, static_cast<int>(object.node.line()), 0});
        throw;
    }
}

bool has_field(const Value& object, const std::vector<std::string>& path) { return reaches(object, path); }

void merge_spec(FieldSpecs& base, FieldSpec spec) {
    auto same = std::ranges::find_if(
        base, [&](const FieldSpec& old) { return old.path == spec.path && is_selected(old.gvk, spec.gvk); });
    if (same == base.end()) {
        base.push_back(std::move(spec));
    } else if (same->create != spec.create) {
        throw base::Error(base::Code::invalid, "conflicting fieldspecs")
            .note("the field '" + spec.path + "' of " + gvk_text(spec.gvk) + " is listed with create and without");
    }
}

void merge_specs(FieldSpecs& base, FieldSpecs more) {
    base.reserve(base.size() + more.size());
    for (auto& spec : more) merge_spec(base, std::move(spec));
}

GvkKey gvk_key(const kube::Gvk& gvk) { return {legacy_rank(gvk.kind), gvk_sort_text(gvk)}; }

}  // namespace gitops::render
