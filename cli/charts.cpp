#include "cli/charts.hpp"

#include <filesystem>
#include <set>

#include "cli/env.hpp"
#include "cli/helm_process.hpp"
#include "cli/remotes.hpp"
#include "cli/scratch_folder.hpp"
#include "core/base/error.hpp"
#include "core/io/small_file.hpp"

namespace gitops::cli {

namespace {

namespace fs = std::filesystem;
using base::Code;
using base::EntryKind;
using base::Error;

constexpr int k_max_depth = 30;
constexpr std::size_t k_most_bytes = std::size_t{64} << 20;

class DiskCharts : public render::Charts {
  public:
    DiskCharts(Env& env, HelmFlags flags, std::string root) : m_env(env), m_flags(std::move(flags)), m_root(std::move(root)) {}

    std::string run(const render::HelmCall& call) override {
        HelmStart helm;
        helm.config = call.config_home.empty() ? m_scratch.path() + "/helm" : call.config_home;
        helm.arguments = call.arguments;
        for (std::string& argument : helm.arguments) {
            if (argument != render::k_values_argument) continue;
            argument = m_scratch.path() + "/values.yaml";
            m_scratch.write("values.yaml", call.values);
        }
        return run_helm(m_env, m_flags.command, helm);
    }

    std::string disk_path(const std::string& path) override { return (fs::path(m_root) / path).lexically_normal().string(); }

    std::string pulled(const std::string& path) override { return io::read_small_file(path, base::k_max_file_bytes); }

    void settle(render::HelmChart& chart, const render::HelmGlobals&) override {
        if (!m_flags.kube_version.empty()) chart.kube_version = m_flags.kube_version;
        if (!m_flags.api_versions.empty()) chart.api_versions = m_flags.api_versions;
        if (m_flags.debug) chart.debug = true;
    }

  protected:
    const ScratchFolder& scratch() const { return m_scratch; }

  private:
    Env& m_env;
    HelmFlags m_flags;
    std::string m_root;
    ScratchFolder m_scratch;
};

[[noreturn]] void refuse(const std::string& what, const std::string& hint) { throw Error(Code::denied, what).hint(hint); }

bool stays_below(const std::string& path) { return !path.starts_with('/') && base::normalise_path(path).has_value(); }

class TreeCharts final : public DiskCharts {
  public:
    TreeCharts(Env& env, HelmFlags flags, const base::FileTree& tree) : DiskCharts(env, std::move(flags), ""), m_tree(tree) {}

    /// The copy of the folder holds what settle() has seen the chart ask for.
    std::string disk_path(const std::string& path) override {
        const std::string root = "tree" + (path.empty() ? "" : "/" + path);
        for (const auto& name : m_needed) {
            const auto inside = base::join_path(path, name);
            if (!inside) refuse("helmCharts: '" + name + "' lies outside of the repository", "keep charts below the kustomization");
            copy(*inside, 0);
        }
        std::error_code problem;
        fs::create_directories(scratch().path() + "/" + root, problem);
        return scratch().path() + "/" + root;
    }

    void settle(render::HelmChart& chart, const render::HelmGlobals& globals) override {
        DiskCharts::settle(chart, globals);
        if (!globals.config_home.empty())
            refuse("helmGlobals.configHome is not used for a repository's own charts", "take it out: helm gets a fresh configuration");
        const std::string home = globals.chart_home.empty() ? "charts" : globals.chart_home;
        if (!stays_below(home)) refuse("helmGlobals.chartHome '" + home + "' leaves the kustomization's folder", "keep charts below it");
        if (chart.name.find("..") != std::string::npos || chart.version.find("..") != std::string::npos)
            refuse("helmCharts: '" + chart.name + "' is no name of a chart", "name the chart without a path");
        if (!chart.repo.empty()) {
            if (!chart.repo.starts_with("https://") && !chart.repo.starts_with("http://") && !chart.repo.starts_with("oci://"))
                refuse("helmCharts: nothing is fetched from '" + chart.repo + "'", "https:// and oci:// are addresses of charts");
            refuse_link_local(chart.repo);
        }
        m_needed = {home};
        for (const auto& file : chart.additional_values_files) m_needed.push_back(file);
    }

  private:
    void copy(const std::string& path, int depth) {
        const auto kind = m_tree.kind(path);
        if (!kind || !m_copied.insert(path).second) return;
        if (depth > k_max_depth) refuse("helmCharts: the folder " + path + " is nested too deeply", "charts are flat");
        switch (*kind) {
            case EntryKind::directory:
                for (const auto& entry : m_tree.list(path))
                    if (entry.name != ".git") copy(path.empty() ? entry.name : path + "/" + entry.name, depth + 1);
                return;
            case EntryKind::file: {
                const std::string text = m_tree.read(path);
                m_bytes += text.size();
                if (m_bytes > k_most_bytes) refuse("helmCharts: the charts are larger than 64 MiB", "commit only the charts in use");
                scratch().write("tree/" + path, text);
                return;
            }
            case EntryKind::symlink:
            case EntryKind::submodule:
            case EntryKind::other: return;
        }
    }

    const base::FileTree& m_tree;
    std::vector<std::string> m_needed;
    std::set<std::string> m_copied;
    std::size_t m_bytes = 0;
};

}  // namespace

std::unique_ptr<render::Charts> open_charts(Env& env, const HelmFlags& flags, const std::string& root) {
    if (!flags.enabled) return nullptr;
    return std::make_unique<DiskCharts>(env, flags, root);
}

std::unique_ptr<render::Charts> open_tree_charts(Env& env, const HelmFlags& flags, const base::FileTree& tree) {
    return std::make_unique<TreeCharts>(env, flags, tree);
}

}  // namespace gitops::cli
