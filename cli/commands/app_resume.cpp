#include "cli/app_selection.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/print.hpp"
#include "core/app/state/record_keeper.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& name) {
    const app::Application application = app::application_of(env.services(), name);
    app::pull_record(env.services(), application);
    const app::AppState before = env.state().state(application.instance);
    if (!before.suspended && before.pinned_revision.empty()) {
        print_text(env, "application " + name + " was not held\n");
        return 0;
    }
    const std::string pin =
        before.pinned_revision.empty() ? "" : "pin to " + short_sha(before.pinned_revision) + " released";
    audited(env, {"resume", name, "", ""}, [&] {
        env.state().update_state(application.instance, [](app::AppState& state) {
            state.suspended = false;
            state.suspended_until.reset();
            state.suspend_reason.clear();
            state.pinned_revision.clear();
        });
        app::push_record(env.services(), application);
        return pin;
    });
    print_text(env, "application " + name + " resumed" + (pin.empty() ? "" : ": " + pin) + "\n");
    return 0;
}

}  // namespace

void register_app_resume(Commands& commands) {
    commands.push_back({
        .path = "app resume",
        .summary = "End a suspension, and the pin of `app rollback --strategy pin`.",
        .examples = "gitopsctl app resume web",
        .exits = "0  resumed, or nothing was held\n"
                 "2  there is no such application",
        .declare = [](CLI::App& parser) { return declare_for_application(parser, run); },
    });
}

}  // namespace gitops::cli
