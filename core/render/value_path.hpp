// The path languages of replacements and vars: "spec.template.[name=web].image", "metadata.annotations.[a.b/c]", "0", "*".
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::render {

using PathParts = std::vector<std::string>;

/// Splits at '.', not inside brackets; brackets around a plain name are taken off.
PathParts split_value_path(std::string_view path);
/// "[key=text]".
bool is_element_part(std::string_view part);
/// The first thing at the path: elements are found by equality. nullptr when nothing is there; Error(invalid) for "*"
/// and for parts that do not fit what they meet.
const doc::Value* look_up(const doc::Value& root, const PathParts& path);

/// What a path that may be missing is made of.
enum class Make { nothing, scalar, map, list };

/// One field that a target path meets.
struct Met {
    doc::Value& field;
    bool made = false;  ///< it was not there before
};

/// Calls `function` for everything the path meets: elements are found by an unanchored regular expression, "*" meets
/// all elements. Returns how many. Error(invalid) for an index out of range and for parts that do not fit.
std::size_t match_path(doc::Value& root, const PathParts& path, Make make, const std::function<void(Met)>& function);

}  // namespace gitops::render
