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

deliver::HealthBook health_book(Env& env, const std::string& folder, std::vector<deliver::HealthScript> configured) {
    std::vector<deliver::HealthScript> scripts;
    const auto add = [&](std::vector<deliver::HealthScript> more) {
        scripts.insert(scripts.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    if (!folder.empty()) add(deliver::health_scripts_in(base::DiskTree(folder), folder));
    add(std::move(configured));
    const std::string at_home = env.home_path() + "/" + k_folder;
    std::error_code problem;
    if (std::filesystem::is_directory(at_home, problem)) add(deliver::health_scripts_in(base::DiskTree(at_home), k_folder));
    return {std::move(scripts), env.clock()};
}

}  // namespace gitops::cli
