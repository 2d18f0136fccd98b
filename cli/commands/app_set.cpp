#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/app_flags.hpp"
#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/repository_url.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    AppFlags flags;
};

/// What the source that is changed comes from. A position that is none is refused by the edit itself.
Holds held_by(const app::Application& before, const app::ApplicationChange& change) {
    if (change.chart) return Holds::charts;
    const auto index = static_cast<std::size_t>(change.source_position.value_or(1)) - 1;
    return index < before.sources.size() && before.sources[index].is_chart() ? Holds::charts : Holds::git;
}

int run(Env& env, const Options& options) {
    const app::Application before = app::application_of(env.services(), options.name);
    app::ApplicationChange change = change_of(options.flags);
    if (change.empty()) throw UsageError("nothing to change: give at least one flag, as --revision v1.2.0");
    if (change.repo_url) change.repo_url = typed_url(*change.repo_url, held_by(before, change));
    std::vector<std::string> warnings;
    const app::Application after = app::read_application(app::edited(before.document, change), "", warnings);
    for (const std::string& warning : warnings) warn(env, "warning: " + warning);
    if (app::same_definition(before.document, after.document)) {
        print_text(env, "application " + options.name + " unchanged\n");
        return 0;
    }
    audited(env, {"set", options.name, after.destination.cluster, ""}, [&] {
        env.state().put_application(after, env.clock().now());
        return std::string();
    });
    print_text(env, "application " + options.name + " updated\n");
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    declare_app_flags(parser, options->flags);
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_set(Commands& commands) {
    commands.push_back({
        .path = "app set",
        .summary = "Change parts of an application's definition.",
        .examples = "gitopsctl app set web --revision v1.2.0\n"
                    "gitopsctl app set web --sync-policy automated --self-heal --sync-option '!Prune'\n"
                    "gitopsctl app set web --kustomize-image web=registry.example.com/web:v2 --replicas web=3",
        .exits = "0  changed, or already so\n"
                 "2  no such application, or the result is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
