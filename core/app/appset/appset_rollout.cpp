#include "core/app/appset/appset_rollout.hpp"

#include <algorithm>

#include "core/app/controller/controller.hpp"
#include "core/app/fleet.hpp"
#include "core/app/project/project.hpp"
#include "core/base/error.hpp"
#include "core/base/workers.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

namespace {

using base::Error;
using sources::MemberFacts;
using sources::MemberPhase;

bool is_healthy(const AppStatus& status) {
    return status.health.status == deliver::HealthStatus::healthy;
}

MemberFacts facts_of(const Application& application, const AppStatus& status) {
    const doc::Value* labels = application.document.path("metadata", "labels");
    MemberFacts facts{application.name, labels == nullptr ? doc::Value() : *labels, false, false, false, false};
    facts.synced = status.sync == SyncStatus::synced;
    facts.healthy = is_healthy(status);
    facts.busy = status.operation.has_value();
    const bool broke = status.state.phase == "Failed" || status.state.phase == "Error";
    facts.failed = broke && !status.revision.empty() && status.state.attempted_revision == status.revision;
    return facts;
}

/// What the member's own policy would have allowed: its automation is only parked.
SyncRequest request_for(const Application& application) {
    SyncRequest request;
    request.trigger = Trigger::automated;
    request.reason = "its turn in the rolling sync of ApplicationSet " + owner_of(application.document);
    request.wait_for_health = Wait::no;
    request.wait_for_lock = Wait::no;
    const auto& automated = application.sync_policy.automated;
    request.compare.prune = automated && automated->prune ? deliver::PrunePolicy::prune : deliver::PrunePolicy::keep;
    return request;
}

/// Why a member whose turn it is is not synced; "" for no reason.
std::string hold_of(const Services& services, const Application& application) {
    const auto state = services.state.state(application.instance);
    if (is_suspended(state, services.clock.now())) return "held: suspended";
    if (!state.pinned_revision.empty()) return "held: pinned by a rollback";
    if (application.skip_reconcile) return "left alone: argocd.argoproj.io/skip-reconcile";
    const auto refused = window_refusal(services, application, sources::Starter::automation, services.clock.now());
    return refused ? "held: " + refused->message() : std::string();
}

void roll(const Services& services, std::vector<sources::MemberPlan>& plans, const std::function<void(const SyncReport&)>& done,
          const std::stop_token& stop) {
    for (auto& plan : plans) {
        if (plan.phase != MemberPhase::pending || stop.stop_requested()) continue;
        const Application application = services.state.application(plan.name);
        if (auto hold = hold_of(services, application); !hold.empty()) plan.message = std::move(hold);
        else sync_each(services, errands_of({plan.name}, {}), request_for(application), done, stop);
    }
}

}  // namespace

std::vector<sources::MemberPlan> rollout_of(const Services& services, const sources::ApplicationSet& set, Fetch fetch) {
    const auto members = members_of(services.state, set.name);
    const auto facts = base::parallel_map<MemberFacts>(members, services.jobs, [&](const Application& application) {
        return facts_of(application, status_of(services, application, fetch));
    });
    return sources::plan_rollout(set.steps, facts);
}

std::string rolling_set_of(const StateDb& state, const Application& application) {
    const auto& automated = application.sync_policy.automated;
    if (!automated || automated->enabled) return {};
    std::string owner = owner_of(application.document);
    const auto set = owner.empty() ? std::nullopt : state.definition(k_set_kind, owner);
    const doc::Value* type = set ? set->path("spec", "strategy", "type") : nullptr;
    return type != nullptr && type->text() == "RollingSync" ? owner : std::string();
}

std::vector<sources::MemberPlan> roll_sets(const Services& services, const std::function<void(const SyncReport&)>& done,
                                           std::stop_token stop) {
    std::vector<sources::MemberPlan> all;
    for (const doc::Value& document : services.state.definitions(k_set_kind)) {
        try {
            std::vector<std::string> told_when_it_was_registered;
            const auto set = sources::read_application_set(document, "state.db", told_when_it_was_registered);
            if (set.steps.empty()) continue;
            auto plans = rollout_of(services, set, Fetch::remote);
            roll(services, plans, done, stop);
            all.insert(all.end(), plans.begin(), plans.end());
        } catch (const Error& error) {
            if (error.code() == base::Code::cancelled) throw;
            services.events.emit({base::Level::warning, "appset", std::string(kube::name_of(document)), error.message(), {}});
        }
    }
    return all;
}

}  // namespace gitops::app
