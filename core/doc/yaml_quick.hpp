// The quick way through YAML as programs and careful people write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/doc/yaml_builder.hpp"

namespace gitops::doc::detail {

/// Hands the events of the one document in `text` to `builder`, exactly those that libyaml makes of it, and returns the
/// number of the line behind the last one. nullopt for what it leaves to libyaml: mistakes, anchors, tags, complex keys,
/// tabs and the rarer forms of everything else. `builder` has then taken a part, and the document must be dropped.
/// `text` has no directive and no separator but in its first line.
std::optional<std::uint32_t> read_yaml_quick(std::string_view text, std::uint32_t first_line, YamlBuilder& builder);

}  // namespace gitops::doc::detail
