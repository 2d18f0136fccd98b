#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
// What the completion scripts ask: the words typed so far, the last one unfinished, and out come the candidates.
#include <algorithm>

#include "cli/candidates.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::vector<std::string>& words) {
    for (const Candidate& candidate : candidates(env, words)) {
        print_text(env, candidate.word + (candidate.about.empty() ? "" : "\t" + candidate.about) + "\n");
    }
    return 0;
}

Action declare(CLI::App& parser) {
    auto words = std::make_shared<std::vector<std::string>>();
    add_many(parser, "WORD", *words, "the words after gitopsctl, the last one unfinished");
    return [words](Env& env) { return run(env, *words); };
}

}  // namespace

void register_complete(Commands& commands) {
    commands.push_back({
        .path = "__complete",
        .summary = "Answer the completion scripts: what may stand at the end of these words.",
        .examples = "gitopsctl __complete -- app get \"\"\n"
                    "gitopsctl __complete -- app sync --",
        .exits = "0  always",
        .declare = declare,
        .hidden = true,
    });
}

}  // namespace gitops::cli
