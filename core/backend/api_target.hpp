// Where an object is on a server: its kind as served, its path, and its name for messages.
#pragma once

#include <optional>
#include <string>

#include "core/backend/discovery.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::backend {

struct Target {
    kube::KindInfo kind;
    std::string ns;    ///< "" for cluster-scoped kinds
    std::string name;  ///< "" for an object that gets its name from the server

    std::string collection() const;  ///< "/api/v1/namespaces/prod/configmaps"
    std::string path() const;        ///< collection() and the name
    std::string subject() const;     ///< "apps/Deployment prod/web", "apps/Deployment" without a name
};

/// nullopt when the server does not serve the kind in that version. A namespaced object without a namespace is in
/// "default".
std::optional<Target> find_target(Discovery& discovery, const kube::ObjectRef& ref);

/// Why find_target() found nothing: Error(not_found) with the kind, its version, and the version the server has.
base::Error not_served(Discovery& discovery, const kube::Gvk& gvk);

/// True for what can stand as a name in a path (Kubernetes' path segment names): not "", ".", ".." nor with '/' or '%'.
bool is_path_name(std::string_view name);

/// True for the answer to a path that the server does not have, rather than to an object it does not have.
bool is_unknown_path(const ApiResponse& response);

}  // namespace gitops::backend
