#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/print.hpp"
#include "cli/repository_url.hpp"
#include "core/app/state/last_seen.hpp"
#include "core/io/git.hpp"
#include "core/kube/selector.hpp"

namespace gitops::cli {

namespace {

/// So many a list compares within a second or two.
constexpr std::size_t k_most_compared = 250;

struct Options {
    std::string project;
    std::string selector;
    std::string repo;
    bool refresh = false;
};

bool is_wanted(const app::Application& application, const Options& options,
               const kube::Selector& selector) {
    if (!options.project.empty() && application.project != options.project) return false;
    const std::string repo = options.repo.empty() ? std::string() : io::canonical_url(stored_url(options.repo, Holds::either));
    const auto from_it = [&](const app::Source& source) { return io::canonical_url(source.repo_url) == repo; };
    if (!repo.empty() && std::ranges::none_of(application.sources, from_it)) return false;
    const doc::Value* labels = application.document.path("metadata", "labels");
    return selector.matches(labels == nullptr ? doc::Value() : *labels);
}

/// Each compared now; of very many what was seen when they were last compared, unless --refresh asks.
std::vector<app::AppStatus> statuses_of(Env& env, std::vector<app::Application> applications, const Options& options) {
    if (!options.refresh && applications.size() > k_most_compared) {
        tell(env, "more than " + std::to_string(k_most_compared) + " applications: as they were last seen; --refresh compares them now");
        return app::last_seen(env.services(), std::move(applications),
                              wants_document(env) ? app::Operations::too : app::Operations::no);
    }
    std::vector<app::AppStatus> found;
    for (const app::Application& application : applications)
        found.push_back(app::status_of(env.services(), application, options.refresh ? app::Fetch::remote : app::Fetch::cached));
    return found;
}

int run(Env& env, const Options& options) {
    const kube::Selector selector =
        options.selector.empty() ? kube::Selector() : kube::Selector::parse(options.selector);
    std::vector<app::Application> wanted = env.state().applications();
    std::erase_if(wanted, [&](const app::Application& application) { return !is_wanted(application, options, selector); });
    Listing listing{.nothing = "no applications; gitopsctl app create registers one"};
    for (const app::Application& application : wanted) listing.names.push_back(application.name);
    if (env.format() == Format::name) {
        print_listing(env, listing);
        return 0;
    }
    const std::vector<app::AppStatus> found = statuses_of(env, std::move(wanted), options);
    if (wants_document(env))
        for (const app::AppStatus& status : found) listing.items.push_back(app::to_value(status));
    listing.table = app_list_table(found, env.format() == Format::wide ? Width::wide : Width::normal);
    print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-p,--project", options->project, "NAME", "only this project");
    add_value(parser, "-l,--selector", options->selector, "SELECTOR", "only applications with these labels");
    add_value(parser, "-r,--repo", options->repo, "URL", "only this repository");
    add_switch(parser, "--refresh", options->refresh, "ask the repositories for news, and compare however many there are");
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
