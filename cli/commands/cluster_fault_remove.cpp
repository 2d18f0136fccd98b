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

struct Options {
    std::vector<std::string> ids;
    bool all = false;
};

int run(Env& env, const Options& options) {
    if (options.ids.empty() != options.all) throw UsageError("name the faults to remove, or --all");
    const auto cluster = env.embedded_cluster();
    std::vector<std::string> known;
    for (const embedded::Fault& fault : cluster->faults()) known.push_back(fault.id);
    for (const std::string& id : options.all ? known : options.ids) {
        audited(env, {"cluster fault remove", id, env.cluster_name(), ""}, [&] {
            if (!cluster->remove_fault(id)) {
                throw base::Error(base::Code::not_found, "there is no fault '" + id + "'")
                    .suggest(base::near_names(id, known));
            }
            print_text(env, "fault " + id + " removed\n");
            return std::string();
        });
    }
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_many(parser, "ID", options->ids, "faults, as `cluster fault list` names them");
    add_switch(parser, "--all", options->all, "every fault");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_cluster_fault_remove(Commands& commands) {
    commands.push_back({
        .path = "cluster fault remove",
        .summary = "Take faults away again.",
        .examples = "gitopsctl cluster fault remove f1\n"
                    "gitopsctl cluster fault remove --all",
        .exits = "0  removed\n"
                 "2  there is no such fault",
        .declare = declare,
    });
}

}  // namespace gitops::cli
