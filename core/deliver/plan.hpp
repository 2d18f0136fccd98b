// A Plan is what a sync is going to do, as a value: computed purely, printed by --dry-run, followed by the executor.
//
// Overview: make_plan() compares desired manifests with live objects and decides one Step per object; steps are
// grouped by phase and wave and ordered by kind inside a wave (Argo CD's order). A hook has one Step per phase it names;
// hooks.hpp says what hooks are, sync_machine.hpp what is waited for between the groups.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/deliver/diff.hpp"
#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {

inline constexpr std::string_view k_tracking_annotation = "argocd.argoproj.io/tracking-id";
inline constexpr std::string_view k_sync_options_annotation = "argocd.argoproj.io/sync-options";
inline constexpr std::string_view k_compare_options_annotation = "argocd.argoproj.io/compare-options";
inline constexpr std::string_view k_sync_wave_annotation = "argocd.argoproj.io/sync-wave";

/// "app:group/Kind:ns/name". Cluster-scoped objects carry the destination namespace in that slot.
std::string tracking_id(std::string_view app, const kube::ResourceKey& key, std::string_view destination_namespace);
/// The application that owns `live` for certain: its tracking id names the application and this very object, and it
/// has no ownerReferences. nullopt otherwise (a copied annotation owns nothing).
std::optional<std::string> tracked_by(const doc::Value& live);

/// In the order of a sync; the last two belong to the deletion of an application.
enum class Phase { pre_sync, sync, post_sync, sync_fail, pre_delete, post_delete };
enum class Action { create, update, prune, unchanged, skip };
std::string_view phase_name(Phase phase);    ///< "PreSync", "Sync", "PostSync", "SyncFail", ...
std::string_view action_name(Action action); ///< "create", "update", ...

/// Options that hold for one object: the application's with the object's own annotation over them.
struct SyncOptions {
    bool create_namespace = false;
    bool prune_last = false;
    bool apply_out_of_sync_only = false;
    bool replace = false;
    bool force = false;
    bool prune = true;  ///< Prune=false
    bool confirm_prune = false;   ///< Prune=confirm
    bool keep_on_delete = false;  ///< Delete=false: stays when the application is deleted
    bool confirm_delete = false;  ///< Delete=confirm
    bool skip_missing_kind = false;  ///< SkipDryRunOnMissingResource: a kind the cluster does not know yet is no error
    bool fail_on_shared_resource = false;
    bool validate = true;  ///< Validate=false: fields that a kind does not have are left out
    kube::Propagation propagation = kube::Propagation::foreground;
    ClientSideFields client_side = ClientSideFields::adopt;  ///< ClientSideApplyMigration
    bool respect_ignore_differences = false;  ///< what is ignored keeps the live value when it is synced, too
};
kube::UnknownFields unknown_fields_of(const SyncOptions& options);
/// Reads "Key=value" entries over `base`; unknown or unsupported entries are told in `warnings`, with near names.
SyncOptions read_sync_options(SyncOptions base, const std::vector<std::string>& entries,
                              std::vector<std::string>& warnings);

/// When a hook's object is deleted, and which run of it a step is.
struct HookTask {
    std::string text;            ///< the annotation's value
    bool before_creation = true; ///< the one of an earlier sync, before it is created
    bool on_success = false;     ///< once the whole sync succeeded
    bool on_failure = false;     ///< once the sync failed
    std::string run;             ///< the operation that runs it; "" until begin_hooks()
};

struct Step {
    Action action = Action::unchanged;
    Phase phase = Phase::sync;
    int wave = 0;
    kube::ResourceKey key;
    std::optional<HookTask> hook = std::nullopt;
    doc::Value desired;  ///< with tracking id unless it is a hook; null for prune
    doc::Value live;     ///< null when absent
    doc::Value predicted;  ///< what the cluster's own dry run made of it; null when nobody asked, see refine()
    SyncOptions options;
    IgnoreRules ignore;  ///< of ignoreDifferences, those for this object
    Additions additions = Additions::are_defaults;  ///< how `predicted` is read
    std::shared_ptr<const TypedFields> typed;  ///< of a custom resource
    kube::AnnotationKeys masked{};  ///< of a Secret: annotations that are shown masked
    bool overwrites_ignored = false;  ///< an update of what is in sync: only ignored fields differ, and a sync overwrites them
    std::string reason;  ///< why: "differs in spec.replicas", "requires pruning, but --prune is off", ...
    bool refused = false;  ///< the application may not have the object: a plan with such a step is not to be followed
    bool foreign = false;  ///< a live object that the application may not have: no longer in Git, and no part of its status
    bool unconfirmed = false;  ///< would be pruned, but nobody has agreed to it yet (Prune=confirm)
};

/// True when the step's object is one the application owns: not a hook, nor the namespace CreateNamespace adds.
bool is_tracked(const Step& step);
/// True when the object is what Git says, ignored fields aside: what a status calls Synced.
bool is_in_sync(const Step& step);
/// True for a live object that left Git and stays only because pruning was not asked for, or not agreed to.
bool awaits_pruning(const Step& step);
/// True for a live object that left Git and by its own word (IgnoreExtraneous) makes nothing differ from Git by that: it
/// shows as OutOfSync, the application does not (argocd.md, fact 11), and no sync asks for --prune because of it.
bool is_spared(const Step& step);
/// What hangs on a definition or a namespace would be lost with it: they are never deleted to be made anew (argocd.md 1.8).
bool holds_others(const Step& step);
/// How an update reaches its object: merged into it, in place of all of it, or after the object was deleted.
enum class WriteMethod { apply, replace, recreate };
std::string_view method_name(WriteMethod method);  ///< "apply", "replace", "recreate"
/// With Force=true alone an apply becomes a recreation only when the cluster refuses it: see StepOutcome::recreated.
WriteMethod method_of(const Step& step);
/// How the step's object is compared.
DiffTerms terms_of(const Step& step);
/// What the step would change, by its prediction and its options; both sides must exist.
ObjectDiff diff_of(const Step& step);
std::vector<FieldChange> changes_of(const Step& step);

struct Plan {
    std::vector<Step> steps;  ///< in the order of execution
    std::vector<std::string> warnings;
    std::map<kube::ResourceKey, std::string> shared{};  ///< objects to be applied that another application tracks: which
    bool empty() const;  ///< nothing to create, update or prune, hooks aside
    bool runs_hooks() const;
};

enum class PrunePolicy { keep, prune };
/// Whether somebody has agreed to the deletion of what is marked Prune=confirm.
enum class Confirmation { needed, given };

/// --resource GROUP:KIND:[NAMESPACE/]NAME. Each part may be a glob; an empty group is the core group, any other empty
/// part matches everything.
struct ResourceFilter {
    std::string group, kind, name;
    bool exclude = false;  ///< written with a leading '!'
    std::string ns;
};
ResourceFilter parse_resource_filter(std::string_view text);  ///< Error(invalid)
/// Matched by one of the including filters (or there are none) and by no excluding one.
bool selected(const std::vector<ResourceFilter>& filters, const kube::ResourceKey& key);

struct PlanInput {
    std::string app;
    std::string destination_namespace;
    std::vector<kube::Manifest> desired;
    /// Live counterparts of desired, candidates for pruning, and the destination Namespace when it exists.
    std::vector<doc::Value> live;
    std::vector<kube::ResourceKey> inventory; ///< what the last sync applied
    SyncOptions options;
    PrunePolicy prune = PrunePolicy::keep;
    Confirmation confirmation = Confirmation::needed;
    std::vector<ResourceFilter> only;
    doc::Value namespace_metadata;  ///< labels and annotations CreateNamespace gives the destination; null leaves one that exists alone
    IgnoreRules ignore;  ///< ignoreDifferences of the application and of the configuration
    std::vector<KnownTypeField> known_types;
    kube::AnnotationKeys masked_annotations{};  ///< of Secrets, where they are shown
    /// Why the application may not have, or prune, an object; empty or nullopt: it may.
    std::function<std::optional<std::string>(const kube::Gvk&, const kube::ResourceKey&)> refusal{};
};

/// The same plan for any order of desired, live and inventory. Error(invalid) for two manifests of one object and for
/// a wrong application name; Error(conflict) when FailOnSharedResource meets an object of another application.
Plan make_plan(const PlanInput& input);

/// Decides the updates of `plan` anew by what the cluster itself predicts: `predicted` holds its answers to dry runs of
/// applying Step::desired, which the steps keep. Steps without an answer stay as they are. See diff_with().
void refine(Plan& plan, const std::vector<doc::Value>& predicted);

}  // namespace gitops::deliver
