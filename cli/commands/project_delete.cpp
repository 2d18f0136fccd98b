#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/project/project.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_most_named = 5;

/// Without its project an application could neither be compared nor synced. Those of `default` fall back to the
/// built-in one.
void require_unused(Env& env, const std::string& name) {
    if (name == sources::k_default_project) return;
    std::vector<std::string> users = app::applications_of_project(env.state(), name);
    if (users.empty()) return;
    const std::string count = base::count_of(users.size(), "application");
    if (users.size() > k_most_named) {
        users.resize(k_most_named);
        users.emplace_back("...");
    }
    throw Error(Code::conflict, "project " + name + " has " + count + ": " + base::join(users, ", "))
        .hint("gitopsctl app set NAME --project OTHER moves one, gitopsctl app delete NAME deletes it");
}

int run(Env& env, const std::string& name) {
    app::project_named(env.state(), name);
    if (!env.state().definition(app::k_project_kind, name))
        throw Error(Code::invalid, "project " + name + " is built in").hint("gitopsctl project create -f FILE puts another one in its place");
    require_unused(env, name);
    audited(env, {"project delete", name, "", ""}, [&] {
        env.state().delete_definition(app::k_project_kind, name);
        return std::string();
    });
    print_text(env, "project " + name + " deleted" + (name == sources::k_default_project ? ": the built-in one is back\n" : "\n"));
    return 0;
}

Action declare(CLI::App& parser) {
    auto name = std::make_shared<std::string>();
    add_required(parser, "NAME", *name, "the project");
    return [name](Env& env) { return run(env, *name); };
}

}  // namespace

void register_project_delete(Commands& commands) {
    commands.push_back({
        .path = "project delete",
        .summary = "Delete a project that no application uses.",
        .examples = "gitopsctl project delete team-a",
        .exits = "0  deleted\n"
                 "2  there is no such project, or applications use it",
        .declare = declare,
    });
}

}  // namespace gitops::cli
