#include "cli/chart_store.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/env.hpp"
#include "cli/helm_process.hpp"
#include "cli/output/manifest_files.hpp"
#include "cli/scratch_folder.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/io/git.hpp"
#include "core/io/small_file.hpp"

namespace gitops::cli {

namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

constexpr std::string_view k_helm = "helm";

std::string made_folder(const std::string& path) {
    std::error_code problem;
    fs::create_directories(path, problem);
    if (problem) throw Error(Code::unavailable, "the folder " + path + " cannot be made: " + problem.message());
    return path;
}

/// "oci://..." or "http(s)://..."; a registry may be named without a scheme. Error(invalid) for other schemes, which
/// would start a plugin of helm.
std::string repository_url(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    if (url.find("://") == std::string::npos) url = "oci://" + url;
    const bool known = url.starts_with("https://") || url.starts_with("http://") || url.starts_with("oci://");
    if (!known) throw Error(Code::invalid, "charts are not fetched from " + url).hint("https:// and oci:// are addresses of charts");
    return url;
}

bool is_plain(std::string_view text, std::string_view more) {
    return !text.empty() && text.front() != '-' && text.find("..") == std::string_view::npos &&
           std::ranges::all_of(text, [&](unsigned char c) { return std::isalnum(c) != 0 || more.find(static_cast<char>(c)) != more.npos; });
}

/// A version that names one chart for ever, not a range.
bool is_exact(std::string_view version) {
    if (version.starts_with('v')) version.remove_prefix(1);
    const auto core = version.substr(0, version.find_first_of("-+"));
    return std::ranges::count(core, '.') == 2 && std::ranges::all_of(core, [](char c) { return c == '.' || (c >= '0' && c <= '9'); }) &&
           is_plain(version, ".-+_");
}

/// The name of what the chart's dependencies depend on; "" for a chart whose dependencies are not locked.
std::string lock_key(const render::HelmRun& run) {
    std::string text;
    bool locked = false;
    for (const auto* name : {"Chart.yaml", "requirements.yaml", "Chart.lock", "requirements.lock"}) {
        const auto found = run.files.find(run.folder + "/" + name);
        if (found == run.files.end()) continue;
        text += std::string(name) + "\n" + found->second + "\n";
        locked |= std::string_view(name).ends_with(".lock");
    }
    return locked && text.find("file://") == std::string::npos ? base::sha256_hex(text) : std::string();
}

void copy_archives(const std::string& from, const std::string& to) {
    std::error_code problem;
    made_folder(to);
    for (const auto& entry : fs::directory_iterator(from, problem))
        if (entry.path().extension() == ".tgz" && entry.is_regular_file(problem))
            fs::copy_file(entry.path(), to + "/" + entry.path().filename().string(), fs::copy_options::skip_existing, problem);
}

/// The one folder below `path`.
std::string only_folder(const std::string& path) {
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(path, problem))
        if (entry.is_directory(problem)) return entry.path().string();
    throw Error(Code::unavailable, "helm pulled no chart");
}

std::string version_of(const std::string& chart_folder) {
    const auto document = doc::read_yaml_one(io::read_small_file(chart_folder + "/Chart.yaml", base::k_max_file_bytes));
    const std::string version(document.text_at("version"));
    if (!is_plain(version, ".-+_")) throw Error(Code::invalid, "the chart's version is \"" + version + "\"");
    return version;
}

std::string chart_address(const render::ChartRequest& request) {
    const std::string url = repository_url(request.repo_url);
    if (!request.chart.empty() && !is_plain(request.chart, "._-/")) throw Error(Code::invalid, "'" + request.chart + "' is no name of a chart");
    if (request.chart.empty() && !url.starts_with("oci://")) throw Error(Code::invalid, "the source names no chart");
    return url;
}

}  // namespace

void ChartStore::add_repository(const std::string& url, const std::string& name, const std::string& config, bool pass_credentials) {
    refuse_link_local(url);
    const io::GitCredentials credentials = m_env.repository_credentials(url);
    const bool is_oci = url.starts_with("oci://");
    if (is_oci && credentials.token.empty()) return;
    HelmStart helm;
    helm.config = config;
    if (is_oci) {
        const std::string_view rest = std::string_view(url).substr(6);
        helm.arguments = {"registry", "login", std::string(rest.substr(0, rest.find('/')))};
    } else {
        helm.arguments = {"repo", "add", name, url};
        if (pass_credentials) helm.arguments.emplace_back("--pass-credentials");
    }
    if (!credentials.token.empty()) {
        helm.arguments.insert(helm.arguments.end(), {"--username=" + (credentials.username.empty() ? "token" : credentials.username), "--password-stdin"});
        helm.input = credentials.token;
    }
    run_helm(m_env, std::string(k_helm), helm);
}

void ChartStore::build_dependencies(const render::HelmRun& run, const std::string& folder, const std::string& config) {
    const std::string key = lock_key(run);
    const std::string kept = m_env.home() + "/charts/dependencies/" + key;
    if (!key.empty() && fs::exists(kept)) return copy_archives(kept, folder + "/charts");
    if (m_network == Network::offline && !run.repositories.empty())
        throw Error(Code::unavailable, "the chart's dependencies were not fetched before").hint("render once without --offline");
    int count = 0;
    for (const auto& url : run.repositories) add_repository(url, "dependency-" + std::to_string(++count), config, false);
    run_helm(m_env, std::string(k_helm), {{"dependency", "build", "."}, folder, config});
    if (key.empty()) return;
    made_folder(m_env.home() + "/charts/dependencies");
    const ScratchFolder fresh(m_env.home() + "/charts/dependencies");
    copy_archives(folder + "/charts", fresh.path() + "/made");
    std::error_code lost;  // to another process that was faster
    fs::rename(fresh.path() + "/made", kept, lost);
}

std::string ChartStore::run(const render::HelmRun& run) {
    const ScratchFolder scratch;
    for (const auto& [path, text] : run.files) scratch.write(path, text);
    const std::string folder = scratch.path() + "/" + run.folder;
    const std::string config = made_folder(scratch.path() + "/.helm");
    if (run.build_dependencies) build_dependencies(run, folder, config);
    return run_helm(m_env, std::string(k_helm), {run.arguments, folder, config, "", Code::invalid});
}

std::string ChartStore::fetch_chart(const render::ChartRequest& request, const std::string& shelf) {
    const std::string url = chart_address(request);
    made_folder(shelf);
    const ScratchFolder fresh(shelf);
    const std::string config = made_folder(fresh.path() + "/helm");
    add_repository(url, "source", config, request.pass_credentials);
    HelmStart helm;
    helm.config = config;
    const std::string name = !url.starts_with("oci://") ? "source/" + request.chart : url + (request.chart.empty() ? "" : "/" + request.chart);
    helm.arguments = {"pull", name, "--untar", "--untardir=" + made_folder(fresh.path() + "/chart")};
    if (!request.version.empty()) helm.arguments.push_back("--version=" + request.version);
    run_helm(m_env, std::string(k_helm), helm);
    const std::string chart = only_folder(fresh.path() + "/chart");
    const std::string version = version_of(chart);
    std::error_code lost;  // to another process that was faster
    fs::rename(chart, shelf + "/" + version, lost);
    if (!fs::exists(shelf + "/" + version)) throw Error(Code::unavailable, "the chart cannot be kept in " + shelf);
    return version;
}

render::PulledChart ChartStore::pull(const render::ChartRequest& request) {
    const std::string shelf = m_env.home() + "/charts/" + base::sha256_hex(chart_address(request) + "\n" + request.chart);
    const std::string asked = shelf + "/asked-" + base::sha256_hex(request.version);
    std::string version;
    if (is_exact(request.version) && fs::exists(shelf + "/" + request.version)) version = request.version;
    else if (m_network != Network::use && fs::exists(asked)) version = io::read_small_file(asked, 200);
    if (version.empty() || !fs::exists(shelf + "/" + version)) {
        if (m_network == Network::offline)
            throw Error(Code::unavailable, "the chart " + request.chart + " was not fetched before").hint("render once without --offline");
        version = fetch_chart(request, shelf);
        const std::string fresh = asked + ".new";
        write_file(fresh, version);
        std::error_code lost;
        fs::rename(fresh, asked, lost);
    }
    return {version, std::make_shared<base::DiskTree>(shelf + "/" + version)};
}

}  // namespace gitops::cli
