// One file per object in a folder, named as `kustomize build -o DIR` names them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::cli {

/// "apps_v1_deployment_web.yaml"; with the namespace in front when the objects are of several.
std::vector<std::string> manifest_file_names(std::span<const doc::Value> objects);
/// Makes the folder when it is missing and overwrites files of the same name. Error(unavailable).
void write_manifest_files(const std::string& folder, std::span<const doc::Value> objects);
/// Error(unavailable) when the file cannot be written whole.
void write_file(const std::string& path, std::string_view bytes);

}  // namespace gitops::cli
