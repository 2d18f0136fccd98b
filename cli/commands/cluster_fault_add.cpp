#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/cluster_value.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string image;
    std::string kind;
    std::string delay = "0s";
};

int run(Env& env, const Options& options) {
    const base::Duration delay = base::parse_duration(options.delay);
    const auto cluster = env.embedded_cluster();
    audited(env, {"cluster fault add", options.image, env.cluster_name(), ""}, [&] {
        const embedded::Fault fault = cluster->add_fault(*embedded::parse_fault(options.kind), options.image, delay);
        if (wants_document(env))
            print_document(env, fault_value(fault));
        else
            print_text(env, "fault " + fault.id + " added: " + options.kind + " for " + fault.image_glob + "\n");
        return options.kind;
    });
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "--image", options->image, "GLOB",
              "images it happens to: 'registry.example.com/web:v2', '*/web:*'")
        ->required();
    add_value(parser, "--kind", options->kind, "KIND", "crash-loop, pull-failure or slow-start")
        ->required()
        ->check(CLI::IsMember({"crash-loop", "pull-failure", "slow-start"}));
    add_value(parser, "--delay", options->delay, "DURATION", "slow-start: how long a Pod takes to become ready");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_cluster_fault_add(Commands& commands) {
    commands.push_back({
        .path = "cluster fault add",
        .summary = "Make images of an embedded cluster crash, start slowly or fail to pull.",
        .examples = "gitopsctl cluster fault add --image '*/web:v2' --kind crash-loop\n"
                    "gitopsctl cluster fault add --image '*:slow' --kind slow-start --delay 30s",
        .exits = "0  added\n"
                 "2  the cluster is not embedded",
        .declare = declare,
    });
}

}  // namespace gitops::cli
