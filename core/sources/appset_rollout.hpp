// A rolling sync: in which order the Applications of an ApplicationSet may be synced.
//
// A pure function of how they are now. An Application belongs to the first step whose expressions its labels meet; one that
// meets none is never synced by the set. A step begins when every Application of the steps before is healthy, and has at
// most maxUpdate of its own under way.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/sources/application_set.hpp"

namespace gitops::sources {

/// How an Application of the set is.
struct MemberFacts {
    std::string name;
    doc::Value labels;     ///< a map, or null
    bool synced = false;
    bool healthy = false;
    bool busy = false;     ///< an operation runs
    bool failed = false;   ///< its last sync of what is wanted now failed
};

enum class MemberPhase { waiting, pending, progressing, healthy };
std::string_view member_phase_name(MemberPhase phase);  ///< "Waiting", "Pending", ... as Argo CD spells them

struct MemberPlan {
    std::string name;
    int step = 0;  ///< counted from 1; 0 for none
    MemberPhase phase = MemberPhase::waiting;  ///< pending: to be synced now
    std::string message;
};

/// In the order of the members.
std::vector<MemberPlan> plan_rollout(const std::vector<SetStep>& steps, const std::vector<MemberFacts>& members);

/// What the rolling sync is at, by its first step with a member that is not synced and healthy; nullopt when it is through.
/// Argo CD's condition RolloutProgressing.
std::optional<std::string> rollout_standing(const std::vector<SetStep>& steps, const std::vector<MemberPlan>& members);

/// The step of an Application with these labels, from 1; 0 for none.
int step_of(const std::vector<SetStep>& steps, const doc::Value& labels);
/// How many of `count` may be under way: all without maxUpdate; of a percentage the floor, but one at least unless it is 0.
std::size_t most_at_once(const SetStep& step, std::size_t count);

}  // namespace gitops::sources
