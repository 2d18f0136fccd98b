#include "core/deliver/dry_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "core/base/workers.hpp"
#include "core/deliver/adoption.hpp"
#include "core/deliver/step_writer.hpp"

namespace gitops::deliver {
namespace {

using KindKey = std::pair<std::string, std::string>;

/// The kinds that definitions of the plan make, by action where one is asked for.
std::set<KindKey> kinds_defined_by(const Plan& plan) {
    std::set<KindKey> defined;
    for (const auto& step : plan.steps) {
        if (step.key.kind != "CustomResourceDefinition" || step.desired.is_null() || step.action == Action::skip) continue;
        for (const auto& kind : kube::kinds_of_crd(step.desired)) defined.emplace(kind.gvk.group, kind.gvk.kind);
    }
    return defined;
}

bool is_applied(const Step& step) { return !step.desired.is_null() && step.action != Action::skip; }
StepOutcome invalid(const Step& step, std::string why) {
    return {step.key, step.action, step.phase, step.wave, StepResult::sync_failed, std::move(why)};
}

std::vector<StepOutcome> unserved(const Plan& plan, const std::function<std::vector<kube::KindInfo>()>& served) {
    std::vector<const Step*> foreign;
    const auto defined = kinds_defined_by(plan);
    for (const auto& step : plan.steps)
        if (is_applied(step) && step.live.is_null() && !step.options.skip_missing_kind && !kube::find_kind(kube::gvk_of(step.desired)) &&
            !defined.contains({step.key.group, step.key.kind}))
            foreign.push_back(&step);
    if (foreign.empty()) return {};
    std::set<KindKey> known;
    for (const auto& kind : served()) known.emplace(kind.gvk.group, kind.gvk.kind);
    std::vector<StepOutcome> outcomes;
    for (const auto* step : foreign)
        if (!known.contains({step->key.group, step->key.kind}))
            outcomes.push_back(invalid(*step, fmt::format("the cluster knows no kind {} in group \"{}\"; apply its CustomResourceDefinition, or set "
                                                          "SkipDryRunOnMissingResource=true", step->key.kind, step->key.group)));
    return outcomes;
}

/// Whether a failure in one group of the plan leaves another undone.
bool is_in_groups(const Plan& plan) {
    std::set<std::pair<Phase, int>> groups;
    for (const auto& step : plan.steps)
        if (step.action != Action::unchanged && step.action != Action::skip && step.phase != Phase::sync_fail)
            groups.emplace(step.phase, step.wave);
    return groups.size() > 1;
}

/// A dry run of what adopts fields of a client-side apply would not be what the sync does.
bool is_askable(const Step& step, std::string_view manager) {
    if (step.action != Action::update || step.hook || !is_applied(step)) return false;
    return !adopted_fields(step.desired, step.live, manager, step.options.client_side);
}

}  // namespace

std::vector<StepOutcome> refused_steps(const Plan& plan, kube::Cluster& cluster, const ExecuteOptions& how,
                                       const std::function<bool()>& goes_on, std::stop_token stop) {
    if (!is_in_groups(plan)) return {};
    std::vector<const Step*> steps;
    for (const auto& step : plan.steps)
        if (is_askable(step, how.manager)) steps.push_back(&step);
    ExecuteOptions options = how;
    options.dry_run = kube::DryRun::yes;
    base::RecordingSink nobody;
    std::mutex mutex;
    bool ended = false;
    const auto is_ended = [&] {
        const std::scoped_lock guard(mutex);
        ended = ended || stop.stop_requested() || !goes_on();
        return ended;
    };
    auto outcomes = base::parallel_map<StepOutcome>(steps, std::max(options.jobs, cluster.in_flight()), [&](const Step* step) {
        return is_ended() ? StepOutcome{step->key, step->action, step->phase, step->wave, StepResult::synced, {}} : perform(*step, cluster, options, nobody, stop);
    });
    std::erase_if(outcomes, [&](const StepOutcome& outcome) { return ended || !outcome.unchangeable; });
    return outcomes;
}

std::vector<StepOutcome> invalid_steps(const Plan& plan, const std::function<std::vector<kube::KindInfo>()>& served) {
    std::vector<StepOutcome> outcomes;
    for (const auto& step : plan.steps)
        if (step.refused) outcomes.push_back(invalid(step, step.reason));
    for (const auto& step : plan.steps)
        if (const auto owner = plan.shared.find(step.key); owner != plan.shared.end() && step.options.fail_on_shared_resource)
            outcomes.push_back(invalid(step, fmt::format("is part of application \"{}\", and FailOnSharedResource=true", owner->second)));
    if (!served) return outcomes;
    for (auto& outcome : unserved(plan, served)) outcomes.push_back(std::move(outcome));
    return outcomes;
}

std::vector<StepOutcome> take_for_granted(Plan& plan) {
    std::set<std::string> made;
    std::set<KindKey> defined;
    for (const auto& step : plan.steps) {
        if (step.action != Action::create) continue;
        if (step.key.kind == "Namespace" && step.key.group.empty()) made.insert(step.key.name);
        if (step.key.kind == "CustomResourceDefinition")
            for (const auto& kind : kube::kinds_of_crd(step.desired)) defined.emplace(kind.gvk.group, kind.gvk.kind);
    }
    std::vector<StepOutcome> outcomes;
    std::erase_if(plan.steps, [&](const Step& step) {
        const bool waits = made.contains(step.key.ns) || defined.contains({step.key.group, step.key.kind});
        if (step.action != Action::create || !waits) return false;
        if (step.phase != Phase::sync_fail) outcomes.push_back({step.key, step.action, step.phase, step.wave, StepResult::synced, "created (dry run)"});
        return true;
    });
    return outcomes;
}

}  // namespace gitops::deliver
