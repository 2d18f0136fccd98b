#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/error_view.hpp"
#include "cli/print.hpp"
#include "cli/repository_url.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

doc::Value result_value(const std::string& url, std::optional<std::size_t> refs, doc::Value error) {
    doc::Value value = doc::Value::map();
    value.set("url", url);
    value.set("reachable", refs.has_value());
    value.set("refs", refs ? doc::Value(static_cast<std::int64_t>(*refs)) : doc::Value());
    value.set("error", std::move(error));
    return value;
}

int run(Env& env, const std::string& given) {
    const std::string url = stored_url(given);
    const io::GitOptions options = env.git_options(url);
    try {
        const std::size_t refs = io::check_remote(options);
        if (wants_document(env))
            print_document(env, result_value(url, refs, {}));
        else
            print_text(env,
                       url + " can be read: " + base::count_of(refs, "branch or tag", "branches and tags") + "\n");
        return 0;
    } catch (const base::Error& error) {
        if (error.code() == base::Code::invalid || error.code() == base::Code::cancelled) throw;
        if (wants_document(env))
            print_document(env, result_value(url, std::nullopt, error_value(error)));
        else
            print_error(error);
        return 1;
    }
}

Action declare(CLI::App& parser) {
    auto url = std::make_shared<std::string>();
    add_required(parser, "URL", *url, "the repository");
    return [url](Env& env) { return run(env, *url); };
}

}  // namespace

void register_repo_check(Commands& commands) {
    commands.push_back({
        .path = "repo check",
        .summary = "Test the connection to a repository, with the credentials registered for it.",
        .examples = "gitopsctl repo check https://example.com/team/app.git\n"
                    "gitopsctl repo check . -o json",
        .exits = "0  it can be read\n"
                 "1  it cannot\n"
                 "2  the URL is not accepted",
        .declare = declare,
    });
}

}  // namespace gitops::cli
