#include <catch2/catch.hpp>

#include <string>

#include "core/deliver/health/health_clauses.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;
using deliver::Clause;
using deliver::HealthStatus;

namespace {

std::string told(const std::optional<deliver::Health>& health) {
    if (!health) return "none";
    const std::string name(deliver::health_name(health->status));
    return health->message.empty() ? name : name + ": " + health->message;
}

std::string judged(const std::string& api_version, const std::string& kind, const std::string& rest) {
    return told(deliver::health_of(doc::read_yaml_one("apiVersion: " + api_version + "\nkind: " + kind + "\n" + rest)));
}

std::string ready(const std::string& status, const std::string& more = "") {
    return "status: {conditions: [{type: Ready, status: '" + status + "', message: told" + more + "}]}";
}

}  // namespace

TEST_CASE("clauses: the first that holds decides", "[health]") {
    const auto judge = [](std::string_view when) {
        static const auto object = doc::read_yaml_one(
            "metadata: {generation: 3, labels: {a/b: c}}\nspec: {paused: true}\nstatus: {observedGeneration: 2, phase: Running, "
            "message: m, error: {}, nodes: [{ready: true, role: B}, {ready: false, role: A}], racks: {r: {members: 2, ready: 1}}, "
            "conditions: [{type: Ready, status: 'False', reason: Creating, message: c, observedGeneration: 2}]}");
        const Clause clauses[] = {{when, HealthStatus::degraded}};
        return told(deliver::judge_by(object, clauses));
    };
    CHECK(judge("Ready=False") == "Degraded: c");
    CHECK(judge("Synced|Ready=True|False") == "Degraded: c");
    CHECK(judge("Ready=False:Creating|Deleting") == "Degraded: c");
    CHECK(judge("Ready=False:Deleting") == "none");
    CHECK(judge("Ready") == "Degraded: c");
    CHECK(judge("!Synced") == "Degraded: m");
    CHECK(judge("!Ready") == "none");
    CHECK(judge(".status.phase=Pending|Running") == "Degraded: m");
    CHECK(judge(".status.phase=Pending") == "none");
    CHECK(judge(".status.error") == "none");  // empty
    CHECK(judge(".spec.paused=true&Ready=False") == "Degraded: c");
    CHECK(judge(".spec.paused=false&Ready=False") == "none");
    CHECK(judge("behind") == "Degraded: m");
    CHECK(judge("else") == "Degraded: m");
    CHECK(judge("*=False") == "Degraded: c");
    CHECK(judge("-Ready=False") == "none");
    CHECK(judge("-Synced|Stopped=False") == "Degraded: c");
    CHECK(judge("Ready!=True") == "Degraded: c");
    CHECK(judge("Ready!=False") == "none");
    CHECK(judge("Synced!=True") == "none");  // there is no such condition
    CHECK(judge("Ready=False:!Deleting") == "Degraded: c");
    CHECK(judge("Ready=False:!Creating") == "none");
    CHECK(judge("Ready%c|d") == "Degraded: c");
    CHECK(judge("Ready%d") == "none");
    CHECK(judge("Ready~") == "Degraded: c");  // it speaks of generation 2
    CHECK(judge("Ready+=False") == "none");
    CHECK(judge("stale") == "Degraded: m");
    CHECK(judge("unobserved") == "Degraded: m");
    CHECK(judge("?status.error") == "Degraded: m");
    CHECK(judge("?status.nothing") == "none");
    CHECK(judge("!?status.nothing&Ready") == "Degraded: c");
    CHECK(judge(".status.phase^=Run|Wait") == "Degraded: m");
    CHECK(judge(".status.phase^=Wait") == "none");
    CHECK(judge(".metadata.generation>2") == "Degraded: m");
    CHECK(judge(".status.observedGeneration<.metadata.generation") == "Degraded: m");
    CHECK(judge(".status.nothing<1") == "Degraded: m");
    CHECK(judge(".status.observedGeneration==.metadata.generation") == "none");
    CHECK(judge(".spec.none==.status.none") == "Degraded: m");  // both are absent
    CHECK(judge(".status.observedGeneration!=.metadata.generation") == "Degraded: m");
    CHECK(judge(".status.observedGeneration!=.metadata.none") == "none");
    CHECK(judge("label a/b=c|d") == "Degraded: m");
    CHECK(judge("label a/b=e") == "none");
    CHECK(judge("annotation a/b") == "none");
    CHECK(judge("[status.nodes].ready=false,.role=A") == "Degraded: m");
    CHECK(judge("[status.nodes].ready=false,.role=B") == "none");
    CHECK(judge("[status.nodes]!.ready=true") == "Degraded: m");
    CHECK(judge("[status.racks].members!=.ready") == "Degraded: m");
    CHECK(judge("[status.none].a=b") == "none");
}

TEST_CASE("clauses: a walk goes by the object's order", "[health]") {
    constexpr Clause clauses[] = {{"@Failed=True", HealthStatus::degraded},
                                  {"@Done=True&.spec.size>1", HealthStatus::healthy},
                                  {"@Done=True", HealthStatus::suspended, "nothing runs"},
                                  {"else", HealthStatus::progressing}};
    const auto judge = [&](const std::string& conditions, const std::string& size) {
        return told(deliver::judge_by(
            doc::read_yaml_one("spec: {size: " + size + "}\nstatus: {conditions: [" + conditions + "]}"), clauses));
    };
    const std::string failed = "{type: Failed, status: 'True', message: no}", done = "{type: Done, status: 'True'}";
    CHECK(judge(failed + "," + done, "2") == "Degraded: no");
    CHECK(judge(done + "," + failed, "2") == "Healthy");
    CHECK(judge(done + "," + failed, "1") == "Suspended: nothing runs");
    CHECK(judge("{type: Other, status: 'True'}", "1") == "Progressing");
    CHECK(judge("", "1") == "Progressing: waiting for the controller to write a status");
}

TEST_CASE("custom resources of well-known operators", "[health]") {
    CHECK(judged("cert-manager.io/v1", "Certificate", ready("False", "}, {type: Issuing, status: 'True', message: busy")) ==
          "Progressing: busy");
    CHECK(judged("cert-manager.io/v1", "ClusterIssuer", ready("True")) == "Healthy: told");
    CHECK(judged("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "spec: {suspend: true}\n" + ready("True")) ==
          "Suspended: suspended");
    CHECK(judged("source.toolkit.fluxcd.io/v1", "GitRepository", ready("False")) == "Degraded: told");
    CHECK(judged("flagger.app/v1beta1", "Canary", "status: {phase: Promoting}") ==
          "Progressing: status.phase is Promoting");
    CHECK(judged("argoproj.io/v1alpha1", "AnalysisRun", "status: {phase: Inconclusive, message: m}") == "Unknown: m");
    CHECK(judged("s3.aws.crossplane.io/v1", "Bucket", ready("False", "}, {type: Synced, status: 'True', message: busy")) ==
          "Progressing: busy");
    CHECK(judged("kafka.strimzi.io/v1beta2", "Kafka",
                 "status: {conditions: [{type: NotReady, status: 'True', reason: Error, message: no}]}") == "Degraded: no");
    CHECK(judged("bitnami.com/v1alpha1", "SealedSecret",
                 "metadata: {generation: 1}\nstatus: {observedGeneration: 1, conditions: "
                 "[{type: Synced, status: 'False', message: no key}]}") == "Degraded: no key");
    CHECK(judged("bitnami.com/v1alpha1", "SealedSecret",
                 "metadata: {generation: 2}\nstatus: {observedGeneration: 1, conditions: "
                 "[{type: Synced, status: 'False', message: no key}]}") ==
          "Progressing: waiting for the controller to look at the latest change");
}

TEST_CASE("other custom resources by the conditions convention", "[health]") {
    CHECK(judged("x.io/v1", "Thing", ready("True")) == "Healthy: told");
    CHECK(judged("x.io/v1", "Thing", ready("Unknown")) == "Progressing: told");
    CHECK(judged("x.io/v1", "Thing", ready("False")) == "Degraded: told");
    CHECK(judged("x.io/v1", "Thing", "metadata: {generation: 2}\nstatus: {observedGeneration: 1, conditions: [{type: Ready, "
                                     "status: 'True'}]}") ==
          "Progressing: waiting for the controller to look at the latest change");
    CHECK(judged("x.io/v1", "Thing", "status: {conditions: [{type: Colour, status: 'False'}]}") == "none");
    CHECK(judged("x.io/v1", "Thing", "spec: {}") == "none");  // no controller has looked at it
    CHECK(judged("cert-manager.io/v1", "Certificate", "spec: {}") ==
          "Progressing: waiting for the controller to write a status");  // for a kind with a rule, this is an answer
    CHECK(judged("v1", "Node", ready("False")) == "none");
    CHECK(judged("node.k8s.io/v1", "RuntimeClass", ready("False")) == "none");
}
