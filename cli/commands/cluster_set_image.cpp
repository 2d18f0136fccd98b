#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/cluster_objects.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

struct Options {
    std::string target;
    std::vector<std::string> images;  ///< CONTAINER=IMAGE
    std::string ns;
};

/// The containers of a pod spec that `name` means ("*": all), as a patch with their new image; false when there is none.
bool add_images(doc::Value& patch, const doc::Value& pod_spec, std::string_view name, std::string_view image) {
    bool found = false;
    for (const std::string_view list : {"initContainers", "containers"}) {
        const doc::Value* containers = pod_spec.find(list);
        for (std::size_t i = 0; containers != nullptr && i < containers->size(); ++i) {
            const std::string_view each = containers->items()[i].text_at("name");
            if (name != "*" && each != name) continue;
            doc::Value& changed = patch.at(list);
            if (!changed.is_list()) changed = doc::Value::list();
            changed.push_back(doc::Value::map({{"name", each}, {"image", image}}));
            found = true;
        }
    }
    return found;
}

/// A strategic merge patch, as kubectl sends it: what others write to the object meanwhile stays.
doc::Value patch_of(const doc::Value& object, const Options& options) {
    const std::vector<std::string> path = pod_spec_path(kube::kind_of(object));
    const doc::Value* spec = &object;
    doc::Value patch = doc::Value::map();
    doc::Value* inner = &patch;
    for (const std::string& key : path) {
        spec = spec == nullptr ? nullptr : spec->find(key);
        inner = &inner->at(key);
    }
    if (path.empty() || spec == nullptr) throw Error(Code::invalid, shown_name(object) + " has no containers");
    *inner = doc::Value::map();
    std::vector<std::string> names;
    for (const std::string_view list : {"containers", "initContainers"}) {
        const doc::Value* containers = spec->find(list);
        if (containers == nullptr) continue;
        for (const doc::Value& container : containers->items()) names.emplace_back(container.text_at("name"));
    }
    for (const std::string& entry : options.images) {
        const std::size_t equals = entry.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == entry.size()) {
            throw UsageError("'" + entry + "' is not of the form CONTAINER=IMAGE");
        }
        if (!add_images(*inner, *spec, entry.substr(0, equals), entry.substr(equals + 1))) {
            throw Error(Code::not_found, shown_name(object) + " has no container '" + entry.substr(0, equals) +
                                             "'; it has " + base::join(names, ", "))
                .suggest(base::near_names(entry.substr(0, equals), names));
        }
    }
    return patch;
}

int run(Env& env, const Options& options) {
    const auto cluster = env.cluster();
    const kube::ObjectRef ref = resolve_object(*cluster, options.target, "", options.ns);
    const doc::Value object = require_object(*cluster, ref);
    const doc::Value patch = patch_of(object, options);
    audited(env, {"cluster set-image", shown_name(object), env.cluster_name(), ""}, [&] {
        cluster->write({kube::Patch{ref, kube::PatchKind::strategic, patch, "", ""}, std::string(k_hand), kube::DryRun::no});
        print_text(env, shown_name(object) + " image updated\n");
        return base::join(options.images, ", ");
    });
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "KIND/NAME", options->target, "the object");
    add_many(parser, "IMAGES", options->images, "CONTAINER=IMAGE, one or more; * stands for every container")
        ->required();
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace (default: the context's, else default)");
    return in_namespace(options, run);
}

}  // namespace

void register_cluster_set_image(Commands& commands) {
    commands.push_back({
        .path = "cluster set-image",
        .summary = "Change container images by hand.",
        .examples = "gitopsctl cluster set-image deploy/web -n prod web=registry.example.com/web:v2\n"
                    "gitopsctl cluster set-image cronjob/report '*=registry.example.com/report:1.4'",
        .exits = "0  changed\n"
                 "2  no such object or container",
        .declare = declare,
    });
}

}  // namespace gitops::cli
