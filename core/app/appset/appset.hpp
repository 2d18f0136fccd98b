// Registered ApplicationSets: what they make of the register of applications.
//
// Overview: plan_set() says, as a value, what would be created, updated and deleted; apply_set() follows it. An Application
// that a set made carries an ownerReference to it; a set touches no other. An error of a generator changes nothing; one
// of a single Application holds up no other. A plan that deletes more than a share of the set's Applications is not followed
// unless somebody confirms it.
// appset_rollout.hpp does rolling syncs.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/services.hpp"
#include "core/base/error.hpp"
#include "core/sources/application_set_generate.hpp"

namespace gitops::app {

inline constexpr std::string_view k_set_kind = "ApplicationSet";
/// Annotation of an ApplicationSet: how many deletions at once need no confirmation, "3" or "25%"; 50% without it.
inline constexpr std::string_view k_max_deletions_annotation = "gitopsctl.io/max-deletions";

enum class SetAction {
    create,
    update,
    remove,
    keep,        ///< equal
    hold_update, ///< differs, and the policy forbids updates
    hold_removal ///< not generated any more, and the policy forbids deletions
};
std::string_view set_action_name(SetAction action);  ///< "create", "update", "delete", "unchanged", "not updated", "not deleted"

struct SetChange {
    SetAction action = SetAction::keep;
    std::string app;
    std::string origin;         ///< the results that made it; "" for one that is not made any more
    doc::Value before, after;   ///< null where there is none
};

/// A generated Application that cannot be registered.
struct InvalidMember {
    std::string app;
    std::string origin;
    base::Error error;
};

struct SetPlan {
    sources::ApplicationSet set;
    std::vector<SetChange> changes;     ///< by name
    std::vector<InvalidMember> invalid; ///< by name
    std::vector<std::string> warnings;  ///< fields without effect
    std::size_t owned = 0;              ///< Applications of the set before
    std::size_t removals = 0;
    /// Why nobody may follow it without confirming: it would delete too many.
    std::optional<base::Error> refusal;
};

/// Clusters as generators see them, with the label of Argo CD's cluster Secrets. Of an embedded one the server is
/// "https://NAME"; the one of every home is Argo CD's own, "in-cluster" at https://kubernetes.default.svc, also while another one
/// is current (names made from it would change), and has no Secret unless it was given labels.
std::vector<sources::ClusterFacts> cluster_facts(const Services& services);
/// Ports to the registered clusters and to Git; every repository is fetched once.
sources::SetPorts set_ports(const Services& services, Fetch fetch);

/// What would become of the set's Applications. Each is made as it would be registered: with its owner, a destination that is
/// a cluster's server or Argo CD's own cluster turned into a registered name and, in a rolling sync, automation off. One that
/// cannot be read, with or without what is kept of the registered one, whose project or cluster does not exist, or whose name belongs to an application that the set did not
/// make, is kept as invalid; the others go their way, and it is not taken for gone.
/// `max_deletions` is in place of the annotation's when it is not "". Error(...) of a generator, or for two equal names.
SetPlan plan_set(const Services& services, const sources::ApplicationSet& set, const sources::SetPorts& ports,
                 const std::string& max_deletions = {});

enum class Confirmed { no, yes };

/// Registers the set and follows the plan. Applications with Argo CD's resources finalizer are deleted with what they
/// deployed. Throws the plan's refusal unless confirmed; nothing has changed then. An error on the way
/// is thrown, and is the set's condition.
void apply_set(const Services& services, const SetPlan& plan, Confirmed confirmed, std::stop_token stop);
/// What the set's condition says of its invalid members: the first one's error and how many more there are.
std::optional<base::Error> problem_of(const SetPlan& plan);

enum class Members { remove, leave };
/// Takes the set off the register; its Applications go with it, in reverse of its steps with deletionOrder Reverse, or stay
/// without an owner.
void delete_set(const Services& services, std::string_view name, Members members, std::stop_token stop);

/// Error(not_found) with near names.
sources::ApplicationSet set_named(const StateDb& state, std::string_view name);
/// Every Application that the set made, by name.
std::vector<Application> members_of(const StateDb& state, std::string_view set);
/// The set that made an Application, "" for none.
std::string owner_of(const doc::Value& application);

/// Argo CD's condition of a set, from when it was generated last.
struct SetCondition {
    std::string type;  ///< "ResourcesUpToDate" or "ErrorOccurred"
    std::string message;
    std::string at;    ///< RFC 3339
};
std::optional<SetCondition> condition_of(const StateDb& state, std::string_view set);
void put_condition(const Services& services, std::string_view set, const base::Error* error);

enum class Applied { not_at_all, in_part };

/// A set that could not be generated or applied, or some of whose Applications could not.
struct SetFailure {
    std::string set;
    std::string message;
    bool is_news = false;  ///< not what was wrong with it the last time
    Applied applied = Applied::not_at_all;
};

/// Plans and applies every registered set, each on its own; what is wrong with one is kept as its condition.
std::vector<SetFailure> refresh_sets(const Services& services, std::stop_token stop);

}  // namespace gitops::app
