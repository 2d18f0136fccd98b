#include "cli/notifications.hpp"

#include <cctype>
#include <filesystem>

#include "cli/input.hpp"
#include "cli/print.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::cli {

namespace {

std::optional<std::string> secret_of(const std::string& name) {
    std::string variable;
    for (const char c : name) variable += c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    auto value = Env::variable(variable.c_str());
    return value.empty() ? std::nullopt : std::optional(std::move(value));
}

}  // namespace

std::optional<notify::Catalog> notification_catalog(Env& env, const std::string& file) {
    auto path = file;
    if (path.empty()) {
        path = env.home() + "/notifications.yaml";
        if (!std::filesystem::exists(path)) return std::nullopt;
    }
    auto catalog = notify::read_catalog(doc::read_yaml(read_input(path), {.file = path}), path, secret_of);
    for (const auto& warning : catalog.warnings) warn(env, "warning: " + warning);
    return catalog;
}

}  // namespace gitops::cli
