#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/cluster_objects.hpp"
#include "cli/commands/registry.hpp"
#include "cli/input.hpp"
#include "cli/print.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string file;
    std::string ns;
    bool dry_run = false;
};

doc::Value placed(doc::Value object, const std::string& ns, const std::string& file) {
    kube::require_identity(object, file);
    const bool namespaced = kube::scope_of(kube::gvk_of(object)) == kube::Scope::namespaced;
    if (namespaced && kube::namespace_of(object).empty()) kube::set_namespace(object, ns);
    return object;
}

/// "deployment.apps/web configured"
std::string apply_one(kube::Cluster& cluster, const doc::Value& object, const Options& options) {
    const bool existed = cluster.get(kube::ref_of(object)).has_value();
    const kube::Applied applied =
        cluster.apply(object, {.manager = std::string(k_hand),
                               .on_conflict = kube::OnConflict::take_over,
                               .dry_run = options.dry_run ? kube::DryRun::yes : kube::DryRun::no});
    const std::string_view verb = !existed ? "created" : applied.changed ? "configured" : "unchanged";
    return shown_name(object) + " " + std::string(verb) + (options.dry_run ? " (dry run)" : "");
}

int run(Env& env, const Options& options) {
    std::vector<doc::Value> objects;
    for (kube::Manifest& manifest : read_objects(options.file)) {
        objects.push_back(placed(std::move(manifest.object), options.ns, manifest.file));
    }
    const auto cluster = env.cluster();
    const auto apply_all = [&] {
        for (const doc::Value& object : objects) print_text(env, apply_one(*cluster, object, options) + "\n");
        return base::count_of(objects.size(), "object");
    };
    const std::string subject =
        objects.size() == 1 ? shown_name(objects.front()) : base::count_of(objects.size(), "object");
    if (options.dry_run)
        apply_all();
    else
        audited(env, {"cluster apply", subject, env.cluster_name(), ""}, apply_all);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-f,--filename", options->file, "FILE", "YAML or JSON; a folder, or - for standard input")
        ->required();
    add_value(parser, "-n,--namespace", options->ns, "NS", "for objects that name none (default: the context's, else default)");
    add_switch(parser, "--dry-run", options->dry_run, "say what would happen");
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_apply(Commands& commands) {
    commands.push_back({
        .path = "cluster apply",
        .summary = "Apply objects by hand; to objects of an application this is drift.",
        .examples = "gitopsctl cluster apply -f namespace.yaml\n"
                    "gitopsctl render overlays/dev | gitopsctl cluster apply -n dev -f -",
        .exits = "0  applied\n"
                 "2  an object was refused",
        .declare = declare,
    });
}

}  // namespace gitops::cli
