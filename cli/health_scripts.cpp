#include "cli/health_scripts.hpp"

#include <filesystem>
#include <iterator>

#include "cli/env.hpp"
#include "core/base/source.hpp"

namespace gitops::cli {

namespace {

/// Where Argo CD's sources keep theirs, too.
constexpr const char* k_folder = "resource_customizations";

}  // namespace

deliver::HealthBook health_book(Env& env, const std::string& folder) {
    std::vector<deliver::HealthScript> scripts;
    if (!folder.empty()) scripts = deliver::health_scripts_in(base::DiskTree(folder), folder);
    const std::string at_home = env.home_path() + "/" + k_folder;
    std::error_code problem;
    if (std::filesystem::is_directory(at_home, problem)) {
        auto own = deliver::health_scripts_in(base::DiskTree(at_home), k_folder);
        scripts.insert(scripts.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
    }
    return {std::move(scripts), env.clock()};
}

}  // namespace gitops::cli
