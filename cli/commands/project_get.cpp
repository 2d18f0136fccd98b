#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/project_text.hpp"
#include "cli/print.hpp"
#include "core/app/project/project.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& name) {
    const sources::AppProject project = app::project_named(env.state(), name);
    if (wants_document(env)) print_document(env, project.document);
    else if (env.format() == Format::name) print_text(env, project.name + "\n");
    else project_page(project).print(env.terminal());
    return 0;
}

Action declare(CLI::App& parser) {
    auto name = std::make_shared<std::string>();
    add_required(parser, "NAME", *name, "the project");
    return [name](Env& env) { return run(env, *name); };
}

}  // namespace

void register_project_get(Commands& commands) {
    commands.push_back({
        .path = "project get",
        .summary = "Show one project: its rules, roles and windows; as YAML or JSON its AppProject document.",
        .examples = "gitopsctl project get default\n"
                    "gitopsctl project get team-a -o yaml",
        .exits = "0  shown\n"
                 "2  there is no such project",
        .declare = declare,
    });
}

}  // namespace gitops::cli
