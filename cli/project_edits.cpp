#include "cli/project_edits.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/projects.hpp"
#include "core/app/project/project_edit.hpp"

namespace gitops::cli {

namespace {

int edit_list(Env& env, const std::string& project, std::string_view list, const doc::Value& entry, RuleEdit edit, const std::string& what) {
    const bool adds = edit == RuleEdit::add;
    return edit_project(
        env, project,
        [&](doc::Value& document) { return adds ? app::add_entry(document, list, entry) : app::remove_entry(document, list, entry); },
        what + (adds ? " added" : " removed"), what + (adds ? " is already there" : " is not there"));
}

struct DestinationOptions {
    std::string project, cluster, ns;
    bool by_name = false;
};

struct ResourceOptions {
    std::string project, group, kind, name, list;
};

int edit_resources(Env& env, const ResourceOptions& options, KindScope scope, Verdict verdict) {
    const bool cluster = scope == KindScope::cluster;
    const std::string chosen = !options.list.empty() ? options.list : cluster ? "allow" : "deny";
    if (chosen != "allow" && chosen != "deny") throw UsageError("--list takes allow or deny, found '" + options.list + "'");
    const std::string list = std::string(cluster ? "clusterResource" : "namespaceResource") + (chosen == "allow" ? "Whitelist" : "Blacklist");
    const bool adds = (verdict == Verdict::allow) == (chosen == "allow");
    const doc::Value entry = app::resource_entry(options.group, options.kind, options.name);
    const std::string what = (options.group.empty() ? "" : options.group + "/") + options.kind + (options.name.empty() ? "" : " " + options.name);
    return edit_project(
        env, options.project,
        [&](doc::Value& document) { return adds ? app::add_entry(document, list, entry) : app::remove_entry(document, list, entry); },
        what + (adds ? " added to " : " removed from ") + list, what + (adds ? " is in " : " is not in ") + list + " already");
}

}  // namespace

Action declare_source_edit(CLI::App& parser, RuleEdit edit) {
    struct Options {
        std::string project, repo;
    };
    auto options = std::make_shared<Options>();
    add_required(parser, "PROJECT", options->project, "the project");
    add_required(parser, "REPO", options->repo, "repository; a glob in which * stops at /, !REPO denies");
    return [options, edit](Env& env) {
        const std::string repo = stored_source_rule(options->repo);
        return edit_list(env, options->project, "sourceRepos", doc::Value(repo), edit, "source " + repo);
    };
}

Action declare_destination_edit(CLI::App& parser, RuleEdit edit) {
    auto options = std::make_shared<DestinationOptions>();
    add_required(parser, "PROJECT", options->project, "the project");
    add_required(parser, "CLUSTER", options->cluster, "address of the server (with ://, or *), else the name of a cluster; a glob, !CLUSTER denies");
    add_required(parser, "NAMESPACE", options->ns, "namespace; a glob, !NAMESPACE denies");
    add_switch(parser, "--name", options->by_name, "CLUSTER is a name, whatever it looks like");
    return [options, edit](Env& env) {
        const doc::Value entry = options->by_name ? app::named_destination_entry(options->cluster, options->ns)
                                                  : app::destination_entry(options->cluster, options->ns);
        return edit_list(env, options->project, "destinations", entry, edit, "destination " + options->cluster + "," + options->ns);
    };
}

Action declare_resource_edit(CLI::App& parser, KindScope scope, Verdict verdict) {
    auto options = std::make_shared<ResourceOptions>();
    add_required(parser, "PROJECT", options->project, "the project");
    add_required(parser, "GROUP", options->group, "API group, \"\" for the core group; a glob");
    add_required(parser, "KIND", options->kind, "kind; a glob");
    add_optional(parser, "NAME", options->name, "only objects whose names match this glob");
    add_value(parser, "-l,--list", options->list, "LIST",
              std::string("which list: allow or deny (default: ") + (scope == KindScope::cluster ? "allow" : "deny") + ")");
    return [options, scope, verdict](Env& env) { return edit_resources(env, *options, scope, verdict); };
}

}  // namespace gitops::cli
