#include "core/app/deletion_hooks.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/app/destination.hpp"
#include "core/app/resource_scope.hpp"
#include "core/app/source/rendering.hpp"
#include "core/base/error.hpp"
#include "core/deliver/executor.hpp"
#include "core/deliver/hooks.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;

std::vector<kube::Manifest> hook_manifests(const Services& services, const Application& application, const std::string& revision) {
    auto manifests = render_sources(services, application, {revision, "", Fetch::cached}).rendered.manifests;
    const ClusterScope scope(services, cluster_of(services, application.destination.cluster));
    std::erase_if(manifests, [&](const kube::Manifest& manifest) {
        const auto gvk = kube::gvk_of(manifest.object);
        return !deliver::hook_of(manifest.object) || scope.excluded_by(gvk.group, gvk.kind);
    });
    return manifests;
}

}  // namespace

deliver::Plan hooks_of_deployed(const Services& services, const Application& application) {
    const auto revision = services.state.state(application.instance).synced_revision;
    if (revision.empty()) return {};
    try {
        deliver::PlanInput input;
        input.app = application.name;
        input.destination_namespace = destination_namespace(application);
        input.desired = hook_manifests(services, application, revision);
        return deliver::make_plan(input);
    } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        services.events.emit({base::Level::warning, "hook", application.name,
                              "which hooks it has for its deletion cannot be told, so none run: " + error.message(), {}});
        return {};
    }
}

void run_deletion_hooks(const Services& services, const Application& application, kube::Cluster& cluster, const deliver::Plan& hooks,
                        deliver::Phase phase, const deliver::Waiting& waiting, const std::stop_token& stop) {
    auto plan = deliver::hooks_of_phase(hooks, phase);
    if (plan.steps.empty()) return;
    const auto state = services.state.state(application.instance);
    deliver::begin_hooks(plan, {application.name, state.synced_revision, services.clock.now()});
    deliver::ExecuteOptions options;
    options.manager = deliver::k_manager;
    options.waiting = &waiting;
    options.jobs = services.jobs;
    const auto execution = deliver::execute(plan, cluster, options, services.events, stop);
    if (execution.succeeded) return;
    if (stop.stop_requested()) throw Error(Code::cancelled, "interrupted; the application stays registered, run the command again to finish");
    throw Error(Code::conflict, "a " + std::string(deliver::phase_name(phase)) + " hook failed: " + execution.message)
        .hint("the application stays registered; run the command again when the cause is gone, or with --hooks never");
}

void delete_left_hooks(const Services& services, const Application& application, kube::Cluster& cluster, const deliver::Plan& hooks) {
    std::set<std::pair<kube::Gvk, std::string>> places;
    for (const auto& step : hooks.steps) places.emplace(kube::gvk_of(step.desired), step.key.ns);
    for (const auto& [gvk, ns] : places)
        for (const auto& live : cluster.list({gvk, ns.empty() ? std::nullopt : std::optional(ns), ""})) {
            if (!deliver::is_hook_of_app(live, application.name)) continue;
            if (deliver::delete_hook(cluster, live, deliver::k_manager))
                services.events.emit({base::Level::info, "delete", kube::key_of(live).text(), "deleted", {}});
        }
}

}  // namespace gitops::app
