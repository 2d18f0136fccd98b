// Blue-green where the Service comes from Git: the switch is a commit, and so is going back.
#include <algorithm>

#include "core/app/progressive/bluegreen.hpp"
#include "core/app/compare.hpp"
#include "core/app/progressive/image_bump.hpp"
#include "core/app/rollback.hpp"
#include "core/app/progressive/rollout_branch.hpp"
#include "core/app/progressive/selector_edit.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using rollout::BlueGreenPhase;
using rollout::BlueGreenSpec;
using rollout::Color;

kube::ResourceKey service_key(const BlueGreenSpec& spec) { return {"", "Service", spec.ns, spec.service}; }
kube::ResourceKey deployment_key(const BlueGreenSpec& spec, Color color) { return {"apps", "Deployment", spec.ns, spec.deployment(color)}; }

/// What Git says about the replicas of a side; nullopt when it leaves them open.
std::optional<std::int64_t> replicas_in_git(const render::Rendered& rendered, const kube::ResourceKey& key) {
    const auto* workload = find_rendered(rendered, key);
    const auto* replicas = workload == nullptr ? nullptr : workload->path("spec", "replicas");
    return replicas == nullptr ? std::nullopt : replicas->to_int();
}

/// The next sync makes Git's replicas true: they must not be fewer than what the traffic needs.
void require_replicas(const BlueGreenSpec& spec, const Application& application, const render::Rendered& rendered, const rollout::BlueGreenSeen& seen) {
    const auto idle = other(seen.routed);
    const int needed = seen.side(seen.routed).replicas;
    const auto given = replicas_in_git(rendered, deployment_key(spec, idle));
    if (given && *given < needed)
        throw Error(Code::conflict, "Git gives " + deployment_key(spec, idle).text() + " " + std::to_string(*given) + " replicas, and " +
                                        std::to_string(needed) + " have the traffic: the next sync of " + application.name + " would take Pods away")
            .hint("give both sides the same replicas in Git, or leave them out there");
    if (spec.scale_down_delay && replicas_in_git(rendered, deployment_key(spec, seen.routed)))
        throw Error(Code::conflict, "scaleDownDelay takes the Pods of the old side, and Git says how many those are").hint("leave one of the two out");
}

/// The image of the container that a plan's "[CONTAINER=]IMAGE" is about, as Git says it.
std::string image_in_git(const Value& workload, const std::string& plan) {
    const auto equals = plan.find('=');
    const auto* containers = workload.path("spec", "template", "spec", "containers");
    if (containers == nullptr || containers->empty()) return {};
    for (const auto& container : containers->items())
        if (equals == std::string::npos || container.text_at("name") == plan.substr(0, equals)) return std::string(container.text_at("image"));
    return {};
}

/// The image of the idle side, and nothing else, least of all that of the side with the traffic.
Files bump_idle_side(const Services& services, const Application& application, const base::FileTree& tree, const kube::ResourceKey& idle, const std::string& plan) {
    const auto before = render_application(services, application, tree);
    const auto* workload = find_rendered(before, idle);
    if (workload == nullptr) throw Error(Code::not_found, "application " + application.name + " has no " + idle.text() + " in Git");
    const auto from = image_in_git(*workload, plan);
    const auto to = plan.substr(plan.find('=') == std::string::npos ? 0 : plan.find('=') + 1);
    if (from == to) return {};
    auto files = bump_image(services, application, tree, idle, from, to);
    auto changed = changed_keys(before, render_application(services, application, EditedTree(tree, files)));
    std::erase(changed, idle);
    if (!changed.empty())
        throw Error(Code::conflict, "the image of " + idle.text() + " cannot be changed alone: " + changed.front().text() + " would change with it")
            .hint("write the image of each side into its own manifest or patch, not under images of a kustomization");
    return files;
}

std::string subject_of(const BlueGreenSpec& spec) { return "Blue-green " + spec.ns + "/" + spec.name; }

/// The revert of the switch's commit; "" when that is not known, or other commits have changed the same lines since.
std::string revert(const Services& services, const BlueGreenSpec& spec, const rollout::BlueGreenRecord& record, std::stop_token stop) {
    if (record.state.git_commit.empty()) return {};
    RollbackRequest request;
    request.commit = record.state.git_commit;
    request.message = "blue-green " + spec.name + ": " + record.runs.back().reason;
    request.wait_for_health = Wait::no;
    try {
        return rollback(services, record.settings.app, request, std::move(stop)).commit;
    } catch (const Error& error) {
        if (error.code() != Code::conflict) throw;
        return {};
    }
}

}  // namespace

void prepare_in_git(const Services& services, const BlueGreenSpec& spec, const std::string& app, const rollout::BlueGreenSeen& seen,
                    const std::string& image, std::stop_token stop) {
    RolloutBranch branch(services, app, std::move(stop));
    const auto rendered = branch.rendered(branch.tip());
    if (find_rendered(rendered, service_key(spec)) == nullptr)
        throw Error(Code::not_found, "application " + app + " has no " + service_key(spec).text() + " in Git");
    require_replicas(spec, branch.application(), rendered, seen);
    if (image.empty()) return;
    const auto idle = deployment_key(spec, other(seen.routed));
    const auto commit = branch.publish([&](const base::FileTree& tree) { return bump_idle_side(services, branch.application(), tree, idle, image); },
                                       "Try " + image + " on " + idle.name + "\n\n" + subject_of(spec) + ": it has no traffic yet",
                                       "nothing was switched; run it again");
    if (!commit.empty()) branch.deploy(commit);
}

std::string commit_switch(const Services& services, const BlueGreenSpec& spec, const std::string& app, const Value& selector,
                          const rollout::BlueGreenState& state, std::stop_token stop) {
    RolloutBranch branch(services, app, std::move(stop));
    const std::string from(color_name(state.from)), to(color_name(state.to));
    const auto commit = branch.publish(
        [&](const base::FileTree& tree) { return edit_selector(services, branch.application(), tree, service_key(spec), selector); },
        "Switch " + spec.service + " from " + from + " to " + to + "\n\n" + subject_of(spec) + ": " + state.message,
        "the traffic was not switched; run it again");
    return commit;
}

std::string settle_in_git(const Services& services, const BlueGreenSpec& spec, const rollout::BlueGreenRecord& record, const Value& selector,
                          std::stop_token stop) {
    if (record.runs.empty()) return {};
    const auto& state = record.state;
    const auto& run = record.runs.back();
    RolloutBranch branch(services, record.settings.app, stop);
    if (!state.git_commit.empty())
        branch.leave_note(state.git_commit, decision_note(subject_of(spec), run, services.actor, services.clock.now()));
    if (state.phase == BlueGreenPhase::succeeded) {
        if (branch.tip() == state.git_commit) branch.deploy(state.git_commit);  // else there is more than that to sync
        return state.git_commit;
    }
    if (auto commit = revert(services, spec, record, stop); !commit.empty()) return commit;
    const auto commit = branch.publish(
        [&](const base::FileTree& tree) { return edit_selector(services, branch.application(), tree, service_key(spec), selector); },
        "Give " + spec.service + " back to " + std::string(color_name(state.from)) + "\n\n" + subject_of(spec) + ": " + run.reason,
        "the traffic is where it was; commit the selector yourself");
    if (!commit.empty()) branch.deploy(commit);
    return commit;
}

}  // namespace gitops::app
