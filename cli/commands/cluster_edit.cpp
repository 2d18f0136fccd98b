#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/cluster_objects.hpp"
#include "cli/commands/registry.hpp"
#include "cli/editor.hpp"
#include "cli/print.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string target;
    std::string name;
    std::string ns;
};

void replace(Env& env, kube::Cluster& cluster, const doc::Value& before, const std::string& edited) {
    const doc::Value after = doc::read_yaml_one(edited, {.file = "the edited object"});
    if (after == before || after.is_null()) {
        tell(env, "nothing changed");
        return;
    }
    kube::require_identity(after, "the edited object");
    if (kube::key_of(after) != kube::key_of(before)) {
        throw base::Error(base::Code::invalid, "kind, namespace and name of an object cannot be edited");
    }
    audited(env, {"cluster edit", shown_name(after), env.cluster_name(), ""}, [&] {
        cluster.write({kube::Replace{after}, std::string(k_hand), kube::DryRun::no});
        print_text(env, shown_name(after) + " edited\n");
        return std::string();
    });
}

int run(Env& env, const Options& options) {
    const auto cluster = env.cluster();
    const doc::Value before = without_managed_fields(
        require_object(*cluster, resolve_object(*cluster, options.target, options.name, options.ns)));
    edit_text(doc::write_yaml(before), [&](const std::string& edited) { replace(env, *cluster, before, edited); });
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "KIND/NAME", options->target, "the object");
    add_optional(parser, "NAME", options->name, "the object's name, as its own word");
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_edit(Commands& commands) {
    commands.push_back({
        .path = "cluster edit",
        .summary = "Edit one object in $KUBE_EDITOR or $EDITOR.",
        .examples = "gitopsctl cluster edit deploy/web -n prod\n"
                    "EDITOR='sed -i s/replicas:.*/replicas:\\ 8/' gitopsctl cluster edit deploy/web -n prod",
        .exits = "0  changed, or left as it was\n"
                 "2  no such object, or the result was refused",
        .declare = declare,
    });
}

}  // namespace gitops::cli
