#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

Action declare(CLI::App& parser) {
    auto name = std::make_shared<std::string>();
    add_required(parser, "NAME", *name, "name of the cluster");
    return [name](Env& env) {
        env.state().use_cluster(*name);
        tell(env, "the current cluster is " + *name);
        return 0;
    };
}

}  // namespace

void register_cluster_use(Commands& commands) {
    commands.push_back({
        .path = "cluster use",
        .summary = "Make a cluster the current one: where applications without a destination go.",
        .examples = "gitopsctl cluster use staging\n"
                    "gitopsctl cluster use local",
        .exits = "0  done\n"
                 "2  there is no such cluster",
        .declare = declare,
    });
}

}  // namespace gitops::cli
