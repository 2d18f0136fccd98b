// A plain directory of YAML and JSON files, read as Argo CD's directory source reads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/source.hpp"
#include "core/render/render.hpp"

namespace gitops::render {

/// The manifest files of the directory in byte order of their paths, which start at the tree's root. Exclude is asked
/// before include; both patterns meet the path below `path`. Error(invalid) for a jsonnet file that is not excluded.
std::vector<std::string> manifest_files(const base::FileTree& tree, std::string_view path, const DirectoryOptions& options);

struct PlainFiles {
    std::vector<kube::Manifest> manifests;
    std::vector<std::string> warnings;
    std::vector<std::string> files_read;
};

/// All objects of the files, lists unpacked. A file in which nothing looks like a Kubernetes object is left out with a
/// warning, and so is one that is no YAML unless it names apiVersion, kind and metadata; Error(invalid) with file and line for anything else that is no object.
PlainFiles read_plain(const base::FileTree& tree, const std::vector<std::string>& files);

/// The objects that helm prints, lists unpacked, read as YAML 1.1 with the last of two equal keys, as Argo CD does.
std::vector<kube::Manifest> read_printed(const std::string& text, const std::string& file);

/// The text says that it is not to be rendered.
bool is_marked_skipped(std::string_view text);

}  // namespace gitops::render
