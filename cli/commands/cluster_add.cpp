#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

struct Options {
    std::string name;
    std::string kubeconfig;
    std::string context;
    std::string pod_start;
    bool embedded = false;
};

/// The rule for a DNS label, which also keeps the name safe as a file name.
void require_cluster_name(const std::string& name) { app::require_name(name, "cluster"); }

int run(Env& env, const Options& options) {
    if (!options.kubeconfig.empty() || !options.context.empty()) {
        throw Error(Code::invalid,
                    "this version works on embedded clusters only: --kubeconfig and --context are not supported")
            .hint("gitopsctl cluster add " + options.name + " --embedded");
    }
    require_cluster_name(options.name);
    std::vector<std::string> names;
    for (const app::ClusterRow& row : env.state().clusters()) names.push_back(row.name);
    if (std::find(names.begin(), names.end(), options.name) != names.end() && options.pod_start.empty()) {
        throw Error(Code::conflict, "cluster " + options.name + " is already registered")
            .hint("gitopsctl cluster info " + options.name);
    }
    audited(env, {"cluster add", options.name, options.name, ""}, [&] {
        if (std::find(names.begin(), names.end(), options.name) == names.end()) {
            env.state().put_cluster({.name = options.name, .kind = "embedded"});
        }
        const auto cluster = env.embedded_cluster(options.name);
        if (!options.pod_start.empty()) cluster->set_pod_start(base::parse_duration(options.pod_start));
        return std::string("embedded");
    });
    tell(env, "cluster " + options.name + " is ready");
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "name of the cluster");
    add_switch(parser, "--embedded", options->embedded, "a cluster inside gitopsctl (the default)");
    add_value(parser, "--pod-start", options->pod_start, "DURATION",
              "how long a Pod takes to become ready (120ms); also for a known cluster");
    add_value(parser, "--kubeconfig", options->kubeconfig, "FILE",
              "refused: this version reaches embedded clusters only");
    add_value(parser, "--context", options->context, "NAME", "refused, see --kubeconfig");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_cluster_add(Commands& commands) {
    commands.push_back({
        .path = "cluster add",
        .summary = "Register a cluster.",
        .examples = "gitopsctl cluster add staging --embedded\n"
                    "gitopsctl cluster add slow --embedded --pod-start 3s",
        .exits = "0  registered\n"
                 "2  the name is taken or malformed",
        .declare = declare,
    });
}

}  // namespace gitops::cli
