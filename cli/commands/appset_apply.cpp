#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <functional>

#include "cli/appset_files.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/error_view.hpp"
#include "cli/output/object_diff.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/base/error.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string file;
    std::vector<std::string> local_repos;
    std::string max_deletions;
    bool dry_run = false;
};

enum class Show { changes, diffs };

doc::Value plan_value(const app::SetPlan& plan) {
    doc::Value changes = doc::Value::list();
    for (const app::SetChange& change : plan.changes) changes.push_back(change_value(change));
    doc::Value value = doc::Value::map();
    value.set("name", plan.set.name);
    value.set("changes", std::move(changes));
    doc::Value invalid = doc::Value::list();
    for (const app::InvalidMember& member : plan.invalid) {
        doc::Value item = doc::Value::map();
        item.set("application", member.app);
        item.set("from", member.origin);
        item.set("error", error_value(member.error));
        invalid.push_back(std::move(item));
    }
    value.set("invalid", std::move(invalid));
    value.set("refused", plan.refusal ? doc::Value(plan.refusal->message()) : doc::Value());
    return value;
}

void show_plan(Env& env, const app::SetPlan& plan, Show show) {
    std::string text;
    for (const app::SetChange& change : plan.changes) {
        if (!is_change(change)) continue;
        text += std::string(app::set_action_name(change.action)) + " application " + change.app;
        text += change.origin.empty() ? "\n" : " from " + change.origin + "\n";
        if (show == Show::diffs) text += painted_diff(change_diff(change), env.terminal().has_color() ? Paint::yes : Paint::no);
    }
    print_text(env, text);
}

/// 2 when applications cannot be registered, each of which is told, else `code`.
int exit_of(const std::vector<app::SetPlan>& plans, int code) {
    for (const app::SetPlan& plan : plans)
        for (const app::InvalidMember& member : plan.invalid) {
            print_error(member.error);
            code = 2;
        }
    return code;
}

int show_plans(Env& env, const std::vector<app::SetPlan>& plans) {
    if (wants_document(env)) {
        std::vector<doc::Value> items;
        for (const app::SetPlan& plan : plans) items.push_back(plan_value(plan));
        print_document(env, items_document(std::move(items)));
        return exit_of(plans, 0);
    }
    for (const app::SetPlan& plan : plans) {
        show_plan(env, plan, Show::diffs);
        print_text(env, "applicationset " + plan.set.name + ": " + counts_text(plan) + " (dry run)\n");
        if (plan.refusal) warn(env, "warning: without --yes this is refused: " + plan.refusal->message());
    }
    return exit_of(plans, 0);
}

std::vector<app::SetPlan> plans_of(Env& env, const Options& options) {
    const sources::SetPorts ports = ports_of(env, options.local_repos);
    std::vector<app::SetPlan> plans;
    for (const sources::ApplicationSet& set : read_sets(env, options.file)) {
        plans.push_back(app::plan_set(env.services(), set, ports, options.max_deletions));
        for (const std::string& warning : plans.back().warnings) warn(env, "warning: " + warning);
    }
    return plans;
}

int apply(Env& env, const Options& options) {
    const auto plans = plans_of(env, options);
    if (options.dry_run) return show_plans(env, plans);
    const app::Confirmed confirmed = env.globals().yes ? app::Confirmed::yes : app::Confirmed::no;
    for (const app::SetPlan& plan : plans)
        if (plan.refusal && confirmed == app::Confirmed::no) throw base::Error(*plan.refusal);
    Listing listing;
    for (const app::SetPlan& plan : plans) {
        const bool is_new = !env.state().definition(app::k_set_kind, plan.set.name);
        app::apply_set(env.services(), plan, confirmed, env.stop());
        listing.items.push_back(plan_value(plan));
        listing.names.push_back(plan.set.name);
        if (wants_document(env) || env.format() == Format::name) continue;
        show_plan(env, plan, Show::changes);
        print_text(env, "applicationset " + plan.set.name + (is_new ? " created: " : " applied: ") + counts_text(plan) + "\n");
    }
    if (wants_document(env) || env.format() == Format::name) print_listing(env, listing);
    return exit_of(plans, 0);
}

int diff(Env& env, const Options& options) {
    const auto plans = plans_of(env, options);
    bool differs = false;
    std::vector<doc::Value> items;
    for (const app::SetPlan& plan : plans) {
        for (const app::SetChange& change : plan.changes) differs |= is_change(change);
        if (wants_document(env)) items.push_back(plan_value(plan));
        else show_plan(env, plan, Show::diffs);
    }
    if (wants_document(env)) print_document(env, items_document(std::move(items)));
    else if (!differs) tell(env, "no differences");
    return exit_of(plans, differs ? 1 : 0);
}

void declare_file(CLI::App& parser, Options& options) {
    add_value(parser, "-f,--file", options.file, "FILE",
        "Argo CD's ApplicationSet YAML: a file, a folder, or - for standard input")->required();
    add_repeated(parser, "--local-repo", options.local_repos, "URL=DIR", "generate from this folder in place of the repository");
    add_value(parser, "--max-deletions", options.max_deletions, "COUNT|SHARE",
        "delete no more applications than this without --yes (50%)");
}

Action declare_apply(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_file(parser, *options);
    add_switch(parser, "--dry-run", options->dry_run, "only show what would be created, updated and deleted");
    return [options](Env& env) { return apply(env, *options); };
}

Action declare_diff(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    declare_file(parser, *options);
    return [options](Env& env) { return diff(env, *options); };
}

constexpr std::string_view k_exits =
    "0  done\n"
    "2  the set is wrong, a generator failed, or too many applications would be deleted: nothing was changed;\n"
    "   or some applications could not be registered: the others were";

}  // namespace

void register_appset_apply(Commands& commands) {
    commands.push_back({
        .path = "appset apply",
        .summary = "Register an ApplicationSet, and create, update and delete its applications.",
        .examples = "gitopsctl appset apply -f set.yaml --dry-run\n"
                    "gitopsctl appset apply -f set.yaml\n"
                    "gitopsctl appset apply -f set.yaml --max-deletions 3",
        .exits = k_exits,
        .declare = declare_apply,
    });
}

void register_appset_create(Commands& commands) {
    commands.push_back({
        .path = "appset create",
        .summary = "The same as appset apply, by Argo CD's name.",
        .examples = "gitopsctl appset create -f set.yaml",
        .exits = k_exits,
        .declare = declare_apply,
    });
}

void register_appset_diff(Commands& commands) {
    commands.push_back({
        .path = "appset diff",
        .summary = "Show what applying an ApplicationSet would change in the registered applications.",
        .examples = "gitopsctl appset diff -f set.yaml\n"
                    "gitopsctl appset diff -f set.yaml -o json",
        .exits = "0  nothing would change\n"
                 "1  something would\n"
                 "2  the set is wrong, a generator failed, or some applications could not be registered",
        .declare = declare_diff,
    });
}

}  // namespace gitops::cli
