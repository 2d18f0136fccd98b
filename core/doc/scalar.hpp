// What a YAML scalar means: the resolution tables of go-yaml v2 and v3.
#pragma once

#include <string_view>

#include "core/doc/value.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::doc {

/// What a plain scalar without a tag is taken for.
enum class ScalarMeaning { null, yes, no, integer, floating, timestamp, string };

ScalarMeaning scalar_meaning(std::string_view plain, YamlDialect dialect);

/// The value of a scalar as it stood in the source. `tag` is the full tag ("tag:yaml.org,2002:int") or empty; tags
/// that are not YAML's own are dropped and leave a string. Error(invalid), without a place, when text and tag do not agree.
Value resolve_scalar(std::string_view text, Value::Style style, std::string_view tag, YamlDialect dialect);

}  // namespace gitops::doc
