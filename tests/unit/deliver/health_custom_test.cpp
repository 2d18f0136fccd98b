#include <catch2/catch.hpp>

#include <string>

#include "core/deliver/health_clauses.hpp"
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
            "metadata: {generation: 3}\nspec: {paused: true}\nstatus: {observedGeneration: 2, phase: Running, message: m, error: "
            "{}, conditions: [{type: Ready, status: 'False', reason: Creating, message: c}]}");
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
}

TEST_CASE("custom resources of well-known operators", "[health]") {
    CHECK(judged("cert-manager.io/v1", "Certificate", ready("False", "}, {type: Issuing, status: 'True', message: busy")) ==
          "Progressing: busy");
    CHECK(judged("cert-manager.io/v1", "ClusterIssuer", ready("True")) == "Healthy: told");
    CHECK(judged("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "spec: {suspend: true}\n" + ready("True")) == "Suspended");
    CHECK(judged("source.toolkit.fluxcd.io/v1", "GitRepository", ready("False")) == "Degraded: told");
    CHECK(judged("flagger.app/v1beta1", "Canary", "status: {phase: Promoting}") == "Progressing");
    CHECK(judged("argoproj.io/v1alpha1", "AnalysisRun", "status: {phase: Inconclusive, message: m}") == "Unknown: m");
    CHECK(judged("s3.aws.crossplane.io/v1", "Bucket", ready("False", ", reason: Creating")) == "Progressing: told");
    CHECK(judged("kafka.strimzi.io/v1beta2", "Kafka",
                 "status: {conditions: [{type: NotReady, status: 'True', reason: Error, message: no}]}") == "Degraded: no");
    CHECK(judged("bitnami.com/v1alpha1", "SealedSecret",
                 "status: {conditions: [{type: Synced, status: 'False', message: no key}]}") == "Degraded: no key");
}

TEST_CASE("other custom resources by the conditions convention", "[health]") {
    CHECK(judged("x.io/v1", "Thing", ready("True")) == "Healthy: told");
    CHECK(judged("x.io/v1", "Thing", ready("Unknown")) == "Progressing: told");
    CHECK(judged("x.io/v1", "Thing", ready("False")) == "Degraded: told");
    CHECK(judged("x.io/v1", "Thing", "metadata: {generation: 2}\nstatus: {observedGeneration: 1, conditions: [{type: Ready, "
                                     "status: 'True'}]}") == "Progressing");
    CHECK(judged("x.io/v1", "Thing", "status: {conditions: [{type: Colour, status: 'False'}]}") == "none");
    CHECK(judged("x.io/v1", "Thing", "spec: {}") == "none");  // no controller has looked at it
    CHECK(judged("cert-manager.io/v1", "Certificate", "spec: {}") == "none");
    CHECK(judged("v1", "Node", ready("False")) == "none");
    CHECK(judged("node.k8s.io/v1", "RuntimeClass", ready("False")) == "none");
}
