#include "cli/app_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/termination.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& name) {
    const app::LockRow holder = app::request_termination(env.services(), name);
    print_text(env, "asked the " + holder.action + " of " + holder.actor + " on " + name + " to end\n");
    return 0;
}

}  // namespace

void register_app_terminate_op(Commands& commands) {
    commands.push_back({
        .path = "app terminate-op",
        .summary = "End a running sync: its hooks are deleted, what it applied stays.",
        .examples = "gitopsctl app terminate-op web",
        .exits = "0  the operation was asked to end\n"
                 "2  nothing runs on the application, or there is none of that name",
        .declare = [](CLI::App& parser) { return declare_for_application(parser, run); },
    });
}

}  // namespace gitops::cli
