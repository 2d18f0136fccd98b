// JSON 6902 patches with the leniency of the library kustomize uses: a key that is not there can be replaced and
// copied (as null), a missing "value" is null, and what stands before a path's first '/' does not count.
#pragma once

#include <string>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::render {

/// JSON, or YAML 1.1, that is a list of operations; null for none. Error(invalid) for anything else.
doc::Value parse_json_patch(std::string_view text, const std::string& file);

/// `target` after all operations. Error(invalid) that names the operation for one that does not apply.
doc::Value apply_json_patch(doc::Value target, const doc::Value& operations);

}  // namespace gitops::render
