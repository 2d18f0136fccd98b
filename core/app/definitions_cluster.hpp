// A cluster as an application sees it whose manifests are themselves Applications, AppProjects or ApplicationSets: those kinds
// live in state.db, where gitopsctl's applications are, and everything else in the cluster below (app-of-apps).
//
// Overview: so planning, diff, waves, pruning and waiting for health work on children as on any object. Applying an
// Application registers it, and syncs it when its policy is automated, as Argo CD's controller would; its health is that of
// what it deploys, so a wave waits for the wave before. Removing one deletes it, with what it deployed when it has the
// finalizer resources-finalizer.argocd.argoproj.io.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "core/app/services.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::app {

/// Whether objects of this kind are definitions of gitopsctl's own.
bool is_definition(const kube::Gvk& gvk);

/// `cluster` as the application `parent` sees it. Services::parents names those above `parent`: an application that would
/// become part of itself is refused (Error(invalid)).
std::shared_ptr<kube::Cluster> with_definitions(const Services& services, const std::string& parent,
                                                std::shared_ptr<kube::Cluster> cluster);

}  // namespace gitops::app
