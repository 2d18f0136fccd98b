#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/repository_url.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& given) {
    const std::string url = stored_url(given, Holds::either);
    audited(env, {"repo remove", url, "", ""}, [&] {
        if (!env.state().delete_repository(url)) {
            std::vector<std::string> known;
            for (const app::RepoRow& row : env.state().repositories()) known.push_back(row.url);
            throw base::Error(base::Code::not_found, "repository " + url + " is not registered")
                .suggest(base::near_names(url, known));
        }
        return std::string();
    });
    print_text(env, "repository " + url + " removed\n");
    return 0;
}

Action declare(CLI::App& parser) {
    auto url = std::make_shared<std::string>();
    add_required(parser, "URL", *url, "the repository");
    return [url](Env& env) { return run(env, *url); };
}

}  // namespace

void register_repo_remove(Commands& commands) {
    commands.push_back({
        .path = "repo remove",
        .summary = "Forget how to authenticate to a repository.",
        .examples = "gitopsctl repo remove https://example.com/team/app.git",
        .exits = "0  removed\n"
                 "2  it is not registered",
        .declare = declare,
    });
}

}  // namespace gitops::cli
