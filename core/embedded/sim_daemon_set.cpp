// DaemonSets: one Pod, for there is one node.
#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/simulation.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_component = "daemonset-controller";
constexpr std::string_view k_revision = "controller-revision-hash";

/// A node selector the one node does not match leaves the set without a Pod.
bool fits_node(World& world, const Value& pod_spec) {
    const Value* selector = pod_spec.find("nodeSelector");
    if (selector == nullptr || selector->empty()) return true;
    auto node = world.store.find({"", "Node", "", "local-node"});
    if (!node) return false;
    for (const doc::Entry& entry : selector->entries())
        if (kube::label_of(node->object, entry.name()) != entry.value.text()) return false;
    return true;
}

}  // namespace

void simulate_daemon_set(World& world, Row& row) {
    const Value* pod_template = row.object.path("spec", "template");
    if (pod_template == nullptr) return;
    std::string revision = template_hash(*pod_template);
    std::int64_t wanted = fits_node(world, copy_or_null(pod_template->find("spec"))) ? 1 : 0;
    bool rolls = text_or(row.object.path("spec", "updateStrategy", "type"), "RollingUpdate") != "OnDelete";
    auto is_current = [&](const Row& pod) { return kube::label_of(pod.object, k_revision) == revision; };
    PodCount count = count_pods(world, row);
    bool replaced = false;
    for (const Row& pod : count.pods)
        if (wanted == 0 || (rolls && !is_current(pod))) {
            delete_pod(world, pod);
            tell(world, row, "SuccessfulDelete", "deleted pod " + pod.key.name, k_component);
            replaced = true;
        }
    if (replaced) count = count_pods(world, row);
    if (wanted == 1 && count.pods.empty()) {
        std::string name = row.key.name + "-" + short_hash(row.key.name + std::to_string(world.store.version()), 5);
        count.pods.push_back(create_pod(world, row, *pod_template, {name, {{std::string(k_revision), revision}}, {}}));
        tell(world, row, "SuccessfulCreate", "created pod " + name, k_component);
    }
    std::int64_t updated = 0;
    for (const Row& pod : count.pods) updated += is_current(pod) ? 1 : 0;
    if (count.next) world.timers.wake(row, *count.next);
    Value status = map_of({{"currentNumberScheduled", static_cast<std::int64_t>(count.pods.size())},
                           {"numberMisscheduled", 0},
                           {"desiredNumberScheduled", wanted},
                           {"numberReady", count.ready},
                           {"observedGeneration", int_or(row.object.path("metadata", "generation"), 1)}});
    set_count(status, "updatedNumberScheduled", updated);
    set_count(status, "numberAvailable", count.available);
    set_count(status, "numberUnavailable", wanted - count.available);
    set_status(world, row, std::move(status));
    wake_observers(world, row.key.ns);
}

}  // namespace gitops::embedded
