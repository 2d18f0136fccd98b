// Field specs: which field of which kinds a transformer writes. Kustomize's own path language: '/' between
// names, lists on the way are walked element by element, "name[]" must be a list.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/resource.hpp"
#include "core/render/object.hpp"

namespace gitops::render {

enum class Create { no, yes };

/// "a/b\/c/d" -> {"a", "b/c", "d"}; a leading separator is ignored. `separator` can be escaped by a backslash.
std::vector<std::string> split_path(std::string_view path, char separator);

struct FieldSpec {
    FieldSpec(kube::Gvk kinds, std::string where, Create how)
        : gvk(std::move(kinds)), path(std::move(where)), create(how), steps(split_path(path, '/')) {}

    kube::Gvk gvk;  ///< empty parts match everything
    std::string path;
    Create create = Create::no;
    std::vector<std::string> steps;  ///< the path, split

    bool applies_to(const kube::Gvk& other) const { return is_selected(other, gvk); }
    bool operator==(const FieldSpec&) const = default;
};

using FieldSpecs = std::vector<FieldSpec>;

/// What stands at the end of a path that had to be made.
enum class Leaf { none, scalar, map };

using FieldFunction = std::function<void(doc::Value&)>;

/// Calls `function` for every field the spec names in the object, making the path where the spec says so and `leaf` is
/// not none. Error(invalid) when a scalar is in the way.
void apply_spec(Object& object, const FieldSpec& spec, Leaf leaf, const FieldFunction& function);
/// True when the object has at least one field the spec names.
bool has_field(const doc::Value& object, const std::vector<std::string>& path);

/// Adds what `base` does not have. Error(invalid) for the same field with another `create`.
void merge_specs(FieldSpecs& base, FieldSpecs more);
void merge_spec(FieldSpecs& base, FieldSpec spec);

/// Orders kinds as clusters need them, then by "group_version_kind".
struct GvkKey {
    int rank = 0;
    std::string text;
    auto operator<=>(const GvkKey&) const = default;
};
GvkKey gvk_key(const kube::Gvk& gvk);

}  // namespace gitops::render
