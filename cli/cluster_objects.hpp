// What people type for an object of a cluster: "deploy/web", "svc web", "configmaps".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/env.hpp"
#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::cli {

/// The field manager of changes made by hand through `gitopsctl cluster`.
inline constexpr std::string_view k_hand = "gitopsctl-cli";

/// The action of a by-hand command with Options::ns, which when it was not given is Env::usual_namespace().
template <class Options>
Action in_namespace(std::shared_ptr<Options> options, int (*run)(Env&, const Options&)) {
    return [options, run](Env& env) {
        if (options->ns.empty()) options->ns = env.usual_namespace();
        return run(env, *options);
    };
}

/// A kind by kubectl's names: kind, plural, singular, short name, "plural.group". Error(not_found) with near names.
kube::KindInfo resolve_kind(kube::Cluster& cluster, std::string_view name);

/// "KIND/NAME", or KIND with NAME as its own word. Error(invalid) when there is no name.
kube::ObjectRef resolve_object(kube::Cluster& cluster, const std::string& target, const std::string& name,
                               const std::string& ns);

/// The object; Error(not_found) with near names.
doc::Value require_object(kube::Cluster& cluster, const kube::ObjectRef& ref);

/// "deployment.apps/web", "pod/web-1": kubectl's way.
std::string shown_name(const kube::Gvk& gvk, std::string_view name);
std::string shown_name(const doc::Value& object);

/// Without metadata.managedFields.
doc::Value without_managed_fields(doc::Value object);

/// Path of the containers' pod spec inside an object of that kind: {"spec","template","spec"}. Empty when it has
/// none.
std::vector<std::string> pod_spec_path(std::string_view kind);

}  // namespace gitops::cli
