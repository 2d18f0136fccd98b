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

void roll(const Services& services, const sources::ApplicationSet& set, const std::function<void(const SyncReport&)>& done,
          const std::stop_token& stop) {
    for (const auto& plan : rollout_of(services, set, Fetch::remote)) {
        if (plan.phase != MemberPhase::pending || stop.stop_requested()) continue;
        const Application application = services.state.application(plan.name);
        const auto state = services.state.state(application.instance);
        if (is_suspended(state, services.clock.now()) || !state.pinned_revision.empty() || application.skip_reconcile) continue;
        if (window_refusal(services, application, sources::Starter::automation, services.clock.now())) continue;
        sync_each(services, errands_of({plan.name}, {}), request_for(application), done, stop);
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

void roll_sets(const Services& services, const std::function<void(const SyncReport&)>& done, std::stop_token stop) {
    for (const doc::Value& document : services.state.definitions(k_set_kind)) {
        try {
            std::vector<std::string> told_when_it_was_registered;
            const auto set = sources::read_application_set(document, "state.db", told_when_it_was_registered);
            if (!set.steps.empty()) roll(services, set, done, stop);
        } catch (const Error& error) {
            if (error.code() == base::Code::cancelled) throw;
            services.events.emit({base::Level::warning, "appset", std::string(kube::name_of(document)), error.message(), {}});
        }
    }
}

}  // namespace gitops::app
