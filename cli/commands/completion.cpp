#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

int run(Env& env, const std::string& shell) {
    print_text(env, shell == "bash" ? k_bash_script : shell == "zsh" ? k_zsh_script : k_fish_script);
    return 0;
}

Action declare(CLI::App& parser) {
    auto shell = std::make_shared<std::string>();
    add_required(parser, "SHELL", *shell, "bash, zsh or fish")->check(CLI::IsMember({"bash", "zsh", "fish"}));
    return [shell](Env& env) { return run(env, *shell); };
}

}  // namespace

void register_completion(Commands& commands) {
    commands.push_back({
        .path = "completion",
        .summary = "Print the completion script of a shell.",
        .examples = "source <(gitopsctl completion bash)\n"
                    "gitopsctl completion zsh > _gitopsctl\n"
                    "gitopsctl completion fish | source",
        .exits = "0  printed",
        .declare = declare,
    });
}

}  // namespace gitops::cli
