#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/appset/appset.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    bool cascade = true;
};

int run(Env& env, const Options& options) {
    if (!env.state().definition(app::k_set_kind, options.name)) app::set_named(env.state(), options.name);
    const std::size_t count = app::members_of(env.state(), options.name).size();
    const std::string applications = base::count_of(count, "application");
    if (options.cascade && count > 0 && !env.confirm("Delete ApplicationSet " + options.name + " and its " + applications + "?")) {
        tell(env, "nothing was deleted");
        return 1;
    }
    app::delete_set(env.services(), options.name, options.cascade ? app::Members::remove : app::Members::leave, env.stop());
    if (wants_document(env)) {
        doc::Value value = doc::Value::map();
        value.set("name", options.name);
        value.set("applications", static_cast<int>(count));
        value.set("cascade", options.cascade);
        print_document(env, value);
        return 0;
    }
    print_text(env, "applicationset " + options.name + " deleted" +
        (options.cascade ? " with " + applications : "; its " + applications + " stay") + "\n");
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the ApplicationSet");
    parser.add_flag("--cascade,!--no-cascade", options->cascade, "delete its applications too (the default), or leave them");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_appset_delete(Commands& commands) {
    commands.push_back({
        .path = "appset delete",
        .summary = "Delete an ApplicationSet, and the applications it made.",
        .examples = "gitopsctl appset delete pipelines --yes\n"
                    "gitopsctl appset delete pipelines --no-cascade",
        .exits = "0  deleted\n"
                 "1  you said no\n"
                 "2  there is no such ApplicationSet, or an application could not be deleted\n"
                 "64 applications would go, in a pipe without --yes",
        .declare = declare,
    });
}

}  // namespace gitops::cli
