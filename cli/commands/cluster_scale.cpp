#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/cluster_objects.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string target;
    std::string name;
    std::string ns;
    int replicas = -1;
};

void require_scalable(const kube::ObjectRef& ref) {
    for (const std::string_view kind : {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"}) {
        if (ref.gvk.kind == kind) return;
    }
    throw base::Error(base::Code::invalid,
                      shown_name(ref.gvk, ref.name) + " cannot be scaled: " + ref.gvk.kind + " has no replicas");
}

int run(Env& env, const Options& options) {
    if (options.replicas < 0) throw UsageError("--replicas must be 0 or more");
    const auto cluster = env.cluster();
    const kube::ObjectRef ref = resolve_object(*cluster, options.target, options.name, options.ns);
    require_scalable(ref);
    require_object(*cluster, ref);
    doc::Value patch = doc::Value::map();
    patch.at("spec").set("replicas", options.replicas);
    const std::string shown = shown_name(ref.gvk, ref.name);
    audited(env, {"cluster scale", shown, env.cluster_name(), ""}, [&] {
        cluster->write(
            {kube::Patch{ref, kube::PatchKind::merge, patch, "", ""}, std::string(k_hand), kube::DryRun::no});
        print_text(env, shown + " scaled\n");
        return "to " + std::to_string(options.replicas);
    });
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "KIND/NAME", options->target, "a Deployment, StatefulSet or ReplicaSet");
    add_optional(parser, "NAME", options->name, "the object's name, as its own word");
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    parser.add_option("--replicas", options->replicas, "how many")->type_name("N")->required();
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_scale(Commands& commands) {
    commands.push_back({
        .path = "cluster scale",
        .summary = "Set the number of replicas by hand.",
        .examples = "gitopsctl cluster scale deploy/web -n prod --replicas 8\n"
                    "gitopsctl cluster scale statefulset db --replicas 3",
        .exits = "0  scaled\n"
                 "2  no such object, or it has no replicas",
        .declare = declare,
    });
}

}  // namespace gitops::cli
