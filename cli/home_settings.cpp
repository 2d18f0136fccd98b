#include "cli/home_settings.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/error.hpp"

namespace gitops::cli {

namespace {

constexpr std::uintmax_t k_largest_file = 4U << 20;

}  // namespace

std::shared_ptr<const app::Settings> home_settings(const std::string& home, base::EventSink& events) {
    const std::string path = home + "/config.yaml";
    std::error_code problem;
    if (!std::filesystem::exists(path, problem)) return nullptr;
    if (std::filesystem::file_size(path, problem) > k_largest_file || problem)
        throw base::Error(base::Code::invalid, "the configuration " + path + " cannot be read or is larger than 4 MiB");
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw base::Error(base::Code::denied, "cannot read the configuration " + path + ": " + std::strerror(errno));
    std::vector<std::string> warnings;
    auto settings = std::make_shared<const app::Settings>(app::read_settings(text.str(), path, warnings));
    for (const auto& warning : warnings) events.emit({base::Level::warning, "config", "", warning, {}});
    return settings;
}

}  // namespace gitops::cli
