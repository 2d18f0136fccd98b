#include "cli/root.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <new>

#include "cli/commands/registry.hpp"
#include "cli/env.hpp"
#include "cli/globals.hpp"
#include "cli/help.hpp"
#include "cli/output/error_view.hpp"
#include "cli/output/terminal.hpp"
#include "cli/signals.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

enum Exit { k_done = 0, k_error = 2, k_usage = 64 };

bool is_flag(std::string_view word) { return word.size() > 1 && word.front() == '-'; }
bool is_help(std::string_view word) { return word == "-h" || word == "--help"; }

bool begins(std::string_view path, std::string_view words) {
    return path == words || (path.starts_with(words) && path[words.size()] == ' ');
}

/// The words that may follow `prefix`: nouns for "", verbs for a noun. A word that leads to several has no summary.
Commands words_after(const Commands& commands, std::string_view prefix) {
    Commands words;
    for (const Command& command : commands) {
        if (command.hidden || (!prefix.empty() && !begins(command.path, prefix))) continue;
        const std::string_view rest = command.path.substr(prefix.empty() ? 0 : prefix.size() + 1);
        const std::string_view word = rest.substr(0, rest.find(' '));
        if (!words.empty() && words.back().path == word) continue;
        words.push_back({.path = word,
                         .summary = word == rest ? command.summary : "",
                         .examples = "",
                         .exits = "",
                         .declare = nullptr});
    }
    return words;
}

std::vector<std::string> next_words(const Commands& commands, std::string_view prefix) {
    std::vector<std::string> names;
    for (const Command& command : words_after(commands, prefix)) names.emplace_back(command.path);
    return names;
}

[[noreturn]] void unknown_command(const Commands& commands, std::string_view prefix, std::string_view word) {
    UsageError error("unknown command '" + (prefix.empty() ? std::string() : std::string(prefix) + " ") +
                     std::string(word) + "'");
    error.suggest(base::near_names(word, next_words(commands, prefix)));
    error.hint(prefix.empty() ? "gitopsctl --help lists every command"
                              : "gitopsctl " + std::string(prefix) + " --help lists its verbs");
    throw error;
}

const Command* find_command(const Commands& commands, std::string_view path) {
    const auto found =
        std::find_if(commands.begin(), commands.end(), [&](const Command& c) { return c.path == path; });
    return found == commands.end() ? nullptr : &*found;
}

/// The words of a group ("app", "cluster fault") as far as they were given, and whether help was asked for.
struct Incomplete {
    std::string noun;
    bool help = false;
};

Incomplete incomplete(std::span<const std::string> words) {
    Incomplete result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (is_help(words[i]))
            result.help = true;
        else if (is_flag(words[i]))
            i += takes_value(words[i]) ? 1 : 0;
        else
            result.noun += (result.noun.empty() ? "" : " ") + words[i];
    }
    return result;
}

std::vector<std::string> flags_of(const CLI::App& parser) {
    std::vector<std::string> names;
    for (const CLI::Option* option : parser.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

[[noreturn]] void rethrow_usage(const CLI::ParseError& problem, const Command& command, const CLI::App& parser) {
    const std::string hint = "usage: " + usage_line(command, parser) + "; --help tells more";
    const std::vector<std::string> extra = parser.remaining();
    const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr && !extra.empty();
    if (!is_extra) {
        UsageError error(problem.what());
        error.hint(hint);
        throw error;
    }
    const std::string name = extra.front().substr(0, extra.front().find('='));
    UsageError error(is_flag(name) ? "unknown flag " + name : "unexpected argument '" + extra.front() + "'");
    if (is_flag(name)) error.suggest(base::near_names(name, flags_of(parser)));
    error.hint(hint);
    throw error;
}

/// Declares, parses and runs one command.
int run_chosen(const Chosen& chosen) {
    const Command& command = *chosen.command;
    CLI::App parser;
    parser.set_help_flag("-h,--help", "this page");
    const Action action = command.declare(parser);
    Globals globals;
    declare_globals(parser, globals);
    try {
        std::vector<std::string> reversed(chosen.rest.rbegin(), chosen.rest.rend());
        parser.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        write_stdout(command_help(command, parser));
        return k_done;
    } catch (const CLI::ParseError& problem) {
        rethrow_usage(problem, command, parser);
    }
    Env env(globals);
    const int code = action(env);
    env.terminal().flush();
    return code;
}

int show_group(const Commands& commands, const Incomplete& words) {
    const std::string text = group_help(commands, words.noun);
    if (words.help)
        write_stdout(text);
    else
        std::fputs(text.c_str(), stderr);
    return words.help ? k_done : k_usage;
}

}  // namespace

Commands all_commands() {
    Commands commands;
    register_app_create(commands);
    register_app_list(commands);
    register_app_get(commands);
    register_app_set(commands);
    register_app_delete(commands);
    register_app_diff(commands);
    register_app_sync(commands);
    register_app_wait(commands);
    register_app_history(commands);
    register_app_events(commands);
    register_app_rollback(commands);
    register_app_manifests(commands);
    register_app_resources(commands);
    register_app_tree(commands);
    register_app_suspend(commands);
    register_app_resume(commands);
    register_app_terminate_op(commands);
    register_app_confirm_deletion(commands);
    register_appset_generate(commands);
    register_appset_apply(commands);
    register_appset_create(commands);
    register_appset_diff(commands);
    register_appset_list(commands);
    register_appset_get(commands);
    register_appset_delete(commands);
    register_drift_diff(commands);
    register_drift_fix(commands);
    register_drift_watch(commands);
    register_controller_run(commands);
    register_notify_test(commands);
    register_cluster_list(commands);
    register_cluster_add(commands);
    register_cluster_use(commands);
    register_cluster_remove(commands);
    register_cluster_info(commands);
    register_cluster_get(commands);
    register_cluster_apply(commands);
    register_cluster_patch(commands);
    register_cluster_scale(commands);
    register_cluster_set_image(commands);
    register_cluster_edit(commands);
    register_cluster_delete(commands);
    register_cluster_events(commands);
    register_cluster_fault_add(commands);
    register_cluster_fault_list(commands);
    register_cluster_fault_remove(commands);
    register_canary_run(commands);
    register_canary_list(commands);
    register_canary_status(commands);
    register_canary_history(commands);
    register_canary_lint(commands);
    register_canary_explain(commands);
    register_canary_plot(commands);
    register_canary_ask(commands);
    register_bluegreen_run(commands);
    register_bluegreen_status(commands);
    register_bluegreen_switch(commands);
    register_bluegreen_rollback(commands);
    register_project_create(commands);
    register_project_list(commands);
    register_project_get(commands);
    register_project_delete(commands);
    register_project_add_destination(commands);
    register_project_remove_destination(commands);
    register_project_add_source(commands);
    register_project_remove_source(commands);
    register_project_allow_cluster_resource(commands);
    register_project_deny_cluster_resource(commands);
    register_project_allow_namespace_resource(commands);
    register_project_deny_namespace_resource(commands);
    register_project_windows(commands);
    register_project_can(commands);
    register_repo_add(commands);
    register_repo_list(commands);
    register_repo_remove(commands);
    register_repo_check(commands);
    register_kustomize_build(commands);
    register_audit_log(commands);
    register_render(commands);
    register_health(commands);
    register_reconcile(commands);
    register_completion(commands);
    register_complete(commands);
    register_version(commands);
    return commands;
}

Chosen choose(const Commands& commands, std::span<const std::string> words) {
    Chosen chosen;
    std::string path;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (chosen.command != nullptr || is_flag(word)) {
            chosen.rest.push_back(word);
            if (chosen.command == nullptr && takes_value(word) && i + 1 < words.size())
                chosen.rest.push_back(words[++i]);
            continue;
        }
        const std::string longer = path.empty() ? word : path + " " + word;
        const bool known =
            std::any_of(commands.begin(), commands.end(), [&](const Command& c) { return begins(c.path, longer); });
        if (!known) unknown_command(commands, path, word);
        path = longer;
        chosen.command = find_command(commands, path);
    }
    return chosen;
}

Commands next_commands(const Commands& commands, std::span<const std::string> words) {
    return words_after(commands, incomplete(words).noun);
}

int run_command_line(const std::vector<std::string>& words) {
    try {
        const Commands commands = all_commands();
        const Chosen chosen = choose(commands, words);
        if (chosen.command == nullptr) return show_group(commands, incomplete(words));
        return run_chosen(chosen);
    } catch (const UsageError& error) {
        print_error(error);
        return k_usage;
    } catch (const Error& error) {
        print_error(error);
        return error.code() == Code::cancelled ? k_interrupted : k_error;
    } catch (const std::bad_alloc&) {
        print_error(Error(Code::internal, "out of memory"));
    } catch (const std::exception& error) {
        print_error(Error(Code::internal, error.what()));
    }
    return k_error;
}

}  // namespace gitops::cli
