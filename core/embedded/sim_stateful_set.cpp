// StatefulSets: Pods with numbers, made in order and replaced from the highest number down.
#include <algorithm>
#include <map>

#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/simulation.hpp"
#include "core/doc/number.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_component = "statefulset-controller";
constexpr std::string_view k_revision = "controller-revision-hash";
constexpr std::int64_t k_most_pods = 1000;

/// A StatefulSet while it is being worked on.
struct Ordered {
    Row& set;
    std::string revision;
    std::map<std::int64_t, Row> pods;  ///< by number
    std::int64_t wanted = 1;
    std::int64_t first = 0;
    bool in_order = true;

    const Value& spec() const { return *set.object.find("spec"); }
    bool is_current(const Row& pod) const { return kube::label_of(pod.object, k_revision) == revision; }
    std::int64_t end() const { return first + wanted; }
};

std::int64_t number_of(const Row& pod) {
    auto dash = pod.key.name.rfind('-');
    return dash == std::string::npos ? -1 : doc::parse_int(std::string_view(pod.key.name).substr(dash + 1)).value_or(-1);
}

Ordered read_set(World& world, Row& row) {
    Ordered set{row, row.key.name + "-" + template_hash(copy_or_null(row.object.path("spec", "template"))), {}};
    set.wanted = std::clamp<std::int64_t>(int_or(set.spec().find("replicas"), 1), 0, k_most_pods);
    set.first = std::clamp<std::int64_t>(int_or(set.spec().path("ordinals", "start"), 0), 0, 1'000'000);
    set.in_order = text_or(set.spec().find("podManagementPolicy"), "OrderedReady") == "OrderedReady";
    for (Row& pod : world.store.dependents(kube::uid_of(row.object), "Pod"))
        if (!kube::is_being_deleted(pod.object)) {
            std::int64_t number = number_of(pod);
            set.pods.insert_or_assign(number, std::move(pod));
        }
    return set;
}

std::string claim_name(const Value& claim, std::string_view pod) {
    const Value* name = claim.path("metadata", "name");
    return text_or(name, "data") + "-" + std::string(pod);
}

/// One claim per template and Pod; claims outlive the Pod, and the set unless it says otherwise.
void make_claims(World& world, const Ordered& set, std::string_view pod) {
    const Value* templates = set.spec().find("volumeClaimTemplates");
    if (templates == nullptr) return;
    for (const Value& wanted : templates->items()) {
        std::string name = claim_name(wanted, pod);
        kube::ResourceKey key{"", "PersistentVolumeClaim", set.set.key.ns, name};
        if (world.store.find(key)) continue;
        Value metadata = map_of({{"name", name}, {"namespace", key.ns}});
        if (const Value* labels = set.spec().path("selector", "matchLabels")) metadata.set("labels", *labels);
        add_object(world, key,
                   map_of({{"apiVersion", "v1"},
                           {"kind", "PersistentVolumeClaim"},
                           {"metadata", std::move(metadata)},
                           {"spec", copy_or_null(wanted.find("spec"))},
                           {"status", map_of({{"phase", "Pending"}})}}));
    }
}

void make_pod(World& world, Ordered& set, std::int64_t number) {
    std::string name = set.set.key.name + "-" + std::to_string(number);
    if (world.store.find({"", "Pod", set.set.key.ns, name})) return;  // somebody else's, or still going
    make_claims(world, set, name);
    NewPod pod{name,
               {{std::string(k_revision), set.revision},
                {"statefulset.kubernetes.io/pod-name", name},
                {"apps.kubernetes.io/pod-index", std::to_string(number)}},
               map_of({{"hostname", name}, {"subdomain", text_or(set.spec().find("serviceName"), "")}})};
    if (pod.overrides.text_at("subdomain").empty()) pod.overrides.erase("subdomain");
    const Value* templates = set.spec().find("volumeClaimTemplates");
    if (templates != nullptr && !templates->empty()) {
        Value volumes = copy_or_null(set.spec().path("template", "spec", "volumes"));
        for (const Value& wanted : templates->items())
            volumes.push_back(map_of({{"name", text_or(wanted.path("metadata", "name"), "data")},
                                      {"persistentVolumeClaim", map_of({{"claimName", claim_name(wanted, name)}})}}));
        pod.overrides.set("volumes", std::move(volumes));
    }
    Row made = create_pod(world, set.set, copy_or_null(set.spec().find("template")), pod);
    set.pods.insert_or_assign(number, std::move(made));
    tell(world, set.set, "SuccessfulCreate", "created pod " + name, k_component);
}

/// Makes what is missing; in order, each waits for the one before it. True when nothing had to wait.
bool fill(World& world, Ordered& set) {
    bool settled = true;
    for (std::int64_t number = set.first; number < set.end(); ++number) {
        auto pod = set.pods.find(number);
        if (pod == set.pods.end()) {
            make_pod(world, set, number);
            settled = false;
        } else if (!is_ready(pod->second.object)) {
            settled = false;
        }
        // A Pod of an old revision that cannot work is about to be replaced: it holds nobody up.
        bool doomed = pod != set.pods.end() && !set.is_current(pod->second);
        if (!settled && set.in_order && !doomed) return false;
    }
    return settled;
}

void shrink(World& world, Ordered& set) {
    for (auto pod = set.pods.begin(); pod != set.pods.end();) {
        if (pod->first >= set.first && pod->first < set.end()) {
            ++pod;
            continue;
        }
        delete_pod(world, pod->second);
        tell(world, set.set, "SuccessfulDelete", "deleted pod " + pod->second.key.name, k_component);
        pod = set.pods.erase(pod);
    }
}

/// Replaces the highest Pod of an old revision, once all above it are ready.
void replace_one(World& world, Ordered& set) {
    if (text_or(set.spec().path("updateStrategy", "type"), "RollingUpdate") != "RollingUpdate") return;
    std::int64_t partition = int_or(set.spec().path("updateStrategy", "rollingUpdate", "partition"), 0);
    for (std::int64_t number = set.end() - 1; number >= std::max(set.first, partition); --number) {
        auto pod = set.pods.find(number);
        if (pod == set.pods.end()) return;
        if (!set.is_current(pod->second)) {
            delete_pod(world, pod->second);
            set.pods.erase(pod);
            make_pod(world, set, number);
            return;
        }
        if (!is_ready(pod->second.object)) return;
    }
}

Value status_of(World& world, const Ordered& set) {
    std::int64_t ready = 0, available = 0, updated = 0;
    PodCount count = count_pods(world, set.set);
    ready = count.ready;
    available = count.available;
    if (count.next) world.timers.wake(set.set, *count.next);
    for (const auto& [number, pod] : set.pods) updated += set.is_current(pod) ? 1 : 0;
    std::int64_t replicas = static_cast<std::int64_t>(set.pods.size());
    bool complete = updated == set.wanted && replicas == set.wanted && ready == set.wanted;
    std::string current = text_or(set.set.object.path("status", "currentRevision"), set.revision);
    if (complete) current = set.revision;
    Value status = map_of({{"observedGeneration", int_or(set.set.object.path("metadata", "generation"), 1)},
                           {"replicas", replicas}});
    set_count(status, "readyReplicas", ready);
    set_count(status, "currentReplicas", current == set.revision ? updated : replicas - updated);
    set_count(status, "updatedReplicas", updated);
    status.set("currentRevision", current);
    status.set("updateRevision", set.revision);
    status.set("collisionCount", 0);
    status.set("availableReplicas", available);
    return status;
}

}  // namespace

void simulate_stateful_set(World& world, Row& row) {
    if (row.object.path("spec", "template") == nullptr) return;
    Ordered set = read_set(world, row);
    shrink(world, set);
    fill(world, set);
    replace_one(world, set);
    set_status(world, row, status_of(world, set));
    wake_observers(world, row.key.ns);
}

}  // namespace gitops::embedded
