#include "cli/env.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <thread>

#include "cli/command.hpp"
#include "cli/home_settings.hpp"
#include "cli/health_scripts.hpp"
#include "cli/kube_access.hpp"
#include "cli/output/status_line.hpp"
#include "cli/output/terminal.hpp"
#include "cli/render_means.hpp"
#include "cli/signals.hpp"
#include "core/app/source/render_cache.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;
namespace fs = std::filesystem;

const passwd* own_entry() { return getpwuid(geteuid()); }

std::string chosen_home(const std::string& flag) {
    if (!flag.empty()) return flag;
    if (std::string home = Env::variable("GITOPSCTL_HOME"); !home.empty()) return home;
    // The XDG rules: a relative path in the variable is to be ignored.
    if (std::string state = Env::variable("XDG_STATE_HOME"); state.starts_with('/')) return state + "/gitopsctl";
    return Env::user_home() + "/.local/state/gitopsctl";
}

void make_folder(const std::string& path) {
    std::error_code problem;
    fs::create_directories(path, problem);
    if (!problem && access(path.c_str(), W_OK | X_OK) != 0) problem = std::error_code(errno, std::generic_category());
    if (problem) {
        throw Error(Code::denied, "cannot write to the home " + path + ": " + problem.message())
            .hint("name another folder with --home DIR or $GITOPSCTL_HOME");
    }
}

std::string read_token(const std::string& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) throw Error(Code::denied, "cannot read the token file " + path + ": " + std::strerror(errno));
    std::array<char, 16384> bytes{};
    const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), file.get());
    return std::string(base::trim(std::string_view(bytes.data(), count)));
}

/// The secret itself never leaves this file but into the options of one connection.
std::string token_of(const app::RepoRow& row) {
    if (!row.token_file.empty()) return read_token(row.token_file);
    if (row.token_env.empty()) return {};
    std::string token = Env::variable(row.token_env.c_str());
    if (token.empty()) {
        throw Error(Code::denied,
                    "the environment variable " + row.token_env + " with the token of " + row.url + " is not set")
            .hint("export " + row.token_env + ", or register the repository again with --token-file FILE");
    }
    return token;
}

std::map<std::string, std::string> git_environment() {
    std::map<std::string, std::string> found;
    for (const char* name : {"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME",
                             "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE", "EMAIL"}) {
        if (std::string value = Env::variable(name); !value.empty()) found.emplace(name, std::move(value));
    }
    return found;
}

std::string question_answer() {
    std::string line;
    std::getline(std::cin, line);
    return base::lower(base::trim(line));
}

}  // namespace

Env::Env(Globals globals)
    : m_globals(std::move(globals)),
      m_clock(std::make_shared<base::SystemClock>()),
      m_terminal(std::make_unique<Terminal>(m_globals.color)),
      m_events(make_event_sink(*m_terminal, m_globals)) {}

Env::~Env() = default;

base::Clock& Env::clock() { return *m_clock; }

std::stop_token Env::stop() {
    const std::scoped_lock guard(m_opening);  // helm and remote bases are asked for from several threads
    if (!m_signals) m_signals = std::make_unique<Signals>();
    return m_signals->token();
}

int Env::jobs() const {
    if (m_globals.jobs > 0) return m_globals.jobs;
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::string Env::home_path() const {
    return fs::absolute(chosen_home(m_globals.home)).lexically_normal().string();
}

const std::string& Env::home() {
    if (!m_home.empty()) return m_home;
    const std::string path = home_path();
    const mode_t before = umask(077);  // what lies there may hold Secrets
    try {
        make_folder(path);
        make_folder(path + "/clusters");
        make_folder(path + "/discovery");
        make_folder(path + "/repos");
    } catch (...) {
        umask(before);
        throw;
    }
    umask(before);
    m_home = path;
    return m_home;
}

app::StateDb& Env::state() {
    if (!m_state) m_state = std::make_unique<app::StateDb>(home() + "/state.db");
    return *m_state;
}

app::Services& Env::services() {
    if (!m_services) {
        m_services.reset(new app::Services{
            .state = state(),
            .clock = *m_clock,
            .events = *m_events,
            .open_repo = [this](const std::string& url) { return open_repo(url); },
            .open_cluster = [this](const std::string& name) { return cluster(name); },
            .actor = actor(),
            .git_environment = git_environment(),
            .jobs = jobs(),
            .find_cluster = [this](const std::string& name) { return cluster_row(name); },
            .cluster = given_cluster(),
            .render_means =
                [this](app::Fetch fetch, app::Origin origin) {
                    return open_render_means(*this, fetch == app::Fetch::remote ? Network::use : Network::cached,
                                             origin == app::Origin::here ? LocalBases::allowed : LocalBases::refused);
                },
            .render_cache = std::make_shared<app::RenderCache>(),
            .server_of = [](const app::ClusterRow& row) { return view_of(row).server; },
            .kube_version_of = [this](const app::ClusterRow& row) { return kube_version(row); },
            .settings = home_settings(home(), *m_events),
        });
        const auto& settings = m_services->settings;
        m_services->health = health_book(*this, {}, settings ? settings->health : std::vector<deliver::HealthScript>{});
    }
    return *m_services;
}

std::string Env::actor() {
    const passwd* entry = own_entry();
    std::string user = entry != nullptr && entry->pw_name != nullptr ? entry->pw_name : variable("USER");
    if (user.empty()) user = "uid-" + std::to_string(geteuid());
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) return user;
    return user + "@" + host.data();
}

std::string Env::variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

std::string Env::user_home() {
    if (std::string home = variable("HOME"); !home.empty()) return home;
    const passwd* entry = own_entry();
    return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "/";
}

std::string Env::working_directory() {
    std::error_code problem;
    const fs::path path = fs::current_path(problem);
    return problem ? std::string("/") : path.string();
}

io::GitOptions Env::git_options(const std::string& url) {
    io::GitOptions options;
    options.url = url;
    options.cache_root = home() + "/repos";
    options.home = user_home();
    options.credentials = repository_credentials(url);
    return options;
}

io::GitCredentials Env::repository_credentials(const std::string& url) {
    io::GitCredentials credentials;
    if (const std::optional<app::RepoRow> row = state().repository(url)) {
        credentials.username = row->username;
        credentials.token = token_of(*row);
        credentials.ssh_key_file = row->ssh_key_file;
        credentials.known_hosts_file = row->known_hosts_file;
    }
    return credentials;
}

std::unique_ptr<io::GitRepo> Env::open_repo(const std::string& url) { return io::open_repo(git_options(url)); }

bool Env::confirm(std::string_view question) {
    if (m_globals.yes) return true;
    if (isatty(STDIN_FILENO) == 0) {
        UsageError error("this needs a yes: " + std::string(question));
        error.hint("add --yes");
        throw error;
    }
    std::fprintf(stderr, "%s [y/N] ", std::string(question).c_str());
    const std::string answer = question_answer();
    return answer == "y" || answer == "yes";
}

}  // namespace gitops::cli
