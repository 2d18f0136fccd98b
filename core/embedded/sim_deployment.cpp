// Deployments: ReplicaSets by template, rolled over within maxSurge and maxUnavailable.
#include <algorithm>

#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/rollout_math.hpp"
#include "core/embedded/simulation.hpp"
#include "core/doc/number.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_component = "deployment-controller";
constexpr std::string_view k_revision = "deployment.kubernetes.io/revision";
constexpr std::string_view k_hash = "pod-template-hash";
constexpr std::int64_t k_no_deadline = 2'147'483'647;
/// A fault is told after so many Pod starts, not after progressDeadlineSeconds: rehearsals run in their own time.
constexpr int k_faulty_starts = 10;

struct Set {
    Row row;
    PodCount count;
    std::int64_t wanted() const { return int_or(row.object.path("spec", "replicas"), 0); }
    std::int64_t revision() const {
        return doc::parse_int(kube::annotation_of(row.object, k_revision)).value_or(0);
    }
};

/// A Deployment while it is being worked on; `sets` by revision, the one of the present template last.
struct Rollout {
    Row& deployment;
    std::vector<Set> sets;
    bool has_fresh = false;

    const Value& spec() const { return *deployment.object.find("spec"); }
    std::int64_t wanted() const { return int_or(spec().find("replicas"), 1); }
    bool paused() const {
        const Value* flag = spec().find("paused");
        return flag != nullptr && flag->as_bool();
    }
    Set* fresh() { return has_fresh ? &sets.back() : nullptr; }
};

Rollout read_rollout(World& world, Row& row, std::string_view hash) {
    Rollout rollout{row, {}, false};
    for (Row& set : world.store.dependents(kube::uid_of(row.object), "ReplicaSet")) {
        if (kube::is_being_deleted(set.object) || controller_uid(set.object) != kube::uid_of(row.object)) continue;
        PodCount count = count_pods(world, set);
        rollout.sets.push_back({std::move(set), std::move(count)});
    }
    std::ranges::sort(rollout.sets, {}, &Set::revision);
    auto fresh = std::ranges::find_if(
        rollout.sets, [&](const Set& set) { return kube::label_of(set.row.object, k_hash) == hash; });
    if (fresh != rollout.sets.end()) {
        std::rotate(fresh, fresh + 1, rollout.sets.end());
        rollout.has_fresh = true;
    }
    return rollout;
}

std::int64_t newest_revision(const Rollout& rollout) {
    std::int64_t newest = 0;
    for (const Set& set : rollout.sets) newest = std::max(newest, set.revision());
    return newest;
}

void create_set(World& world, Rollout& rollout, const std::string& hash) {
    const Value& owner = rollout.deployment.object;
    Value pod_template = copy_or_null(rollout.spec().find("template"));
    pod_template.at("metadata").at("labels").set(k_hash, hash);
    Value selector = copy_or_null(rollout.spec().find("selector"));
    selector.at("matchLabels").set(k_hash, hash);
    std::string name = rollout.deployment.key.name + "-" + hash;
    Value metadata = map_of({{"name", name}, {"namespace", rollout.deployment.key.ns}});
    metadata.set("labels", *pod_template.path("metadata", "labels"));
    metadata.set("annotations", map_of({{k_revision, std::to_string(newest_revision(rollout) + 1)}}));
    metadata.set("ownerReferences", Value::list({controller_reference(owner)}));
    Value spec = map_of({{"replicas", 0}, {"selector", selector}, {"template", std::move(pod_template)}});
    if (const Value* wait = rollout.spec().find("minReadySeconds")) spec.set("minReadySeconds", *wait);
    Value object = map_of(
        {{"apiVersion", "apps/v1"}, {"kind", "ReplicaSet"}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}});
    kube::ResourceKey key{"apps", "ReplicaSet", rollout.deployment.key.ns, name};
    // Somebody's own ReplicaSet of that name is left alone; the rollout then waits, and says so.
    if (world.store.find(key)) {
        warn(world, rollout.deployment, "FailedCreate", "there is a ReplicaSet " + name + " of somebody else", k_component);
        return;
    }
    rollout.sets.push_back({add_object(world, key, std::move(object)), {}});
    rollout.has_fresh = true;
}

/// A template that comes back gets a new revision number: `kubectl rollout undo` does the same.
void renew_revision(World& world, Rollout& rollout) {
    Set* fresh = rollout.fresh();
    std::int64_t newest = newest_revision(rollout);
    if (fresh->revision() == newest && newest > 0) return;
    kube::set_annotation(fresh->row.object, k_revision, std::to_string(newest + 1));
    world.store.update(fresh->row);
}

void scale(World& world, Rollout& rollout, Set& set, std::int64_t replicas) {
    std::int64_t before = set.wanted();
    if (before == replicas) return;
    set.row.object.at("spec").set("replicas", replicas);
    Value& metadata = set.row.object.at("metadata");
    metadata.set("generation", int_or(metadata.find("generation"), 1) + 1);
    // The new generation shows in the status, so this stores the new size too.
    set.count = sync_replica_set(world, set.row);
    tell(world, rollout.deployment, "ScalingReplicaSet",
         "scaled " + std::string(before < replicas ? "up" : "down") + " ReplicaSet " + set.row.key.name + " from " +
             std::to_string(before) + " to " + std::to_string(replicas),
         k_component);
}

void roll(World& world, Rollout& rollout) {
    std::vector<SetCount> counts;
    for (const Set& set : rollout.sets)
        counts.push_back({set.wanted(), static_cast<std::int64_t>(set.count.pods.size()), set.count.available});
    RolloutLimits limits = limits_of(rollout.spec(), rollout.wanted());
    std::vector<std::int64_t> plan = rollout.paused() ? plan_paused(counts, rollout.wanted())
                                                      : plan_rollout(counts, limits);
    for (std::size_t i = 0; i < rollout.sets.size(); ++i) scale(world, rollout, rollout.sets[i], plan[i]);
}

void forget_history(World& world, Rollout& rollout) {
    std::int64_t limit = int_or(rollout.spec().find("revisionHistoryLimit"), 10);
    std::int64_t old = static_cast<std::int64_t>(rollout.sets.size()) - 1;
    for (const Set& set : rollout.sets) {
        if (old <= limit || &set == rollout.fresh()) return;
        if (set.wanted() != 0 || !set.count.pods.empty()) continue;
        begin_deletion(world, set.row, kube::Propagation::background);
        --old;
    }
}

struct Sums {
    std::int64_t total = 0, updated = 0, ready = 0, available = 0, wanted = 0;
    std::optional<std::string> trouble;  ///< of a Pod of the present template
};

Sums sum_up(Rollout& rollout) {
    Sums sums;
    sums.wanted = rollout.wanted();
    for (const Set& set : rollout.sets) {
        sums.total += static_cast<std::int64_t>(set.count.pods.size());
        sums.ready += set.count.ready;
        sums.available += set.count.available;
    }
    if (Set* fresh = rollout.fresh()) {
        sums.updated = static_cast<std::int64_t>(fresh->count.pods.size());
        for (const Row& pod : fresh->count.pods) {
            auto trouble = trouble_of(pod.object);
            if (trouble && !sums.trouble) sums.trouble = "pod " + pod.key.name + ": " + *trouble;
        }
    }
    return sums;
}

Value counters(const Row& row, const Sums& sums) {
    Value status = map_of({{"observedGeneration", int_or(row.object.path("metadata", "generation"), 1)}});
    set_count(status, "replicas", sums.total);
    set_count(status, "updatedReplicas", sums.updated);
    set_count(status, "readyReplicas", sums.ready);
    set_count(status, "availableReplicas", sums.available);
    set_count(status, "unavailableReplicas", std::max<std::int64_t>(0, sums.total - sums.available));
    if (const Value* conditions = row.object.path("status", "conditions")) status.set("conditions", *conditions);
    return status;
}

/// True when the rollout came nearer to its end since the last status.
bool made_progress(const Value& before, const Sums& sums) {
    auto was = [&](std::string_view counter) { return int_or(before.find(counter), 0); };
    return sums.updated > was("updatedReplicas") || sums.ready > was("readyReplicas") ||
           sums.available > was("availableReplicas") || sums.total - sums.updated < was("replicas") - was("updatedReplicas");
}

void judge_progress(World& world, Rollout& rollout, const Sums& sums, Value& status) {
    Row& row = rollout.deployment;
    const Value* condition = find_condition(row.object, "Progressing");
    std::string_view reason = condition == nullptr ? "" : condition->text_at("reason");
    std::string set = rollout.has_fresh ? "ReplicaSet \"" + rollout.fresh()->row.key.name + "\"" : "the rollout";
    auto say = [&](std::string_view state, std::string_view why, std::string message) {
        set_condition(status, {"Progressing", state, why, std::move(message)}, world.at,
                      ConditionStamps::update_and_transition);
    };
    bool complete = sums.updated == sums.wanted && sums.total == sums.wanted && sums.available == sums.wanted;
    // A finished rollout that loses Pods gets a new deadline. Kubernetes would stay silent here; people who break a
    // running image on purpose want to be told.
    bool falls_back = !complete && reason == "NewReplicaSetAvailable";
    if (falls_back || condition == nullptr || made_progress(copy_or_null(row.object.find("status")), sums)) row.since = world.at;
    if (rollout.paused()) return say("Unknown", "DeploymentPaused", "the rollout is paused");
    if (complete) return say("True", "NewReplicaSetAvailable", set + " is rolled out");
    std::int64_t seconds = int_or(rollout.spec().find("progressDeadlineSeconds"), 600);
    base::Duration patience = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, k_no_deadline));
    if (sums.trouble) patience = std::min(patience, world.scenario.pod_start * k_faulty_starts);
    else if (seconds >= k_no_deadline) patience = base::Duration::max() / 4;
    base::Time deadline = row.since + patience;
    if (world.at >= deadline && row.since != world.at)
        return say("False", "ProgressDeadlineExceeded",
                   set + " has timed out progressing" + (sums.trouble ? ": " + *sums.trouble : std::string()));
    world.timers.wake(row, std::max(deadline, world.at + base::Duration(1)));
    say("True", "ReplicaSetUpdated",
        set + " is progressing: " + std::to_string(sums.updated) + " of " + std::to_string(sums.wanted) + " updated, " +
            std::to_string(sums.available) + " available");
}

void judge_available(World& world, const Rollout& rollout, const Sums& sums, Value& status) {
    bool enough = sums.available >= sums.wanted - limits_of(rollout.spec(), sums.wanted).max_unavailable;
    std::string message = std::to_string(sums.available) + " of " + std::to_string(sums.wanted) + " available";
    if (!enough && sums.trouble) message += "; " + *sums.trouble;
    set_condition(status,
                  {"Available", enough ? "True" : "False",
                   enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", std::move(message)},
                  world.at, ConditionStamps::update_and_transition);
}

}  // namespace

void simulate_deployment(World& world, Row& row) {
    const Value* pod_template = row.object.path("spec", "template");
    if (pod_template == nullptr) return;
    std::string hash = template_hash(*pod_template);
    Rollout rollout = read_rollout(world, row, hash);
    if (!rollout.has_fresh && !rollout.paused()) create_set(world, rollout, hash);
    else if (rollout.has_fresh) renew_revision(world, rollout);
    if (rollout.has_fresh || rollout.paused()) roll(world, rollout);
    forget_history(world, rollout);
    Sums sums = sum_up(rollout);
    Value status = counters(row, sums);
    judge_available(world, rollout, sums, status);
    judge_progress(world, rollout, sums, status);
    std::string revision =
        rollout.has_fresh ? std::string(kube::annotation_of(rollout.fresh()->row.object, k_revision)) : std::string();
    bool renumbered = !revision.empty() && kube::annotation_of(row.object, k_revision) != revision;
    if (renumbered) kube::set_annotation(row.object, k_revision, revision);
    if (!set_status(world, row, std::move(status)) && renumbered) world.store.update(row);
    wake_observers(world, row.key.ns);
}

}  // namespace gitops::embedded
