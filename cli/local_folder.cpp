#include "cli/local_folder.hpp"

#include <filesystem>

#include "core/base/error.hpp"

namespace gitops::cli {

namespace {

namespace fs = std::filesystem;

fs::path work_tree_around(const fs::path& folder) {
    std::error_code problem;
    for (fs::path up = folder; up.has_relative_path(); up = up.parent_path()) {
        if (fs::exists(up / ".git", problem)) return up;
    }
    return folder.root_path();
}

}  // namespace

LocalFolder open_local_folder(const std::string& folder, Jail jail) {
    std::error_code problem;
    const fs::path path = fs::canonical(folder, problem);
    if (problem || !fs::is_directory(path, problem)) {
        throw base::Error(base::Code::not_found, "'" + folder + "' is no folder" + (problem ? ": " + problem.message() : ""));
    }
    const fs::path root = jail == Jail::work_tree ? work_tree_around(path) : path.root_path();
    const std::string inside = path == root ? std::string() : path.lexically_relative(root).string();
    return {std::make_shared<base::DiskTree>(root.string()), inside};
}

}  // namespace gitops::cli
