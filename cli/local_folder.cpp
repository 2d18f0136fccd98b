#include "cli/local_folder.hpp"

#include <filesystem>

#include "core/render/render.hpp"

namespace gitops::cli {

namespace {

namespace fs = std::filesystem;

fs::path work_tree_around(const fs::path& folder) {
    std::error_code problem;
    for (fs::path up = folder; up.has_relative_path(); up = up.parent_path()) {
        if (fs::exists(up / ".git", problem)) return up;
    }
    // An overlay may reach for a base beside it, and kustomize's own load restrictor guards its files; a folder of plain
    // manifests has no reason to look out of itself.
    const bool overlay = render::detect(base::DiskTree(folder.string()), "") == render::SourceType::kustomize;
    return overlay ? folder.root_path() : folder;
}

}  // namespace

LocalFolder open_local_folder(const std::string& folder, Jail jail) {
    std::error_code problem;
    const fs::path path = fs::canonical(folder, problem);
    if (problem || !fs::is_directory(path, problem)) {
        throw base::Error(base::Code::not_found,
                          "'" + folder + "' is no folder" + (problem ? ": " + problem.message() : ""));
    }
    const fs::path root = jail == Jail::work_tree ? work_tree_around(path) : path.root_path();
    const std::string inside = path == root ? std::string() : path.lexically_relative(root).string();
    return {std::make_shared<base::DiskTree>(root.string()), inside, root.string()};
}

base::Error placed_on_disk(const base::Error& error, const LocalFolder& folder) {
    base::Error placed(error.code(), error.message());
    for (const std::string& note : error.notes()) placed.note(note);
    if (!error.hint_text().empty()) placed.hint(error.hint_text());
    placed.suggest(error.suggestions());
    base::Place place = error.place();
    if (!place.file.empty()) {
        const fs::path file = (fs::path(folder.root) / place.file).lexically_normal();
        std::error_code problem;
        const fs::path near = file.lexically_relative(fs::current_path(problem));
        place.file = near.empty() || near.native().starts_with("..") ? file.string() : near.string();
        placed.at(place);
    }
    return placed;
}

}  // namespace gitops::cli
