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

/// Why a member of a step that has begun is not synced yet.
std::string limit_message(const SetStep& step, std::size_t most) {
    if (most == 0) return "its step has maxUpdate: " + step.max_update + ", so that nothing of it is synced";
    return "waits for others of its step: maxUpdate is " + step.max_update;
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
        const SetStep& step = steps[static_cast<std::size_t>(number) - 1];
        const std::size_t most = most_at_once(step, count);
        bool done = true;
        for (MemberPlan& plan : plans) {
            if (plan.step != number) continue;
            done &= plan.phase == MemberPhase::healthy;
            if (!open || plan.phase != MemberPhase::waiting) continue;
            if (under_way >= most) {
                plan.message = limit_message(step, most);
                continue;
            }
            plan.phase = MemberPhase::pending;
            ++under_way;
        }
        open &= done;
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
        MemberPlan& plan = plans[i];
        if (plan.message.empty()) plan.message = plan.step == 0 ? "no step takes its labels: it is not synced by the set"
            : message_of(members[i], plan.phase);
        if (plan.step == 0 && plan.phase == MemberPhase::pending) plan.phase = MemberPhase::waiting;
    }
    return plans;
}

std::optional<std::string> rollout_standing(const std::vector<SetStep>& steps, const std::vector<MemberPlan>& members) {
    // Of a step what is under way says more than what waits.
    const auto rank = [](const MemberPlan& member) { return std::pair(member.step, member.phase != MemberPhase::progressing); };
    const MemberPlan* first = nullptr;
    for (const MemberPlan& member : members) {
        const bool is_open = member.step != 0 && member.phase != MemberPhase::healthy;
        if (is_open && (first == nullptr || rank(member) < rank(*first))) first = &member;
    }
    if (first == nullptr) return std::nullopt;
    const auto same_step = [&](const MemberPlan& member) { return member.step == first->step; };
    const auto count = std::ranges::count_if(members, same_step);
    const std::string text = "the rolling sync is at step " + std::to_string(first->step) + " of " + std::to_string(steps.size());
    const SetStep& step = steps[static_cast<std::size_t>(first->step) - 1];
    if (most_at_once(step, static_cast<std::size_t>(count)) == 0)
        return text + ", which has maxUpdate: " + step.max_update + ": nothing of it is synced";
    return text + ": " + first->name + " " + first->message;
}

}  // namespace gitops::sources
