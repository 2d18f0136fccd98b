// JSON and YAML texts inside a scalar, as replacements change them.
#pragma once

#include <string_view>

#include "core/doc/value.hpp"
#include "core/render/value_path.hpp"

namespace gitops::render {

/// Writes `value` to the place that `path` names when the path goes through a scalar whose text is JSON or YAML. False,
/// and nothing changed, when it does not or the place is not there.
bool set_in_embedded_text(doc::Value& root, const PathParts& path, const doc::Value& value, Make make);

}  // namespace gitops::render
