#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/projects.hpp"
#include "core/app/project_edit.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string project, repo;
};

int run(Env& env, const Options& options) {
    const std::string repo = stored_source_rule(env, options.repo);
    return edit_project(
        env, options.project, [&](doc::Value& document) { return app::add_entry(document, "sourceRepos", doc::Value(repo)); },
        "source " + repo + " added", "source " + repo + " is already there");
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "PROJECT", options->project, "the project");
    add_required(parser, "REPO", options->repo, "repository; a glob in which * stops at /, !REPO denies");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_project_add_source(Commands& commands) {
    commands.push_back({
        .path = "project add-source",
        .summary = "Let the applications of a project come from a repository, or deny it.",
        .examples = "gitopsctl project add-source team-a 'https://git.example/team-a/*'\n"
                    "gitopsctl project add-source team-a '!https://git.example/team-a/old'",
        .exits = "0  added, or already there\n"
                 "2  there is no such project, or the rule is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
