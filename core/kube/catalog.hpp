// The kinds gitopsctl knows without asking a server: scope, resource name, apply order. Generated from
// core/kube/data/kubernetes-schema.json (Kubernetes 1.36), plus apiextensions and apiregistration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/resource.hpp"

namespace gitops::kube {

enum class Scope { namespaced, cluster };

struct KindInfo {
    Gvk gvk;
    std::string resource;  ///< plural: "deployments"
    Scope scope = Scope::namespaced;
};

/// The built-in kind, nullopt when it is not one. An empty version finds the preferred one.
std::optional<KindInfo> find_kind(const Gvk& gvk);
/// What `kubectl get NAME` accepts: kind, plural, singular, short name ("deploy", "svc", "cm", "hpa"), with an
/// optional ".group" or ".version.group". nullopt when it is no built-in.
std::optional<KindInfo> find_kind_by_name(std::string_view name);
/// All built-in kinds in their preferred versions, by group and kind.
const std::vector<KindInfo>& builtin_kinds();
/// Unknown kinds count as namespaced.
Scope scope_of(const Gvk& gvk);
/// The group/version/kind that a CustomResourceDefinition object defines, one per served version.
std::vector<KindInfo> kinds_of_crd(const doc::Value& crd);

/// Position in Argo CD's apply order (Namespace first ... APIService, then every other kind).
int apply_rank(std::string_view kind);

}  // namespace gitops::kube
