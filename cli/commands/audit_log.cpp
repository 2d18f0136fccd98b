#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/history_list.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string subject;
    int limit = 100;
};

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_optional(parser, "SUBJECT", options->subject, "only this application, cluster or repository");
    parser.add_option("--limit", options->limit, "the newest N (100)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    return [options](Env& env) {
        print_listing(env,
                      audit_listing(env.state().audit(options->subject, static_cast<std::size_t>(options->limit))));
        return 0;
    };
}

}  // namespace

void register_audit_log(Commands& commands) {
    commands.push_back({
        .path = "audit log",
        .summary = "List what was done, by whom, when, why and how it ended, oldest first.",
        .examples = "gitopsctl audit log\n"
                    "gitopsctl audit log web --limit 20 -o json",
        .exits = "0  listed, also when it is empty",
        .declare = declare,
    });
}

}  // namespace gitops::cli
