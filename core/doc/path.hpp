// JSON pointers (RFC 6901).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::doc {

using Pointer = std::vector<std::string>;

/// "/a/b~1c/0" -> {"a","b/c","0"}; "" -> {}. Error(invalid) when it does not start with '/'.
Pointer parse_pointer(std::string_view text);
std::string format_pointer(const Pointer& pointer);
/// nullptr when nothing is there. Numbers index lists.
const Value* find(const Value& root, const Pointer& pointer);
/// Removes what is there; false when nothing was.
bool remove(Value& root, const Pointer& pointer);

}  // namespace gitops::doc
