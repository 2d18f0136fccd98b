// Manifest text -> resources, as kustomize reads a resource file.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/render/collection.hpp"

namespace gitops::render {

/// How many threads may work at once.
struct Jobs {
    int count = 1;
};

/// Every resource of the text: documents in order, then the items of lists. Each has a kind and, unless it is a list
/// itself, a metadata.name. Error(invalid) with file and line.
std::vector<doc::Value> parse_resources(std::string_view text, const std::string& file, std::uint32_t first_line = 1);
/// The same on up to `jobs` threads when the text is large.
std::vector<doc::Value> parse_resources(std::string_view text, const std::string& file, Jobs jobs);

/// Error(invalid) for an object without a kind or, unless it is a list, without a name.
void require_kind_and_name(const doc::Value& object, const std::string& file);

/// Values that are strings where metadata.labels or metadata.annotations are read as a map of strings.
std::vector<std::pair<std::string, std::string>> metadata_map(const doc::Value& object, std::string_view field);
/// Replaces the map; an empty one removes the field.
void set_metadata_map(doc::Value& object, std::string_view field, const std::vector<std::pair<std::string, std::string>>& map);

}  // namespace gitops::render
