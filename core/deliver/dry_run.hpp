// What can be told of a plan before anything of it is done (argocd.md 2.4.2): Argo CD's client-side dry run.
#pragma once

#include <functional>
#include <vector>

#include "core/deliver/executor.hpp"
#include "core/deliver/plan.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::deliver {

/// One outcome, with the reason, for each step that makes the whole plan not to be followed: an object that is not
/// permitted, one of another application under FailOnSharedResource, and one of a kind that neither the cluster serves nor a CustomResourceDefinition of the plan defines, unless
/// SkipDryRunOnMissingResource says that it will come. `served` is asked only when a kind is none of the built-in ones; an
/// empty function stands for a cluster that takes every kind.
std::vector<StepOutcome> invalid_steps(const Plan& plan, const std::function<std::vector<kube::KindInfo>()>& served);

/// The updates that the cluster refuses because a field cannot be changed, asked by a dry run of each before anything is
/// changed: one outcome each, with the reason. No other refusal counts, for it may be otherwise when its turn comes (a port that
/// an earlier step frees, a webhook that an earlier wave starts). Nothing is asked of a plan that is one group, in which one
/// failure keeps nothing else from being applied, nor of hooks. `goes_on` is asked between steps, from one thread at a time;
/// once it says no, nothing more is asked and nothing is refused.
std::vector<StepOutcome> refused_steps(const Plan& plan, kube::Cluster& cluster, const ExecuteOptions& options,
                                       const std::function<bool()>& goes_on, std::stop_token stop);

/// Takes out of `plan` what the cluster cannot judge in a dry run, because the plan itself makes its namespace or its kind
/// first: their outcomes, taken for granted. Hooks of SyncFail go without one: a dry run that goes well runs none.
std::vector<StepOutcome> take_for_granted(Plan& plan);

}  // namespace gitops::deliver
