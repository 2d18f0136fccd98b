#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/print.hpp"
#include "core/io/git.hpp"
#include "core/kube/selector.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string project;
    std::string selector;
    std::string repo;
    bool refresh = false;
};

bool is_wanted(const Env& env, const app::Application& application, const Options& options,
               const kube::Selector& selector) {
    if (!options.project.empty() && application.project != options.project) return false;
    if (!options.repo.empty() &&
        io::canonical_url(env.stored_url(options.repo)) != io::canonical_url(application.source.repo_url))
        return false;
    const doc::Value* labels = application.document.path("metadata", "labels");
    return selector.matches(labels == nullptr ? doc::Value() : *labels);
}

int run(Env& env, const Options& options) {
    const kube::Selector selector =
        options.selector.empty() ? kube::Selector() : kube::Selector::parse(options.selector);
    std::vector<app::AppStatus> found;
    Listing listing{.nothing = "no applications; gitopsctl app create registers one"};
    for (const app::Application& application : env.state().applications()) {
        if (!is_wanted(env, application, options, selector)) continue;
        listing.names.push_back(application.name);
        if (env.format() == Format::name) continue;
        found.push_back(
            app::status_of(env.services(), application, options.refresh ? app::Fetch::remote : app::Fetch::cached));
        if (wants_document(env)) listing.items.push_back(app::to_value(found.back()));
    }
    listing.table = app_list_table(found, env.format() == Format::wide ? Width::wide : Width::normal);
    print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-p,--project", options->project, "NAME", "only this project");
    add_value(parser, "-l,--selector", options->selector, "SELECTOR", "only applications with these labels");
    add_value(parser, "-r,--repo", options->repo, "URL", "only this repository");
    add_switch(parser, "--refresh", options->refresh, "ask the repositories for news first");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_list(Commands& commands) {
    commands.push_back({
        .path = "app list",
        .summary = "List the applications with their status.",
        .examples = "gitopsctl app list\n"
                    "gitopsctl app list -l team=data -o wide\n"
                    "gitopsctl app list -o json",
        .exits = "0  listed, also when there are none",
        .declare = declare,
    });
}

}  // namespace gitops::cli
