// Reads what people hand over as files: one file, a folder of YAML, or a pipe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

/// The bytes of a file, or of standard input for "-". Error(not_found|denied), Error(invalid) above 64 MiB.
std::string read_input(const std::string& path);

/// Every object of a YAML or JSON file, of a folder's *.yaml, *.yml and *.json files (by name, not recursive), or of
/// standard input for "-". `List` kinds are taken apart and may be empty; an input
/// without any document is Error(invalid). Two equal keys of a map are an error, too, where the objects are to be applied.
std::vector<kube::Manifest> read_objects(const std::string& path, doc::DuplicateKeys duplicates = doc::DuplicateKeys::refuse);

}  // namespace gitops::cli
