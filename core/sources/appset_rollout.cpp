#include "core/sources/appset_rollout.hpp"

#include <algorithm>

namespace gitops::sources {

namespace {

bool meets(const SetStep& step, const doc::Value& labels) {
    return std::ranges::all_of(step.expressions, [&](const SetStep::Expression& expression) {
        const doc::Value* label = labels.find(expression.key);
        const bool listed = label != nullptr && std::ranges::find(expression.values, label->text()) != expression.values.end();
        return expression.is_in ? listed : !listed;
    });
}

MemberPhase phase_of(const MemberFacts& member) {
    if (member.busy) return MemberPhase::progressing;
    if (!member.synced) return member.failed ? MemberPhase::progressing : MemberPhase::waiting;
    return member.healthy ? MemberPhase::healthy : MemberPhase::progressing;
}

std::string message_of(const MemberFacts& member, MemberPhase phase) {
    switch (phase) {
        case MemberPhase::waiting: return "waits for the steps before";
        case MemberPhase::pending: return "is to be synced now";
        case MemberPhase::progressing:
            if (member.busy) return "is being synced";
            return member.failed ? "its last sync failed; the steps behind wait" : "synced, not healthy yet";
        case MemberPhase::healthy: return "synced and healthy";
    }
    return {};
}

}  // namespace

std::string_view member_phase_name(MemberPhase phase) {
    switch (phase) {
        case MemberPhase::waiting: return "Waiting";
        case MemberPhase::pending: return "Pending";
        case MemberPhase::progressing: return "Progressing";
        case MemberPhase::healthy: return "Healthy";
    }
    return {};
}

int step_of(const std::vector<SetStep>& steps, const doc::Value& labels) {
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (meets(steps[i], labels)) return static_cast<int>(i) + 1;
    return 0;
}

std::size_t most_at_once(const SetStep& step, std::size_t count) {
    if (step.max_update.empty()) return count;
    const std::size_t number = std::stoul(step.max_update);
    if (!step.max_update.ends_with('%')) return std::min(number, count);
    if (number == 0) return 0;
    return std::clamp<std::size_t>(count * number / 100, 1, std::max<std::size_t>(count, 1));
}

std::vector<MemberPlan> plan_rollout(const std::vector<SetStep>& steps, const std::vector<MemberFacts>& members) {
    std::vector<MemberPlan> plans;
    for (const MemberFacts& member : members) plans.push_back({member.name, step_of(steps, member.labels), phase_of(member), {}});
    bool open = true;
    for (int number = 1; number <= static_cast<int>(steps.size()); ++number) {
        std::size_t count = 0, under_way = 0;
        for (const MemberPlan& plan : plans) {
            count += plan.step == number ? 1 : 0;
            under_way += plan.step == number && plan.phase == MemberPhase::progressing ? 1 : 0;
        }
        const std::size_t most = most_at_once(steps[static_cast<std::size_t>(number) - 1], count);
        bool done = true;
        for (MemberPlan& plan : plans) {
            if (plan.step != number) continue;
            done &= plan.phase == MemberPhase::healthy;
            if (!open || plan.phase != MemberPhase::waiting || under_way >= most) continue;
            plan.phase = MemberPhase::pending;
            ++under_way;
        }
        open &= done;
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
        MemberPlan& plan = plans[i];
        plan.message = plan.step == 0 ? "no step takes its labels: it is not synced by the set"
            : message_of(members[i], plan.phase);
        if (plan.step == 0 && plan.phase == MemberPhase::pending) plan.phase = MemberPhase::waiting;
    }
    return plans;
}

}  // namespace gitops::sources
