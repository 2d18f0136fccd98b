#include "core/rollout/readiness.hpp"

#include <catch2/catch.hpp>

#include "rollout_objects.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

const auto k_start = *base::parse_rfc3339("2026-11-28T10:00:00Z");

/// "ready", "wait: why" or "hopeless: why", `seconds` after the phase began.
std::string told(const std::string& object, int seconds = 0, int percent = 100, Compat compat = Compat::none) {
    const Patience patience{.deadline = base::Duration(600'000), .since = k_start, .now = k_start + base::Duration(seconds * 1000)};
    const auto seen = readiness(document(object), percent, patience, compat);
    if (seen.is_ready) return seen.reason.empty() && seen.is_retriable ? "ready" : "inconsistent";
    return (seen.is_retriable ? "wait: " : "hopeless: ") + seen.reason;
}

std::string deployment(int wanted, int all, int updated, int available, const std::string& conditions = "") {
    return "{kind: Deployment, metadata: {generation: 2}, spec: {replicas: " + std::to_string(wanted) +
           "}, status: {observedGeneration: 2, replicas: " + std::to_string(all) + ", updatedReplicas: " + std::to_string(updated) +
           ", availableReplicas: " + std::to_string(available) + ", conditions: [" + conditions + "]}}";
}

const std::string k_unavailable =
    "{type: Available, status: \"False\", reason: MinimumReplicasUnavailable, lastUpdateTime: \"2026-11-28T10:05:00Z\"}";

}  // namespace

TEST_CASE("a Deployment is ready with all its new pods", "[readiness]") {
    CHECK(told(deployment(3, 3, 3, 3)) == "ready");
    CHECK(told(deployment(3, 3, 2, 3)) == "wait: 2 of 3 Pods are updated");
    CHECK(told(deployment(1, 1, 0, 1)) == "wait: 0 of 1 Pod is updated");
    CHECK(told(deployment(3, 4, 3, 3)) == "wait: 1 old Pod is still there");
    CHECK(told(deployment(3, 5, 3, 3)) == "wait: 2 old Pods are still there");
    CHECK(told(deployment(3, 3, 3, 1)) == "wait: 1 of 3 Pods is available");
    CHECK(told(deployment(0, 0, 0, 0)) == "ready");
    CHECK(told("{kind: Deployment, metadata: {generation: 2}, status: {observedGeneration: 1}}") ==
          "wait: its controller has not seen it yet");
}

TEST_CASE("the share that has to be available is rounded down", "[readiness]") {
    CHECK(told(deployment(3, 3, 3, 2), 0, 67) == "ready");
    CHECK(told(deployment(3, 3, 3, 1), 0, 67) == "wait: 1 of 3 Pods is available");
    CHECK(told(deployment(3, 3, 3, 0), 0, 33) == "ready");
}

TEST_CASE("partial availability is waited for until the deadline, by Flagger for ever", "[readiness]") {
    const auto partial = deployment(4, 4, 4, 3, "{type: Available, status: \"True\"}");
    CHECK(told(partial, 600) == "wait: 3 of 4 Pods are available");
    CHECK(told(partial, 601) == "hopeless: 3 of 4 Pods are available, and 10m have passed");
    CHECK(told(partial, 100'000, 100, Compat::flagger) == "wait: 3 of 4 Pods are available");
}

TEST_CASE("Flagger's deadline runs while the Deployment is unavailable", "[readiness]") {
    const auto none = deployment(2, 2, 2, 0, k_unavailable);
    CHECK(told(none, 601, 100, Compat::flagger) == "wait: 0 of 2 Pods are available");
    CHECK(told(none, 901, 100, Compat::flagger) == "hopeless: 0 of 2 Pods are available, and 10m have passed");
    CHECK(told(none, 601) == "hopeless: 0 of 2 Pods are available, and 10m have passed");
}

TEST_CASE("a Deployment that gave up is not waited for", "[readiness]") {
    const auto given_up = deployment(2, 2, 2, 0, "{type: Progressing, status: \"False\", reason: ProgressDeadlineExceeded}");
    CHECK(told(given_up) == "hopeless: the Deployment exceeded its own progress deadline");
    CHECK(told(given_up, 0, 100, Compat::flagger) == "hopeless: the Deployment exceeded its own progress deadline");
}

TEST_CASE("DaemonSets and Services", "[readiness]") {
    const auto daemon = [](int updated, int available) {
        return "{kind: DaemonSet, metadata: {generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 4, updatedNumberScheduled: " +
               std::to_string(updated) + ", numberAvailable: " + std::to_string(available) + "}}";
    };
    CHECK(told(daemon(4, 4)) == "ready");
    CHECK(told(daemon(3, 4)) == "wait: 3 of 4 Pods are updated");
    CHECK(told(daemon(4, 3)) == "wait: 3 of 4 Pods are available");
    CHECK(told(daemon(4, 3), 601) == "hopeless: 3 of 4 Pods are available, and 10m have passed");
    CHECK(told(daemon(4, 3), 601, 100, Compat::flagger) == "hopeless: 3 of 4 Pods are available, and 10m have passed");
    CHECK(told(daemon(4, 3), 0, 75) == "ready");
    CHECK(told("{kind: Service}") == "ready");
}

TEST_CASE("readiness tells its numbers", "[readiness]") {
    const auto seen = readiness(document(deployment(3, 4, 2, 1)), 100, {}, Compat::none);
    CHECK(seen.desired == 3);
    CHECK(seen.updated == 2);
    CHECK(seen.available == 1);
}
