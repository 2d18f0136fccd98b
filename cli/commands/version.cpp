#include "cli/commands/registry.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env) {
    if (wants_document(env)) {
        doc::Value document = doc::Value::map();
        document.set("name", "gitopsctl");
        document.set("version", GITOPSCTL_VERSION);
        print_document(env, document);
    } else {
        print_text(env, "gitopsctl " GITOPSCTL_VERSION "\n");
    }
    return 0;
}

}  // namespace

void register_version(Commands& commands) {
    commands.push_back({
        .path = "version",
        .summary = "Print the version.",
        .examples = "gitopsctl version\n"
                    "gitopsctl version -o json",
        .exits = "0  printed",
        .declare = [](CLI::App&) -> Action { return run; },
    });
}

}  // namespace gitops::cli
