#include "cli/globals.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <array>

namespace gitops::cli {

namespace {

struct FormatName {
    std::string_view name;
    Format format;
};
constexpr std::array k_formats{FormatName{"text", Format::text}, FormatName{"wide", Format::wide},
                               FormatName{"json", Format::json}, FormatName{"yaml", Format::yaml},
                               FormatName{"name", Format::name}};

constexpr std::array<std::string_view, 12> k_with_value{"--home", "--cluster",  "--kubeconfig", "--context",
                                                        "--as",   "--as-group", "-o",           "--output",
                                                        "--color", "--jobs",    "--timeout",    "--progress"};
constexpr std::array<std::string_view, 6> k_switches{"-q", "--quiet", "-v", "--verbose", "-y", "--yes"};

std::string one_of(const std::vector<std::string>& allowed, const std::string& given) {
    if (std::find(allowed.begin(), allowed.end(), given) != allowed.end()) return {};
    std::string text = "'" + given + "' is not one of";
    for (const std::string& name : allowed) text += (name == allowed.front() ? " " : ", ") + name;
    return text;
}

CLI::Validator choice(std::vector<std::string> allowed) {
    return CLI::Validator([allowed = std::move(allowed)](std::string& given) { return one_of(allowed, given); }, "");
}

std::string check_duration(std::string& given) {
    try {
        base::parse_duration(given);
        return {};
    } catch (const std::exception& error) {
        return error.what();
    }
}

template <class Target>
CLI::Option* add_option(CLI::App& parser, const std::string& names, Target& target, const std::string& text) {
    const std::string long_name = names.substr(names.find("--"));
    if (parser.get_option_no_throw(long_name) != nullptr) return nullptr;
    return parser.add_option(names, target, text)->group("Global flags");
}

void add_switch(CLI::App& parser, const std::string& names, bool& target, const std::string& text) {
    const std::string long_name = names.substr(names.find("--"));
    if (parser.get_option_no_throw(long_name) != nullptr) return;
    parser.add_flag(names, target, text)->group("Global flags");
}

}  // namespace

Format Globals::format() const {
    const auto* found =
        std::find_if(k_formats.begin(), k_formats.end(), [&](const FormatName& f) { return f.name == output; });
    return found == k_formats.end() ? Format::text : found->format;
}

base::Duration Globals::timeout(base::Duration standard) const {
    return timeout_text.empty() ? standard : base::parse_duration(timeout_text);
}

void declare_globals(CLI::App& parser, Globals& globals) {
    add_option(parser, "--home", globals.home, "folder of gitopsctl's state");
    add_option(parser, "--cluster", globals.cluster, "cluster to work on instead of the current one");
    add_option(parser, "--kubeconfig", globals.kubeconfig, "a real cluster for this command, not registered");
    add_option(parser, "--context", globals.context, "of the kubeconfig (default file: $KUBECONFIG, ~/.kube/config)");
    add_option(parser, "--as", globals.as_user, "act as this user (real clusters)");
    if (auto* option = add_option(parser, "--as-group", globals.as_groups, "and as a member of this group; repeatable"))
        option->allow_extra_args(false);
    if (auto* option = add_option(parser, "-o,--output", globals.output, "text, wide, json, yaml or name"))
        option->check(choice({"text", "wide", "json", "yaml", "name"}));
    if (auto* option = add_option(parser, "--color", globals.color, "auto, always or never"))
        option->check(choice({"auto", "always", "never"}));
    add_switch(parser, "-q,--quiet", globals.quiet, "no progress");
    add_switch(parser, "-v,--verbose", globals.verbose, "more detail");
    if (auto* option = add_option(parser, "--jobs", globals.jobs, "threads to use (default: one per core)"))
        option->check(CLI::Range(1, 256));
    if (auto* option = add_option(parser, "--timeout", globals.timeout_text, "how long to wait, as 90s or 5m"))
        option->check(CLI::Validator(check_duration, ""));
    add_switch(parser, "-y,--yes", globals.yes, "answer yes to every question");
    if (auto* option = add_option(parser, "--progress", globals.progress, "json: progress as one event per line"))
        option->check(choice({"auto", "json"}));
}

bool takes_value(std::string_view global_flag) {
    return std::find(k_with_value.begin(), k_with_value.end(), global_flag) != k_with_value.end();
}

std::vector<std::string> global_flag_names() {
    std::vector<std::string> names(k_with_value.begin(), k_with_value.end());
    names.insert(names.end(), k_switches.begin(), k_switches.end());
    return names;
}

}  // namespace gitops::cli
