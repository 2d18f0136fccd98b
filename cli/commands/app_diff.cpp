#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/diff_reasons.hpp"
#include "cli/output/object_diff.hpp"
#include "cli/output/status_value.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/app/compare.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    std::string revision;
    std::string local;
    bool server_side = false;
    bool explain = false;
};

struct Difference {
    const deliver::Step* step;
    kube::ResourceKey key;
    std::string_view change;  ///< "create", "update", "prune"
    std::string text;
};

std::string_view change_of_step(const deliver::Step& step) {
    if (step.desired.is_null()) return "prune";
    return step.live.is_null() ? "create" : "update";
}

/// Hooks run anew in each sync: that they differ means nothing.
bool differs(const deliver::Step& step) {
    if (step.hook) return false;
    switch (step.action) {
        case deliver::Action::create:
        case deliver::Action::prune:
            return true;
        case deliver::Action::update:
            return !deliver::is_in_sync(step);
        case deliver::Action::unchanged:
            return false;
        case deliver::Action::skip:
            return deliver::awaits_pruning(step);
    }
    return false;
}

std::vector<Difference> differences(const deliver::Plan& plan) {
    std::vector<Difference> found;
    for (const deliver::Step& step : plan.steps) {
        if (!differs(step)) continue;
        std::string text = step_diff(step);
        if (!text.empty()) found.push_back({&step, step.key, change_of_step(step), std::move(text)});
    }
    return found;
}

/// "apps/Deployment prod/web", with the slash of the core group as Argo CD prints it: "/Service prod/web".
std::string header_of(const kube::ResourceKey& key) {
    return "===== " + key.group + "/" + key.kind + " " + (key.ns.empty() ? "" : key.ns + "/") + key.name + " ======";
}

doc::Value document_of(const Options& options, const app::Comparison& comparison,
                       const std::vector<Difference>& found) {
    doc::Value items = doc::Value::list();
    for (const Difference& difference : found) {
        doc::Value item = key_value(difference.key);
        item.set("change", difference.change);
        item.set("diff", difference.text);
        if (options.explain) {
            const DiffReasons reasons = diff_reasons(*difference.step);
            item.set("fields", reasons_value(reasons));
            item.set("ignoreDifferences", reasons.entry);
        }
        items.push_back(std::move(item));
    }
    doc::Value document = doc::Value::map();
    document.set("name", options.name);
    document.set("revision", text_or_null(comparison.revision.sha));
    document.set("items", std::move(items));
    return document;
}

int run(Env& env, const Options& options) {
    if (!options.revision.empty() && !options.local.empty())
        throw UsageError("--revision and --local exclude each other");
    app::CompareRequest request;
    request.revision = options.revision;
    request.local_dir = options.local;
    request.prune = deliver::PrunePolicy::prune;
    request.predict = options.server_side ? app::Predict::on_server : app::Predict::here;
    const app::Comparison comparison = app::compare(env.services(), app::application_of(env.services(), options.name), request);
    for (const std::string& warning : comparison.rendered.warnings) warn(env, "warning: " + warning);
    const std::vector<Difference> found = differences(comparison.plan);
    if (wants_document(env)) {
        print_document(env, document_of(options, comparison, found));
        return found.empty() ? 0 : 1;
    }
    const Paint paint = env.terminal().has_color() ? Paint::yes : Paint::no;
    for (const Difference& difference : found) {
        if (env.format() == Format::name)
            print_text(env, difference.key.text() + "\n");
        else
            print_text(env, env.terminal().paint(Color::bold, header_of(difference.key)) + "\n" +
                                painted_diff(difference.text, paint) +
                                (options.explain ? reasons_text(diff_reasons(*difference.step)) : ""));
    }
    if (options.explain && env.format() != Format::name)
        for (const deliver::Step& step : comparison.plan.steps) print_text(env, ignored_text(step));
    if (found.empty()) tell(env, "no differences");
    return found.empty() ? 0 : 1;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    add_value(parser, "--revision", options->revision, "REV", "compare with this revision instead of the target");
    add_value(parser, "--local", options->local, "DIR", "compare with this folder on disk instead of Git");
    add_switch(parser, "--server-side,--server-side-diff", options->server_side, "let the cluster judge each object in a dry run");
    add_switch(parser, "--explain", options->explain, "say why each field counts, and how to have it ignored");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_diff(Commands& commands) {
    commands.push_back({
        .path = "app diff",
        .summary = "Show what a sync would change: live objects against Git, as a unified diff.",
        .examples = "gitopsctl app diff web\n"
                    "gitopsctl app diff web --revision v1.3.0\n"
                    "gitopsctl app diff web --explain\n"
                    "gitopsctl app diff web --local ./overlays/prod",
        .exits = "0  no differences\n"
                 "1  there are differences\n"
                 "2  no such application, or Git cannot be rendered",
        .declare = declare,
    });
}

}  // namespace gitops::cli
