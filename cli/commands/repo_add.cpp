#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/repository_url.hpp"
#include "core/base/redact.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string url;
    app::RepoRow row;
};

/// A secret typed here would stand in the shell's history and in the process list.
void refuse_secrets_in(std::string_view url) {
    if (base::redact(url) == url) return;
    UsageError error("the URL carries credentials, which must not stand on a command line");
    error.hint("leave them out, and use --token-env VARIABLE, --token-file FILE or --ssh-key FILE");
    throw error;
}

std::string absolute(const std::string& path) {
    if (path.empty() || path.front() == '/') return path;
    return Env::working_directory() + "/" + path;
}

int run(Env& env, const Options& options) {
    refuse_secrets_in(options.url);
    if (!options.row.token_env.empty() && !options.row.token_file.empty())
        throw UsageError("--token-env and --token-file exclude each other");
    app::RepoRow row = options.row;
    row.url = typed_url(options.url, Holds::either);
    row.token_file = absolute(row.token_file);
    row.ssh_key_file = absolute(row.ssh_key_file);
    row.known_hosts_file = absolute(row.known_hosts_file);
    const bool known = env.state().repository(row.url).has_value();
    audited(env, {"repo add", row.url, "", ""}, [&] {
        env.state().put_repository(row);
        return std::string();
    });
    print_text(env, "repository " + row.url + (known ? " updated\n" : " added\n"));
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "URL", options->url, "https://..., ssh://..., git@host:path or a local path");
    add_value(parser, "--username", options->row.username, "NAME",
              "user of the token (default: what the host expects)");
    add_value(parser, "--token-env", options->row.token_env, "VARIABLE", "environment variable that holds the token");
    add_value(parser, "--token-file", options->row.token_file, "FILE", "file that holds the token");
    add_value(parser, "--ssh-key", options->row.ssh_key_file, "FILE",
              "private key (default: the agent, then ~/.ssh/id_*)");
    add_value(parser, "--known-hosts", options->row.known_hosts_file, "FILE",
              "known hosts (default: ~/.ssh/known_hosts)");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_repo_add(Commands& commands) {
    commands.push_back({
        .path = "repo add",
        .summary =
            "Say how to authenticate to a Git repository. Only where a secret is gets stored, never the secret.",
        .examples = "gitopsctl repo add https://example.com/team/app.git --token-env DEPLOY_TOKEN\n"
                    "gitopsctl repo add git@example.com:team/app.git --ssh-key ~/.ssh/deploy",
        .exits = "0  added or updated\n"
                 "2  the URL is not accepted\n"
                 "64 a secret on the command line",
        .declare = declare,
    });
}

}  // namespace gitops::cli
