#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/cluster_objects.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/event_list.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string ns;
    std::string about;
    bool all_namespaces = false;
};

int run(Env& env, const Options& options) {
    const auto cluster = env.cluster();
    std::optional<kube::ObjectRef> about;
    if (!options.about.empty()) about = resolve_object(*cluster, options.about, "", options.ns);
    std::vector<doc::Value> events = cluster->list(
        {kube::Gvk{"", "v1", "Event"}, options.all_namespaces ? std::optional<std::string>() : options.ns, ""});
    std::erase_if(events, [&](const doc::Value& event) {
        const doc::Value* object = event.find("involvedObject");
        return about && (object == nullptr || object->text_at("kind") != about->gvk.kind ||
                         object->text_at("name") != about->name);
    });
    print_listing(
        env, event_listing(std::move(events), options.all_namespaces ? NamespaceColumn::yes : NamespaceColumn::no,
                           env.clock().now()));
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    add_switch(parser, "-A,--all-namespaces", options->all_namespaces, "every namespace");
    add_value(parser, "--for", options->about, "KIND/NAME", "only events about this object");
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_events(Commands& commands) {
    commands.push_back({
        .path = "cluster events",
        .summary = "Show the events of a cluster, oldest first.",
        .examples = "gitopsctl cluster events -n prod\n"
                    "gitopsctl cluster events -n prod --for deploy/web",
        .exits = "0  shown, also when there are none",
        .declare = declare,
    });
}

}  // namespace gitops::cli
