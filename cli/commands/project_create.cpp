#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/projects.hpp"
#include "core/app/application.hpp"
#include "core/app/project/project_edit.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    std::string file;
    std::string description;
    std::vector<std::string> sources, destinations, source_namespaces;
    std::vector<std::string> allowed_cluster, denied_cluster, allowed_namespaced, denied_namespaced;
    bool orphaned = false;
    bool quiet_orphans = false;
    bool upsert = false;

    bool describes() const {
        return !description.empty() || !sources.empty() || !destinations.empty() || !source_namespaces.empty() ||
               !allowed_cluster.empty() || !denied_cluster.empty() || !allowed_namespaced.empty() ||
               !denied_namespaced.empty() || orphaned || quiet_orphans;
    }
};

/// "CLUSTER,NAMESPACE"
doc::Value destination_of(const std::string& text) {
    const auto comma = text.rfind(',');
    if (comma == std::string::npos || comma == 0) throw UsageError("--dest takes SERVER,NAMESPACE or CLUSTER,NAMESPACE, found '" + text + "'");
    return app::destination_entry(text.substr(0, comma), text.substr(comma + 1));
}

/// "GROUP/KIND" or "KIND" of the core group.
doc::Value kind_of(const std::string& text) {
    const auto slash = text.find('/');
    if (text.empty() || text.find('/', slash == std::string::npos ? slash : slash + 1) != std::string::npos)
        throw UsageError("expected GROUP/KIND, found '" + text + "'");
    return slash == std::string::npos ? app::resource_entry("", text, "")
                                      : app::resource_entry(text.substr(0, slash), text.substr(slash + 1), "");
}

doc::Value document_of(const Options& options) {
    app::require_name(options.name, "project");
    doc::Value document = sources::new_project_document(options.name);
    if (!options.description.empty()) document.at("spec").set("description", options.description);
    for (const std::string& source : options.sources) app::add_entry(document, "sourceRepos", doc::Value(source));
    for (const std::string& text : options.destinations) app::add_entry(document, "destinations", destination_of(text));
    const auto add_kinds = [&](std::string_view list, const std::vector<std::string>& kinds) {
        for (const std::string& text : kinds) app::add_entry(document, list, kind_of(text));
    };
    add_kinds("clusterResourceWhitelist", options.allowed_cluster);
    add_kinds("clusterResourceBlacklist", options.denied_cluster);
    add_kinds("namespaceResourceWhitelist", options.allowed_namespaced);
    add_kinds("namespaceResourceBlacklist", options.denied_namespaced);
    for (const std::string& ns : options.source_namespaces) app::add_entry(document, "sourceNamespaces", doc::Value(ns));
    if (options.orphaned || options.quiet_orphans) {
        doc::Value orphaned = doc::Value::map();
        orphaned.set("warn", !options.quiet_orphans);
        document.at("spec").set("orphanedResources", orphaned);
    }
    return document;
}

std::vector<kube::Manifest> definitions(const Options& options) {
    if (options.file.empty() == options.name.empty()) throw UsageError("give a NAME, or a file with -f");
    if (options.file.empty()) return {{document_of(options), ""}};
    if (options.describes()) throw UsageError("-f takes everything from the file: other flags describe a project by NAME");
    std::vector<kube::Manifest> read = read_definitions(options.file, "an AppProject");
    std::erase_if(read, [](const kube::Manifest& manifest) { return !is_project(manifest.object); });
    if (read.empty()) throw base::Error(base::Code::invalid, options.file + " holds no AppProject of argoproj.io/v1alpha1");
    return read;
}

int run(Env& env, const Options& options) {
    const auto projects = read_projects(env, definitions(options), options.upsert ? Existing::replace : Existing::refuse);
    store_projects(env, projects);
    Listing listing;
    for (const ReadProject& done : projects) {
        doc::Value item = doc::Value::map();
        item.set("name", done.project.name);
        item.set("result", done.result);
        listing.items.push_back(std::move(item));
        listing.names.push_back(done.project.name);
        if (!wants_document(env) && env.format() != Format::name)
            print_text(env, "project " + done.project.name + " " + done.result + "\n");
    }
    if (wants_document(env) || env.format() == Format::name) print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_optional(parser, "NAME", options->name, "name of the project");
    add_value(parser, "-f,--file", options->file, "FILE", "Argo CD's AppProject YAML: a file, a folder, or - for standard input");
    add_switch(parser, "--upsert", options->upsert, "replace the project when it exists already");
    add_value(parser, "--description", options->description, "TEXT", "what it is for");
    add_repeated(parser, "-s,--src", options->sources, "REPO", "a repository its applications may come from; a glob, !REPO denies");
    add_repeated(parser, "-d,--dest", options->destinations, "CLUSTER,NAMESPACE", "where they may go: SERVER,NAMESPACE or CLUSTER,NAMESPACE; globs");
    add_repeated(parser, "--allow-cluster-resource", options->allowed_cluster, "GROUP/KIND", "cluster-scoped kind they may have (default: none)");
    add_repeated(parser, "--deny-cluster-resource", options->denied_cluster, "GROUP/KIND", "cluster-scoped kind they may not have");
    add_repeated(parser, "--allow-namespaced-resource", options->allowed_namespaced, "GROUP/KIND", "kind they may have in a namespace (default: all)");
    add_repeated(parser, "--deny-namespaced-resource", options->denied_namespaced, "GROUP/KIND", "kind they may not have in a namespace");
    add_repeated(parser, "--source-namespaces", options->source_namespaces, "NAMESPACE", "where Application objects of the project may live; a glob");
    add_switch(parser, "--orphaned-resources", options->orphaned, "warn about objects that belong to no application");
    add_switch(parser, "--no-orphaned-resources-warn", options->quiet_orphans, "look for such objects without a warning");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_project_create(Commands& commands) {
    commands.push_back({
        .path = "project create",
        .summary = "Register a project: where its applications may come from, where they may go, what they may consist of.",
        .examples = "gitopsctl project create team-a --src 'https://git.example/team-a/*' --dest local,team-a\n"
                    "gitopsctl project create team-a --src '*' --dest '*,team-*' --allow-cluster-resource /Namespace\n"
                    "gitopsctl project create -f project.yaml --upsert",
        .exits = "0  registered, or already there and the same\n"
                 "2  the name is taken or the definition is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
