#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/cluster_objects.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/kube_table.hpp"
#include "cli/print.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string target;
    std::string name;
    std::string ns;
    std::string selector;
    bool all_namespaces = false;
    bool managed_fields = false;
};

/// The objects of one kind, and whether they may be of several namespaces.
struct Found {
    std::vector<doc::Value> objects;
    NamespaceColumn column = NamespaceColumn::no;
};

constexpr std::string_view k_all =
    "pods,services,daemonsets,deployments,replicasets,statefulsets,horizontalpodautoscalers,cronjobs,jobs";

/// The kinds of "all,cm", each once.
std::vector<kube::KindInfo> kinds_of(kube::Cluster& cluster, std::string_view target) {
    std::vector<kube::KindInfo> kinds;
    for (const std::string_view word : base::split(target, ',')) {
        for (const std::string_view name : base::split(word == "all" ? k_all : word, ',')) {
            const kube::KindInfo kind = resolve_kind(cluster, name);
            const auto same = [&](const kube::KindInfo& other) { return other.gvk == kind.gvk; };
            if (std::ranges::none_of(kinds, same)) kinds.push_back(kind);
        }
    }
    return kinds;
}

Found list_kind(kube::Cluster& cluster, const kube::KindInfo& kind, const Options& options) {
    const bool namespaced = kind.scope == kube::Scope::namespaced;
    const bool everywhere = options.all_namespaces || !namespaced;
    return {cluster.list({kind.gvk, everywhere ? std::optional<std::string>() : options.ns, options.selector}),
            options.all_namespaces && namespaced ? NamespaceColumn::yes : NamespaceColumn::no};
}

doc::Value list_document(const std::vector<Found>& found) {
    doc::Value items = doc::Value::list();
    for (const Found& part : found) {
        for (const doc::Value& object : part.objects) items.push_back(object);
    }
    doc::Value document = doc::Value::map();
    document.set("apiVersion", "v1");
    document.set("items", std::move(items));
    document.set("kind", "List");
    return document;
}

void print_found(Env& env, const std::vector<Found>& found) {
    bool first = true;
    for (const Found& part : found) {
        if (part.objects.empty()) continue;
        if (env.format() == Format::name) {
            for (const doc::Value& object : part.objects) print_text(env, shown_name(object) + "\n");
            continue;
        }
        if (!first) print_text(env, "\n");
        first = false;
        const Width width = env.format() == Format::wide ? Width::wide : Width::normal;
        kube_table(part.objects, width, part.column, env.clock().now()).print(env.terminal());
    }
}

int get_one(Env& env, kube::Cluster& cluster, const Options& options) {
    doc::Value object = require_object(cluster, resolve_object(cluster, options.target, options.name, options.ns));
    if (!options.managed_fields) object = without_managed_fields(std::move(object));
    if (wants_document(env))
        print_document(env, object);
    else
        print_found(env, {{{object}, NamespaceColumn::no}});
    return 0;
}

int run(Env& env, const Options& options) {
    const auto cluster = env.cluster();
    if (options.target.find('/') != std::string::npos || !options.name.empty())
        return get_one(env, *cluster, options);
    std::vector<Found> found;
    bool any = false;
    for (const kube::KindInfo& kind : kinds_of(*cluster, options.target)) {
        Found part = list_kind(*cluster, kind, options);
        if (!options.managed_fields) {
            for (doc::Value& object : part.objects) object = without_managed_fields(std::move(object));
        }
        any = any || !part.objects.empty();
        found.push_back(std::move(part));
    }
    if (wants_document(env))
        print_document(env, list_document(found));
    else if (any)
        print_found(env, found);
    else
        tell(env, options.all_namespaces ? "no resources found" : "no resources found in namespace " + options.ns);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "KIND[/NAME]", options->target,
                 "kind as kubectl takes it (deploy, svc, pods,cm, all), or one object");
    add_optional(parser, "NAME", options->name, "the object's name, as its own word");
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    add_switch(parser, "-A,--all-namespaces", options->all_namespaces, "every namespace");
    add_value(parser, "-l,--selector", options->selector, "SELECTOR",
              "only objects with these labels: a=b,c!=d,e in (x,y)");
    add_switch(parser, "--show-managed-fields", options->managed_fields,
               "keep metadata.managedFields in JSON and YAML");
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_get(Commands& commands) {
    commands.push_back({
        .path = "cluster get",
        .summary = "Show objects of a cluster, as kubectl get does.",
        .examples = "gitopsctl cluster get deployments -n prod\n"
                    "gitopsctl cluster get pods -A -o wide\n"
                    "gitopsctl cluster get deploy/web -n prod -o yaml",
        .exits = "0  shown, also when there are none\n"
                 "2  no such object or kind",
        .declare = declare,
    });
}

}  // namespace gitops::cli
