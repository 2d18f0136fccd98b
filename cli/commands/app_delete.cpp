#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"
#include "core/app/remove.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    bool cascade = true;
    bool confirm = false;
    std::string hooks = "full";
};

doc::Value report_value(const std::string& name, const app::RemoveReport& report) {
    doc::Value deleted = doc::Value::list();
    for (const kube::ResourceKey& key : report.deleted) deleted.push_back(key_value(key));
    doc::Value kept = doc::Value::list();
    for (const app::KeptObject& object : report.kept) {
        doc::Value item = key_value(object.key);
        item.set("reason", object.reason);
        kept.push_back(std::move(item));
    }
    doc::Value value = doc::Value::map();
    value.set("name", name);
    value.set("deleted", std::move(deleted));
    value.set("kept", std::move(kept));
    return value;
}

int run(Env& env, const Options& options) {
    app::application_of(env.services(), options.name);
    if (options.cascade &&
        !env.confirm("Delete application " + options.name + " and everything it put into its cluster?")) {
        tell(env, "nothing was deleted");
        return 1;
    }
    app::RemoveRequest request;
    request.cascade = options.cascade ? app::Cascade::yes : app::Cascade::no;
    request.hooks = options.hooks == "never" ? app::Hooks::never : app::Hooks::full;
    request.confirmation = options.confirm ? deliver::Confirmation::given : deliver::Confirmation::needed;
    request.timeout = env.globals().timeout(request.timeout);
    const app::RemoveReport report = app::remove_application(env.services(), options.name, request, env.stop());
    if (wants_document(env)) {
        print_document(env, report_value(options.name, report));
        return 0;
    }
    for (const app::KeptObject& object : report.kept) tell(env, "kept " + object.key.text() + ": " + object.reason);
    const std::string objects = options.cascade ? " with " + base::count_of(report.deleted.size(), "object")
                                                : "; its objects stay in the cluster";
    print_text(env, "application " + options.name + " deleted" + objects + "\n");
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    parser.add_flag("--cascade,!--no-cascade", options->cascade,
                    "delete its objects too (the default), or leave them");
    add_switch(parser, "--confirm-deletion", options->confirm, "agree to deleting what is marked Delete=confirm");
    add_value(parser, "--hooks", options->hooks, "WHEN", "full (default): PreDelete and PostDelete hooks run; never")
        ->check(CLI::IsMember({"full", "never"}));
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_delete(Commands& commands) {
    commands.push_back({
        .path = "app delete",
        .summary = "Delete an application, and what it put into its cluster.",
        .examples = "gitopsctl app delete web\n"
                    "gitopsctl app delete web --yes\n"
                    "gitopsctl app delete web --no-cascade --yes",
        .exits = "0  deleted\n"
                 "1  you said no\n"
                 "2  no such application, or an object could not be deleted\n"
                 "64 objects would go, in a pipe without --yes",
        .declare = declare,
    });
}

}  // namespace gitops::cli
