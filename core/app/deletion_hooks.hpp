// The hooks of a deletion: PreDelete before the objects of an application go, PostDelete after (argocd.md 2.1).
#pragma once

#include <stop_token>

#include "core/app/remove.hpp"
#include "core/deliver/plan.hpp"
#include "core/deliver/task_watch.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::app {

/// A plan of all hooks of the revision that was synced; an empty one for an application that never was, and, with a warning,
/// where that revision can no longer be rendered: nobody is to be stuck with an application whose repository is gone.
deliver::Plan hooks_of_deployed(const Services& services, const Application& application);

/// Runs those of `phase`. Error(conflict) with the reason when one failed.
void run_deletion_hooks(const Services& services, const Application& application, kube::Cluster& cluster, const deliver::Plan& hooks,
                        deliver::Phase phase, const deliver::Waiting& waiting, const std::stop_token& stop);

/// Deletes the objects that hooks of earlier syncs left behind.
void delete_left_hooks(const Services& services, const Application& application, kube::Cluster& cluster, const deliver::Plan& hooks);

}  // namespace gitops::app
