#include "cli/candidates.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <functional>

#include "cli/globals.hpp"
#include "cli/kube_access.hpp"
#include "cli/root.hpp"
#include "core/app/appset/appset.hpp"
#include "core/app/progressive/bluegreen.hpp"
#include "core/app/progressive/canary.hpp"
#include "core/app/project/project.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/base/text.hpp"
#include "core/kube/catalog.hpp"
#include "core/rollout/traffic/traffic.hpp"

namespace gitops::cli {

namespace {

using Names = std::vector<Candidate>;
using Source = Names (*)(Env& env, const std::vector<std::string>& before);

Names plain(std::initializer_list<const char*> words) {
    Names names;
    for (const char* word : words) names.push_back({word, ""});
    return names;
}

Names app_names(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const app::Application& application : env.state().applications())
        names.push_back({application.name, application.source.path});
    return names;
}

Names set_names(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const doc::Value& document : env.state().definitions(app::k_set_kind)) names.push_back({std::string(kube::name_of(document)), ""});
    return names;
}

Names cluster_names(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const app::ClusterRow& row : env.state().clusters()) names.push_back({row.name, row.kind});
    return names;
}

/// Of the kubeconfig named before it, else of where kubectl would look.
Names context_names(Env&, const std::vector<std::string>& before) {
    const auto flag = std::ranges::find(before, "--kubeconfig");
    const bool is_named = flag != before.end() && flag + 1 != before.end();
    const auto config = backend::Kubeconfig::read(is_named ? std::vector{*(flag + 1)} : standard_kubeconfigs());
    Names names;
    for (const std::string& context : config.contexts())
        names.push_back({context, context == config.current_context() ? "current" : ""});
    return names;
}

Names project_names(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const std::string& name : app::project_names(env.state())) names.push_back({name, ""});
    return names;
}

Names repo_urls(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const app::RepoRow& row : env.state().repositories()) names.push_back({row.url, ""});
    return names;
}

Names canary_names(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const auto& record : app::canaries(*env.cluster(), std::nullopt))
        names.push_back({record.name, std::string(rollout::phase_name(record.state.phase))});
    return names;
}

Names bluegreen_names(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const auto& record : app::bluegreens(*env.cluster(), std::nullopt))
        names.push_back({record.name, std::string(phase_name(record.state.phase))});
    return names;
}

Names traffic_names(Env&, const std::vector<std::string>&) {
    Names names;
    for (const std::string& name : rollout::traffic_providers()) names.push_back({name, ""});
    return names;
}

Names fault_ids(Env& env, const std::vector<std::string>&) {
    Names names;
    for (const embedded::Fault& fault : env.embedded_cluster()->faults())
        names.push_back({fault.id, fault.image_glob});
    return names;
}

/// Deployments of the application that can be gone back to.
Names history_ids(Env& env, const std::vector<std::string>& before) {
    Names names;
    if (before.empty()) return app_names(env, before);
    for (const app::HistoryRow& row : env.state().history(before.front())) {
        names.push_back({std::to_string(row.id), row.revision.substr(0, 7) + " " + row.message});
    }
    return names;
}

Names kinds(Env&, const std::vector<std::string>&) {
    Names names{{"all", ""}};
    for (const kube::KindInfo& kind : kube::builtin_kinds()) names.push_back({kind.resource, kind.gvk.kind});
    return names;
}

/// "deployment/" first, then the names behind it, in every namespace.
Names objects(Env& env, const std::vector<std::string>& before) {
    const std::string& begun = before.back();
    const std::size_t slash = begun.find('/');
    Names names;
    if (slash == std::string::npos) {
        for (const kube::KindInfo& kind : kube::builtin_kinds())
            names.push_back({base::lower(kind.gvk.kind) + "/", ""});
        return names;
    }
    const auto kind = kube::find_kind_by_name(begun.substr(0, slash));
    if (!kind) return names;
    for (const doc::Value& object : env.cluster()->list({kind->gvk, std::nullopt, ""})) {
        names.push_back({begun.substr(0, slash + 1) + std::string(kube::name_of(object)),
                         std::string(kube::namespace_of(object))});
    }
    return names;
}

Names shells(Env&, const std::vector<std::string>&) { return plain({"bash", "zsh", "fish"}); }
Names formats(Env&, const std::vector<std::string>&) { return plain({"text", "wide", "json", "yaml", "name"}); }
Names colors(Env&, const std::vector<std::string>&) { return plain({"auto", "always", "never"}); }
Names policies(Env&, const std::vector<std::string>&) { return plain({"manual", "automated"}); }
Names strategies(Env&, const std::vector<std::string>&) { return plain({"revert", "pin"}); }
Names fault_kinds(Env&, const std::vector<std::string>&) {
    return plain({"crash-loop", "pull-failure", "slow-start"});
}

struct Rule {
    std::string_view key;
    Source source;
};

/// Values of flags.
constexpr std::array k_values{Rule{"-o", formats},
                              Rule{"--output", formats},
                              Rule{"--color", colors},
                              Rule{"--cluster", cluster_names},
                              Rule{"--context", context_names},
                              Rule{"--dest-cluster", cluster_names},
                              Rule{"--dest-name", cluster_names},
                              Rule{"--sync-policy", policies},
                              Rule{"--strategy", strategies},
                              Rule{"--project", project_names},
                              Rule{"--provider", traffic_names},
                              Rule{"--git", app_names},
                              Rule{"--kind", fault_kinds}};

/// Positional arguments, by the beginning of the command; the first that fits.
constexpr std::array k_arguments{Rule{"app create", nullptr},
                                 Rule{"app list", nullptr},
                                 Rule{"app rollback", history_ids},
                                 Rule{"app", app_names},
                                 Rule{"appset", set_names},
                                 Rule{"drift", app_names},
                                 Rule{"reconcile", app_names},
                                 Rule{"audit log", app_names},
                                 Rule{"canary list", nullptr},
                                 Rule{"canary", canary_names},
                                 Rule{"bluegreen run", nullptr},
                                 Rule{"bluegreen", bluegreen_names},
                                 Rule{"cluster use", cluster_names},
                                 Rule{"cluster remove", cluster_names},
                                 Rule{"cluster info", cluster_names},
                                 Rule{"cluster fault remove", fault_ids},
                                 Rule{"cluster get", kinds},
                                 Rule{"cluster patch", objects},
                                 Rule{"cluster scale", objects},
                                 Rule{"cluster set-image", objects},
                                 Rule{"cluster edit", objects},
                                 Rule{"cluster delete", objects},
                                 Rule{"project create", nullptr},
                                 Rule{"project list", nullptr},
                                 Rule{"project can", nullptr},
                                 Rule{"project", project_names},
                                 Rule{"repo remove", repo_urls},
                                 Rule{"repo check", repo_urls},
                                 Rule{"completion", shells}};

bool begins(std::string_view path, std::string_view words) {
    return path == words || (path.starts_with(words) && path[words.size()] == ' ');
}

template <class Rules>
Source find_source(const Rules& rules, const std::function<bool(std::string_view)>& fits) {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return fits(rule.key); });
    return found == rules.end() ? nullptr : found->source;
}

Names flags(const Command& command) {
    CLI::App parser;
    const Action action = command.declare(parser);
    Globals globals;
    declare_globals(parser, globals);
    Names names;
    for (const CLI::Option* option : parser.get_options()) {
        for (const std::string& name : option->get_lnames())
            names.push_back({"--" + name, option->get_description()});
    }
    return names;
}

/// The words that are no flags nor values of flags: what the positional sources look at.
std::vector<std::string> arguments_of(const std::vector<std::string>& rest) {
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (!rest[i].starts_with('-'))
            arguments.push_back(rest[i]);
        else if (takes_value(rest[i]))
            ++i;
    }
    return arguments;
}

Names next(Env& env, const std::vector<std::string>& words) {
    const Commands commands = all_commands();
    const std::string current = words.empty() ? "" : words.back();
    const std::vector<std::string> before(words.begin(), words.empty() ? words.end() : words.end() - 1);
    const Chosen chosen = choose(commands, before);
    if (!before.empty() && before.back().starts_with('-')) {
        const Source values = find_source(k_values, [&](std::string_view key) { return key == before.back(); });
        if (values != nullptr) return values(env, before);
    }
    if (chosen.command == nullptr) {
        Names names;
        if (current.starts_with('-'))
            return plain({"--home", "--cluster", "--context", "--kubeconfig", "--as", "--as-group", "--output", "--color",
                          "--quiet", "--verbose", "--jobs", "--timeout", "--yes", "--help"});
        for (const Command& command : next_commands(commands, before))
            names.push_back({std::string(command.path), std::string(command.summary)});
        return names;
    }
    if (current.starts_with('-')) return flags(*chosen.command);
    const Source source =
        find_source(k_arguments, [&](std::string_view key) { return begins(chosen.command->path, key); });
    if (source == nullptr) return {};
    std::vector<std::string> arguments = arguments_of(chosen.rest);
    if (source == objects) arguments.push_back(current);
    return source(env, arguments);
}

}  // namespace

std::vector<Candidate> candidates(Env& env, const std::vector<std::string>& words) {
    Names names;
    try {
        names = next(env, words);
    } catch (const std::exception&) {
        return {};
    }
    const std::string current = words.empty() ? "" : words.back();
    std::erase_if(names, [&](const Candidate& candidate) { return !candidate.word.starts_with(current); });
    return names;
}

}  // namespace gitops::cli
