#include "cli/helm_process.hpp"

#include <filesystem>

#include "cli/env.hpp"
#include "core/base/error.hpp"
#include "core/base/semver.hpp"
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
constexpr base::Duration k_version_patience{10'000};

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

/// "helm is v2.16.0" when the program is older than what charts are rendered by; "" else, and when it does not say.
std::string too_old(Env& env, const io::Subprocess& failed) {
    const base::Version oldest{3, 8, 0, {}, {}};
    io::Subprocess question = failed;
    question.arguments = {"version", "--client", "--short"};
    question.input.clear();
    question.patience = k_version_patience;
    try {
        const io::SubprocessResult said = io::run_subprocess(question, env.stop());
        const std::string_view out = said.out;
        const auto mark = out.find_first_of("0123456789");
        if (said.status != 0 || mark == std::string_view::npos) return {};
        const auto text = out.substr(mark, out.find_first_not_of("0123456789.", mark) - mark);
        const auto version = base::parse_version(text);
        return version && *version < oldest ? "helm is v" + std::string(text) : std::string();
    } catch (const Error&) {
        return {};
    }
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
    if (const std::string old = too_old(env, helm); !old.empty()) error.hint(old + ", and charts are rendered by Helm 3.8 or newer");
    throw error;
}

}  // namespace gitops::cli
