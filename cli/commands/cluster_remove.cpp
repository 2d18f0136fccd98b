#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

void require_unused(Env& env, const std::string& name) {
    std::vector<std::string> users;
    for (const app::Application& application : env.state().applications()) {
        if (application.destination.cluster == name) users.push_back(application.name);
    }
    if (users.empty()) return;
    throw Error(Code::conflict, "cluster " + name + " is the destination of " + base::join(users, ", "))
        .hint("delete these applications, or give them another --dest-cluster with `gitopsctl app set`");
}

int run(Env& env, const std::string& name) {
    const app::ClusterRow row = env.state().cluster(name);
    if (row.name == "local") {
        throw Error(Code::invalid, "the cluster local is built in and stays")
            .hint("gitopsctl cluster delete removes objects from it");
    }
    require_unused(env, row.name);
    const std::string question = row.kind == "embedded" ? "Remove cluster " + row.name + " and everything in it?"
                                                        : "Forget cluster " + row.name + "? What runs in it stays.";
    if (!env.confirm(question)) return 1;
    audited(env, {"cluster remove", row.name, row.name, ""}, [&] {
        env.state().delete_cluster(row.name);
        if (row.kind != "embedded") return std::string();
        const std::string file = env.home() + "/clusters/" + row.name + ".db";
        std::error_code problem;
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix, problem);
        return std::string();
    });
    tell(env, "cluster " + row.name + (row.kind == "embedded" ? " removed" : " forgotten"));
    return 0;
}

Action declare(CLI::App& parser) {
    auto name = std::make_shared<std::string>();
    add_required(parser, "NAME", *name, "name of the cluster");
    return [name](Env& env) { return run(env, *name); };
}

}  // namespace

void register_cluster_remove(Commands& commands) {
    commands.push_back({
        .path = "cluster remove",
        .summary = "Forget a cluster; an embedded one is deleted with its objects.",
        .examples = "gitopsctl cluster remove staging\n"
                    "gitopsctl cluster remove staging --yes",
        .exits = "0  removed\n"
                 "1  you said no\n"
                 "2  it is unknown or in use\n"
                 "64 a pipe without --yes",
        .declare = declare,
    });
}

}  // namespace gitops::cli
