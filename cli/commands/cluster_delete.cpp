#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

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
    std::vector<std::string> targets;
    std::string file;
    std::string ns;
    std::string cascade = "background";
    bool ignore_missing = false;
};

std::vector<kube::ObjectRef> refs_of(kube::Cluster& cluster, const Options& options) {
    std::vector<kube::ObjectRef> refs;
    // "deploy web" beside "deploy/web deploy/api": a first word without a slash is the kind of the others.
    const bool kind_first = !options.targets.empty() && options.targets.front().find('/') == std::string::npos;
    if (kind_first && options.targets.size() < 2) throw UsageError("write KIND/NAME, as deployment/web");
    for (std::size_t i = kind_first ? 1 : 0; i < options.targets.size(); ++i) {
        refs.push_back(kind_first ? resolve_object(cluster, options.targets.front(), options.targets[i], options.ns)
                                  : resolve_object(cluster, options.targets[i], "", options.ns));
    }
    if (options.file.empty()) return refs;
    for (const kube::Manifest& manifest : read_objects(options.file)) {
        kube::require_identity(manifest.object, manifest.file);
        kube::ObjectRef ref = kube::ref_of(manifest.object);
        if (ref.ns.empty() && kube::scope_of(ref.gvk) == kube::Scope::namespaced) ref.ns = options.ns;
        refs.push_back(std::move(ref));
    }
    return refs;
}

kube::Propagation propagation_of(const std::string& name) {
    if (name == "orphan") return kube::Propagation::orphan;
    return name == "foreground" ? kube::Propagation::foreground : kube::Propagation::background;
}

int run(Env& env, const Options& options) {
    if (options.targets.empty() == options.file.empty())
        throw UsageError("name objects as KIND/NAME, or a file with -f");
    const auto cluster = env.cluster();
    const std::vector<kube::ObjectRef> refs = refs_of(*cluster, options);
    for (const kube::ObjectRef& ref : refs) {
        if (!options.ignore_missing) require_object(*cluster, ref);
    }
    const std::string subject =
        refs.size() == 1 ? shown_name(refs.front().gvk, refs.front().name) : base::count_of(refs.size(), "object");
    audited(env, {"cluster delete", subject, env.cluster_name(), ""}, [&] {
        for (const kube::ObjectRef& ref : refs) {
            const bool removed = cluster->remove(ref, {.propagation = propagation_of(options.cascade), .uid = ""});
            if (removed) print_text(env, shown_name(ref.gvk, ref.name) + " deleted\n");
        }
        return std::string();
    });
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_many(parser, "KIND/NAME", options->targets, "the objects");
    add_value(parser, "-f,--filename", options->file, "FILE",
              "the objects of a file, a folder or - for standard input");
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    add_value(parser, "--cascade", options->cascade, "HOW", "background (default), foreground or orphan")
        ->check(CLI::IsMember({"background", "foreground", "orphan"}));
    add_switch(parser, "--ignore-not-found", options->ignore_missing, "no error when an object is already gone");
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_delete(Commands& commands) {
    commands.push_back({
        .path = "cluster delete",
        .summary = "Delete objects by hand.",
        .examples = "gitopsctl cluster delete deploy/web -n prod\n"
                    "gitopsctl cluster delete cm/a cm/b --ignore-not-found",
        .exits = "0  deleted\n"
                 "2  no such object",
        .declare = declare,
    });
}

}  // namespace gitops::cli
