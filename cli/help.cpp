#include "cli/help.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using Row = std::pair<std::string, std::string>;

std::string aligned(const std::vector<Row>& rows) {
    std::size_t width = 0;
    for (const Row& row : rows) {
        if (row.first.size() <= 34) width = std::max(width, row.first.size());
    }
    std::string text;
    for (const auto& [left, right] : rows) {
        if (left.empty()) {
            text += '\n';
            continue;
        }
        text += "  " + left;
        if (!right.empty()) {
            if (left.size() > width)
                text += "\n  " + std::string(width, ' ');
            else
                text += std::string(width - left.size(), ' ');
            text += "  " + right;
        }
        text += '\n';
    }
    return text;
}

bool is_many(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

std::string positional_name(const CLI::Option& option) {
    const std::string name = option.get_name(true) + (is_many(option) ? "..." : "");
    return option.get_required() ? name : "[" + name + "]";
}

/// The placeholder alone: CLI11 puts what validators accept behind it.
std::string type_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    return type.substr(0, std::min(type.find(":{"), type.find(":INT")));
}

/// "-l, --selector SELECTOR", "    --prune"
std::string flag_name(const CLI::Option& option) {
    std::string names;
    for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
    if (names.empty())
        names = "    ";
    else if (!option.get_lnames().empty())
        names += ", ";
    bool first = true;
    for (const std::string& name : option.get_lnames()) {
        names += (first ? "--" : ", --") + name;
        first = false;
    }
    if (option.get_items_expected_max() > 0 && option.get_type_size() != 0) names += " " + type_of(option);
    return names;
}

std::string indented(std::string_view block) {
    std::string text;
    for (const std::string_view line : base::split(block, '\n'))
        text += line.empty() ? "\n" : "  " + std::string(line) + "\n";
    return text;
}

/// What a list of commands has room for.
std::string first_sentence(std::string_view summary) {
    const std::size_t end = summary.find(". ");
    return std::string(end == std::string_view::npos ? summary : summary.substr(0, end + 1));
}

std::string first_word(std::string_view path) { return std::string(path.substr(0, path.find(' '))); }

}  // namespace

std::string usage_line(const Command& command, const CLI::App& parser) {
    std::string line = "gitopsctl " + std::string(command.path);
    for (const CLI::Option* option : parser.get_options()) {
        if (option->get_positional()) line += " " + positional_name(*option);
    }
    return line + " [flags]";
}

std::string command_help(const Command& command, const CLI::App& parser) {
    std::vector<Row> arguments;
    std::vector<Row> flags;
    for (const CLI::Option* option : parser.get_options()) {
        if (option->get_positional())
            arguments.emplace_back(option->get_name(true), option->get_description());
        else if (option->get_group() == "Options" && option->get_name() != "--help") {
            flags.emplace_back(flag_name(*option), option->get_description());
        }
    }
    std::string text = std::string(command.summary) + "\n\nUsage: " + usage_line(command, parser) + "\n";
    if (!arguments.empty()) text += "\nArguments:\n" + aligned(arguments);
    if (!flags.empty()) text += "\nFlags:\n" + aligned(flags);
    if (!command.examples.empty()) text += "\nExamples:\n" + indented(command.examples);
    text += "\nExit codes:\n" + indented(command.exits);
    return text + "\nGlobal flags (--home, --cluster, -o, --timeout, -y, ...): gitopsctl --help\n";
}

std::string group_help(const Commands& commands, std::string_view noun) {
    std::string text = noun.empty() ? "gitopsctl keeps clusters equal to what Git says.\n\n"
                                      "Usage: gitopsctl [global flags] NOUN VERB [arguments] [flags]\n"
                                    : "Usage: gitopsctl " + std::string(noun) + " VERB [arguments] [flags]\n";
    std::vector<Row> rows;
    std::string group;
    for (const Command& command : commands) {
        if (command.hidden) continue;
        const std::string prefix = std::string(noun) + " ";
        if (!noun.empty() && !command.path.starts_with(prefix)) continue;
        // A blank line around nouns with verbs; commands of one word stand together.
        const std::string next_group =
            command.path.find(' ') == std::string_view::npos ? "" : first_word(command.path);
        if (noun.empty() && !rows.empty() && next_group != group) rows.emplace_back("", "");
        group = next_group;
        rows.emplace_back(noun.empty() ? command.path : command.path.substr(prefix.size()),
                          first_sentence(command.summary));
    }
    text += "\n" + aligned(rows);
    if (noun.empty()) {
        text += "\nGlobal flags:\n" +
                aligned({{"    --home DIR", "state folder (default $GITOPSCTL_HOME, else ~/.local/state/gitopsctl)"},
                         {"    --cluster NAME", "cluster to work on instead of the current one"},
                         {"    --context NAME", "a context of the kubeconfig instead, for this command alone"},
                         {"    --kubeconfig FILE", "its kubeconfig (default $KUBECONFIG, else ~/.kube/config)"},
                         {"    --as USER", "act as this user of a real cluster; --as-group GROUP as a member of a group"},
                         {"-o, --output FORMAT", "text, wide, json, yaml or name"},
                         {"    --color WHEN", "auto, always or never; NO_COLOR is honoured"},
                         {"-q, --quiet", "no progress"},
                         {"-v, --verbose", "more detail"},
                         {"    --jobs N", "threads to use (default: one per core)"},
                         {"    --timeout DURATION", "how long to wait: 90s, 5m, 1h30m"},
                         {"-y, --yes", "answer yes to every question"},
                         {"    --progress json", "progress as one JSON event per line on stderr"}});
        text += "\nExit codes: 0 yes or done, 1 the answer is no, 2 error, 64 usage, 130 interrupted\n";
    }
    return text + "\nMore about one command: gitopsctl " + (noun.empty() ? "NOUN" : std::string(noun)) +
           " VERB --help\n";
}

}  // namespace gitops::cli
