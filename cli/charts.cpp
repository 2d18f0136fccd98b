#include "cli/charts.hpp"

#include <cstdlib>
#include <filesystem>

#include "cli/env.hpp"
#include "cli/output/manifest_files.hpp"
#include "core/base/error.hpp"
#include "core/io/subprocess.hpp"

extern char** environ;

namespace gitops::cli {

namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

constexpr base::Duration k_patience{600'000};
constexpr std::size_t k_most_output = std::size_t{512} << 20;

/// A folder of its own below the system's temporary one, gone with the object.
class ScratchFolder {
  public:
    ScratchFolder() : m_path((fs::temp_directory_path() / "gitopsctl-helm-XXXXXX").string()) {
        if (mkdtemp(m_path.data()) == nullptr) throw Error(Code::unavailable, "no temporary folder can be made");
    }
    ~ScratchFolder() {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::string& path() const { return m_path; }

  private:
    std::string m_path;
};

class HelmProgram final : public render::Charts {
  public:
    HelmProgram(Env& env, HelmFlags flags, std::string root)
        : m_env(env), m_flags(std::move(flags)), m_root(std::move(root)) {}

    std::string run(const render::HelmCall& call) override {
        const std::string config = call.config_home.empty() ? m_scratch.path() + "/helm" : call.config_home;
        io::Subprocess helm{.program = program(), .arguments = call.arguments, .environment = environment(config),
                            .most_output = k_most_output, .patience = k_patience};
        for (std::string& argument : helm.arguments) {
            if (argument != render::k_values_argument) continue;
            argument = m_scratch.path() + "/values.yaml";
            write_file(argument, call.values);
        }
        const io::SubprocessResult result = io::run_subprocess(helm, m_env.stop());
        if (result.status == 0) return result.out;
        Error error(Code::unavailable, "unable to run: '" + m_flags.command + " " + call.arguments.front() + "': exit status " +
                                           std::to_string(result.status));
        if (!result.err.empty()) error.note(result.err);
        throw error;
    }

    std::string disk_path(const std::string& path) const override {
        return (fs::path(m_root) / path).lexically_normal().string();
    }

    void settle(render::HelmChart& chart) const override {
        if (!m_flags.kube_version.empty()) chart.kube_version = m_flags.kube_version;
        if (!m_flags.api_versions.empty()) chart.api_versions = m_flags.api_versions;
        if (m_flags.debug) chart.debug = true;
    }

  private:
    std::string program() const {
        if (m_flags.command.find('/') != std::string::npos) return fs::absolute(m_flags.command).string();
        if (const auto found = io::find_program(m_flags.command, Env::variable("PATH"))) return *found;
        Error error(Code::not_found, "the program '" + m_flags.command + "' is not on PATH");
        error.hint("install Helm 3, or name it with --helm-command");
        throw error;
    }

    static std::vector<std::string> environment(const std::string& config) {
        std::vector<std::string> all;
        for (char** next = environ; *next != nullptr; ++next)
            if (!std::string_view(*next).starts_with("HELM_CONFIG_HOME=")) all.emplace_back(*next);
        all.push_back("HELM_CONFIG_HOME=" + config);
        all.push_back("HELM_CACHE_HOME=" + config + "/.cache");
        all.push_back("HELM_DATA_HOME=" + config + "/.data");
        return all;
    }

    Env& m_env;
    HelmFlags m_flags;
    std::string m_root;
    ScratchFolder m_scratch;
};

}  // namespace

std::unique_ptr<render::Charts> open_charts(Env& env, const HelmFlags& flags, const std::string& root) {
    if (!flags.enabled) return nullptr;
    return std::make_unique<HelmProgram>(env, flags, root);
}

}  // namespace gitops::cli
