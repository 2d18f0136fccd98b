// YAML texts inside a scalar, printed again after a change the way go-yaml v3 prints the nodes it has read.
#pragma once

#include <string>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::render {

/// Marks `scalar` as holding `text` although its type, like "!!int", says otherwise: print_embedded_yaml() writes the tag.
void set_tagged_text(doc::Value& scalar, std::string_view tag, std::string_view text);

/// `value`, which was read from `original` and then changed, in block style with the quotes, the flow collections and
/// the comments it had there; no line is folded, empty lines are lost, and so are comments inside collections in flow
/// style. Without a final line break.
std::string print_embedded_yaml(const doc::Value& value, std::string_view original);

}  // namespace gitops::render
