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
#include "core/doc/yaml_read.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string target;
    std::string name;
    std::string ns;
    std::string patch;
    std::string file;
    std::string type = "strategic";
    std::string subresource;
};

kube::PatchKind kind_of_patch(const std::string& type) {
    if (type == "merge") return kube::PatchKind::merge;
    return type == "json" ? kube::PatchKind::json : kube::PatchKind::strategic;
}

int run(Env& env, const Options& options) {
    if (options.patch.empty() == options.file.empty()) throw UsageError("give one of --patch and --patch-file");
    const std::string text = options.file.empty() ? options.patch : read_input(options.file);
    const auto cluster = env.cluster();
    const kube::ObjectRef ref = resolve_object(*cluster, options.target, options.name, options.ns);
    const doc::Value before = require_object(*cluster, ref);
    const kube::Patch patch{ref, kind_of_patch(options.type),
                            doc::read_yaml_one(text, {.file = options.file.empty() ? "--patch" : options.file}),
                            options.subresource, ""};
    audited(env, {"cluster patch", shown_name(ref.gvk, ref.name), env.cluster_name(), ""}, [&] {
        const doc::Value after = cluster->write({patch, std::string(k_hand), kube::DryRun::no});
        const bool same = kube::resource_version_of(before) == kube::resource_version_of(after);
        print_text(env, shown_name(after) + (same ? " patched (no change)\n" : " patched\n"));
        return std::string();
    });
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "KIND/NAME", options->target, "the object");
    add_optional(parser, "NAME", options->name, "the object's name, as its own word");
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    add_value(parser, "-p,--patch", options->patch, "PATCH", "the patch as JSON or YAML");
    add_value(parser, "--patch-file", options->file, "FILE", "the patch in a file, or - for standard input");
    add_value(parser, "--type", options->type, "TYPE", "strategic (default), merge or json")
        ->check(CLI::IsMember({"strategic", "merge", "json"}));
    add_value(parser, "--subresource", options->subresource, "NAME", "status or scale")
        ->check(CLI::IsMember({"status", "scale"}));
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_patch(Commands& commands) {
    commands.push_back({
        .path = "cluster patch",
        .summary = "Patch one object by hand.",
        .examples = "gitopsctl cluster patch deploy/web -n prod -p '{\"spec\": {\"paused\": true}}'\n"
                    "gitopsctl cluster patch cm/settings -n prod --type json -p '[{\"op\": \"remove\", \"path\": "
                    "\"/data/debug\"}]'",
        .exits = "0  patched\n"
                 "2  no such object, or the patch does not fit",
        .declare = declare,
    });
}

}  // namespace gitops::cli
