#include "core/deliver/hook_writer.hpp"

#include "core/base/error.hpp"
#include "core/deliver/hooks.hpp"
#include "core/deliver/object_watch.hpp"
#include "core/deliver/step_writer.hpp"

namespace gitops::deliver {
namespace {

constexpr base::Duration k_delete_wait{60'000};  ///< until the object of an earlier sync is gone

void delete_earlier(kube::Cluster& cluster, const doc::Value& live, const ExecuteOptions& options, const std::stop_token& stop) {
    delete_hook(cluster, live, options.manager);
    const auto uid = kube::uid_of(live);
    const auto is_gone = [&](const doc::Value* object) { return object == nullptr || kube::uid_of(*object) != uid; };
    if (wait_until(cluster, kube::ref_of(live), k_delete_wait, stop, is_gone)) return;
    throw base::Error(base::Code::unavailable, "the hook of an earlier sync was deleted, but is still there")
        .hint("look at its metadata.finalizers, then sync again");
}

HookStart as_start(StepOutcome outcome) {
    const bool failed = outcome.result == StepResult::sync_failed;
    return {std::move(outcome), failed ? HookStart::Kind::failed : HookStart::Kind::running};
}

}  // namespace

HookStart start_hook(const Step& step, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
                     std::stop_token stop) {
    HookStart start;
    start.outcome = {step.key, step.action, step.phase, step.wave, StepResult::synced, step.reason};
    try {
        auto fresh = step;
        const auto live = cluster.get(kube::ref_of(step.desired));
        fresh.live = live.value_or(doc::Value());
        if (live) {
            switch (progress_of(step, *live)) {
                case HookProgress::begun: start.outcome.message = "was begun before by this operation"; return start;
                case HookProgress::passed:
                    start.outcome.message = "was completed before by this operation";
                    start.kind = HookStart::Kind::passed;
                    return start;
                case HookProgress::not_begun: break;
            }
            if (step.hook->before_creation) {
                if (options.dry_run == kube::DryRun::yes) {
                    start.outcome.message = "deleted and created again (dry run)";
                    return start;
                }
                delete_earlier(cluster, *live, options, stop);
                fresh.live = {};
            }
        }
        fresh.action = fresh.live.is_null() ? Action::create : Action::update;
        auto started = as_start(perform(fresh, cluster, options, events, stop));
        return started;
    } catch (const base::Error& error) {
        start.outcome.result = StepResult::sync_failed;
        start.outcome.message = error.message();
        start.kind = HookStart::Kind::failed;
    }
    return start;
}

}  // namespace gitops::deliver
