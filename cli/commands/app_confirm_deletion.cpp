#include "cli/app_selection.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/approval.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& name) {
    audited(env, {"confirm deletion", name, "", ""}, [&] {
        app::approve_deletions(env.services(), name);
        return std::string("deletions agreed to");
    });
    print_text(env, "the next sync with --prune, or the deletion, of " + name + " may delete what waits for confirmation\n");
    return 0;
}

}  // namespace

void register_app_confirm_deletion(Commands& commands) {
    commands.push_back({
        .path = "app confirm-deletion",
        .summary = "Agree to deleting objects marked Prune=confirm or Delete=confirm, once.",
        .examples = "gitopsctl app confirm-deletion web",
        .exits = "0  agreed\n"
                 "2  there is no such application",
        .declare = [](CLI::App& parser) { return declare_for_application(parser, run); },
    });
}

}  // namespace gitops::cli
