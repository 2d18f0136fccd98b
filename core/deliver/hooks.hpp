// Hooks: objects that a sync runs at a moment of its own instead of keeping them (argocd.md 2.1, 2.2).
//
// Overview: hook_of() reads the annotations of Argo CD and Helm; make_plan() turns each hook into one Step per phase;
// begin_hooks() makes them those of one operation: it gives those with generateName their name and marks each object with
// the run it belongs to, by which an operation that died in the middle is gone on with: what the cluster shows as run by
// this operation is not run again. Hooks are never tracked, pruned, compared or counted in health.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/deliver/plan.hpp"
#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::deliver {

inline constexpr std::string_view k_hook_annotation = "argocd.argoproj.io/hook";
/// On the object of a hook that ran: "OPERATION/PHASE".
inline constexpr std::string_view k_hook_run_annotation = "gitopsctl.io/hook-run";
/// Argo CD's, which keeps the object of a hook until it has seen how it ended. gitopsctl follows the object instead and
/// sets none, so that a process that dies leaves nothing that cannot be deleted; found on a hook it is taken away.
inline constexpr std::string_view k_hook_finalizer = "argocd.argoproj.io/hook-finalizer";

/// What an object's hook annotations make of it.
struct HookMark {
    std::vector<Phase> phases;  ///< each once, in order; empty: never applied
    HookTask task;
    std::string why_none;       ///< why there is no phase
    std::vector<std::string> warnings = {};  ///< what does not do what it says
};
/// nullopt for an ordinary resource. Argo CD's annotation beats Helm's; Helm's crd-install is an ordinary resource, its
/// test and rollback hooks have no phase, nor has a hook whose annotation is empty.
std::optional<HookMark> hook_of(const doc::Value& object);

/// helm.sh/resource-policy: keep.
bool keeps_by_helm(const doc::Value& object);
/// metadata.generateName, "" without one.
std::string_view generated_prefix(const doc::Value& object);
void drop_annotation(doc::Value& object, std::string_view key);

/// The operation that hooks are run by.
struct HookOperation {
    std::string app;
    std::string revision;
    base::Time started{};
};
/// Names hooks with generateName as Argo CD does (prefix, first seven of the revision, phase, start in seconds) and marks
/// all with their run.
void begin_hooks(Plan& plan, const HookOperation& operation);
/// Makes all hook steps `skip`, for the reason given: a sync that runs none.
void leave_out_hooks(Plan& plan, std::string_view why);
/// A plan of only those hooks that belong to `phase`, each to be run: for the phases of a deletion.
Plan hooks_of_phase(const Plan& plan, Phase phase);

/// How far the operation of `step` got with its hook, as its live object says.
enum class HookProgress {
    not_begun,  ///< no object, or one of another operation or of an earlier phase
    begun,      ///< this very run's: it is running, or has ended
    passed,     ///< the operation is at a later phase of the same hook already
};
/// True when an operation of `app` made the object as a hook.
bool is_hook_of_app(const doc::Value& live, std::string_view app);
HookProgress progress_of(const Step& step, const doc::Value& live);

/// Takes k_hook_finalizer off `live`, if it is there.
void release_hook(kube::Cluster& cluster, const doc::Value& live, std::string_view manager);
/// Deletes the object of a hook, its finalizer included; false when it was not there.
bool delete_hook(kube::Cluster& cluster, const doc::Value& live, std::string_view manager);

}  // namespace gitops::deliver
