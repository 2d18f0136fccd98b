#include "cli/helm_process.hpp"

#include <filesystem>

#include "cli/env.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/subprocess.hpp"

extern char** environ;

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

constexpr base::Duration k_patience{600'000};
constexpr std::size_t k_most_output = std::size_t{512} << 20;
constexpr std::size_t k_most_said = 4000;

/// Helm's own settings and the way to a cluster stay outside: what is rendered depends on the chart alone.
bool is_kept_out(std::string_view variable) {
    return variable.starts_with("HELM_") || variable.starts_with("KUBECONFIG=") || variable.starts_with("XDG_");
}

std::vector<std::string> environment(const std::string& config) {
    std::vector<std::string> all;
    for (char** next = environ; *next != nullptr; ++next)
        if (!is_kept_out(*next)) all.emplace_back(*next);
    all.push_back("HELM_CONFIG_HOME=" + config);
    all.push_back("HELM_CACHE_HOME=" + config + "/.cache");
    all.push_back("HELM_DATA_HOME=" + config + "/.data");
    return all;
}

}  // namespace

std::string find_helm(const std::string& command) {
    if (command.find('/') != std::string::npos) return std::filesystem::absolute(command).string();
    const std::string path = Env::variable("PATH");
    if (const auto found = io::find_program(command, path)) return *found;
    Error error(Code::not_found, "the program '" + command + "' is not on PATH");
    error.hint("charts are rendered by Helm 3.8 or newer: install it from https://helm.sh/docs/intro/install, "
               "or commit the output of `helm template`");
    throw error;
}

std::string run_helm(Env& env, const std::string& command, const HelmStart& start) {
    const io::Subprocess helm{.program = find_helm(command), .arguments = start.arguments, .environment = environment(start.config),
                              .folder = start.folder, .input = start.input, .most_output = k_most_output, .patience = k_patience};
    const io::SubprocessResult result = io::run_subprocess(helm, env.stop());
    if (result.status == 0) return result.out;
    std::string what = start.arguments.front();
    if (what == "repo" || what == "registry" || what == "dependency") what += " " + start.arguments.at(1);
    Error error(start.failure, "unable to run: '" + command + " " + what + "': exit status " + std::to_string(result.status));
    std::string_view said = base::trim(result.err);
    if (said.size() > k_most_said) said.remove_prefix(said.size() - k_most_said);
    if (!said.empty()) error.note(said);
    throw error;
}

}  // namespace gitops::cli
