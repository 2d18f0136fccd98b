#include "cli/commands/registry.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

doc::Value repo_value(const app::RepoRow& row) {
    doc::Value value = doc::Value::map();
    value.set("url", row.url);
    value.set("username", text_or_null(row.username));
    value.set("tokenEnv", text_or_null(row.token_env));
    value.set("tokenFile", text_or_null(row.token_file));
    value.set("sshKeyFile", text_or_null(row.ssh_key_file));
    value.set("knownHostsFile", text_or_null(row.known_hosts_file));
    return value;
}

std::string credentials_of(const app::RepoRow& row) {
    if (!row.token_env.empty()) return "token in $" + row.token_env;
    if (!row.token_file.empty()) return "token in " + row.token_file;
    return row.ssh_key_file.empty() ? "" : "key " + row.ssh_key_file;
}

int run(Env& env) {
    Listing listing{.table = Table({"URL", "USERNAME", "CREDENTIALS"}), .nothing = "no repositories"};
    for (const app::RepoRow& row : env.state().repositories()) {
        listing.items.push_back(repo_value(row));
        listing.table.add({row.url, row.username, credentials_of(row)});
        listing.names.push_back(row.url);
    }
    print_listing(env, listing);
    return 0;
}

}  // namespace

void register_repo_list(Commands& commands) {
    commands.push_back({
        .path = "repo list",
        .summary = "List the registered repositories and where their credentials are.",
        .examples = "gitopsctl repo list\n"
                    "gitopsctl repo list -o json",
        .exits = "0  listed, also when there are none",
        .declare = [](CLI::App&) -> Action { return run; },
    });
}

}  // namespace gitops::cli
