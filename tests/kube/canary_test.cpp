// Canaries of the real program on a real API server, whose controllers make and remove the Pods.
#include <signal.h>

#include <catch2/catch.hpp>

#include "core/base/text.hpp"
#include "tests/kube/real_canary.hpp"
#include "tests/support/served.hpp"

using namespace gitops;
using namespace gitops::test;
using Lines = std::vector<std::string>;

namespace {

const std::string k_stages = "interval: 100ms, stages: [5, 10, 25, 50, 100], successes: 1, maxFailures: 0";
/// For those who come to change the course of things.
const std::string k_slow = "interval: 100ms, stages: [25, 100], successes: 600, maxFailures: 0";

const std::string k_all_bad = "success-rate 97.20 < 99.00; latency-p99 180.00 > 150.00; accuracy 98.10 < 99.00";

void check_end(const ProcessResult& result, int status, const std::string& said) {
    INFO(result.out << result.err);
    CHECK(result.status == status);
    CHECK(result.out == said + "\n");
}

std::string selector_of(const Stage& stage) {
    return std::string(stage.get("v1", "Service", "yield-predictor")->path("spec", "selector", "app")->text());
}

}  // namespace

REAL_CASE("the three stories of yield-predictor, and nobody who calls it meets a Pod that is not ready", "[kube][canary]") {
    CanaryStage canary(stage, canary_of("replicas", k_stages));
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.8");
    CHECK(eventually([&] { return canary.workload("yield-predictor") == "0/0 wafer/yield-predictor:v2.8"; }));
    Callers callers(connect(Stage::kubeconfig()), canary.ref("v1", "Service"));

    check_end(canary.roll_out("v2.9"), 0, "yield-predictor promoted: wafer/yield-predictor:v2.9 has all traffic");
    CHECK(canary.decisions() == Lines{"0 phase new revision R detected", "5 advance canary weight 5", "10 advance canary weight 10",
                                      "25 advance canary weight 25", "50 advance canary weight 50", "100 advance canary weight 100",
                                      "100 promote promoting R: all checks passed",
                                      "0 phase all traffic goes to the primary, which runs the new revision", "0 phase promoted R"});
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.9");

    Recorder services({"", "v1", "Service"}, stage.ns());
    const auto v29 = "wafer/yield-predictor:v2.9 has all traffic";
    check_end(canary.roll_out("v3.0"), 1, "yield-predictor rolled back: 1 failed check, 0 tolerated: " + k_all_bad + "; " + v29);
    CHECK(canary.decisions() == Lines{"0 phase new revision R detected", "5 advance canary weight 5",
                                      "0 rollback 1 failed check, 0 tolerated: " + k_all_bad});
    // From the tick that measured it to a Service that leads to v2.9 alone.
    const auto measured = canary.record().runs.back().entries.back().at;
    const auto seen = services.until_now(canary.ref("v1", "Service"));
    base::Time back{};
    for (const auto& one : seen) {
        const auto* app = one.object.path("spec", "selector", "app");
        const bool is_primary = app != nullptr && app->text() == "yield-predictor-primary";
        if (kube::name_of(one.object) == "yield-predictor" && one.at >= measured && is_primary) back = back == base::Time{} ? one.at : back;
    }
    REQUIRE(back != base::Time{});
    std::printf("replicas: %lld ms from the failed measurement to all traffic on the stable version\n",
                static_cast<long long>((back - measured).count()));
    CHECK(back - measured < base::Duration(2'000));

    check_end(canary.roll_out("v3.1"), 1, "yield-predictor rolled back: 1 failed check, 0 tolerated: accuracy 96.40 < 99.00; " + std::string(v29));
    CHECK(canary.decisions() == Lines{"0 phase new revision R detected", "5 advance canary weight 5", "10 advance canary weight 10",
                                      "25 advance canary weight 25", "50 advance canary weight 50",
                                      "0 rollback 1 failed check, 0 tolerated: accuracy 96.40 < 99.00"});
    CHECK(eventually([&] { return canary.workload("yield-predictor") == "0/0 wafer/yield-predictor:v3.1"; }));
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.9");
    CHECK(selector_of(stage) == "yield-predictor-primary");
    CHECK(callers.hang_up() == Lines{});
}

REAL_CASE("a new version that crashes gets no traffic and is rolled back by its deadline, with the reason", "[kube][canary]") {
    CanaryStage canary(stage, canary_of("replicas", k_stages, "  progressDeadlineSeconds: 2\n"));
    const auto result = canary.roll_out("crash-1");
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(canary.decisions() == Lines{"0 phase new revision R detected", "0 rollback " + canary.record().state.message});
    CHECK(canary.record().state.message.find("the target does not get ready: 0 of ") == 0);
    CHECK(canary.record().state.message.find("CrashLoopBackOff") != std::string::npos);
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.8");
    CHECK(selector_of(stage) == "yield-predictor-primary");
    CHECK(canary.ask("status", {"-o", "json"}).out.find("CrashLoopBackOff") != std::string::npos);
}

REAL_CASE("a canary is paused, resumed and promoted from another terminal", "[kube][canary]") {
    CanaryStage canary(stage, canary_of("replicas", k_slow));
    auto running = canary.start("v2.9", "running");
    REQUIRE(canary.reaches(25));
    const auto asked = canary.ask("pause");
    INFO(asked.out << asked.err);
    CHECK(asked.status == 0);
    CHECK(asked.out.find("asked ") == 0);
    REQUIRE(eventually([&] { return canary.record().state.paused; }));
    const auto streak = canary.record().state.streak;
    CHECK(canary.ask("status").out.find("aused") != std::string::npos);
    CHECK(canary.record().state.streak == streak);
    CHECK(canary.ask("resume").status == 0);
    REQUIRE(eventually([&] { return canary.record().state.streak > streak; }));
    CHECK(canary.ask("promote").status == 0);
    check_end(running->wait(), 0, "yield-predictor promoted: wafer/yield-predictor:v2.9 has all traffic");
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.9");
    CHECK(canary.ask("promote").status == 2);  // nothing is left to promote
}

REAL_CASE("a canary is aborted from another terminal, and when nobody runs it", "[kube][canary]") {
    CanaryStage canary(stage, canary_of("replicas", k_slow));
    auto running = canary.start("v2.9", "running");
    REQUIRE(canary.reaches(25));
    CHECK(canary.ask("abort").status == 0);
    const auto result = running->wait();
    INFO(result.out << result.err);
    CHECK(result.status == 1);
    CHECK(canary.decisions().back().find("0 rollback aborted by ") == 0);
    CHECK(selector_of(stage) == "yield-predictor-primary");

    auto killed = canary.start("v2.10", "running");
    REQUIRE(canary.reaches(25));
    killed->kill_hard();
    killed->wait();
    const auto aborted = canary.ask("abort");
    INFO(aborted.out << aborted.err);
    CHECK(aborted.status == 0);
    CHECK(aborted.out == "yield-predictor: Failed\n");
    CHECK(canary.decisions().back().find("0 rollback aborted by ") == 0);
    CHECK(selector_of(stage) == "yield-predictor-primary");
    CHECK(eventually([&] { return canary.workload("yield-predictor") == "0/0 wafer/yield-predictor:v2.10"; }));
}

REAL_CASE("of two who run the same canary the second is refused and told of the first; an interrupted run goes on", "[kube][canary]") {
    CanaryStage canary(stage, canary_of("replicas", k_slow));
    auto first = canary.start("v2.9", "first");
    REQUIRE(canary.reaches(25));
    const auto runner = canary.record().runner;
    REQUIRE(runner);
    auto second = canary.start("v2.9", "second")->wait();
    INFO(second.out << second.err);
    CHECK(second.status == 2);
    CHECK(second.err.find("canary yield-predictor is run by " + runner->actor + " (pid " + std::to_string(runner->process.pid)) !=
          std::string::npos);
    first->signal(SIGINT);
    CHECK(first->wait().status == 130);
    CHECK(canary.record().state.split.canary == 25);
    CHECK_FALSE(canary.record().runner);
    auto third = stage.start({"canary", "run", "yield-predictor", "-n", stage.ns(), "--resume"}, "third");
    const auto streak = canary.record().state.streak;
    REQUIRE(eventually([&] { return canary.record().state.streak > streak; }));
    CHECK(canary.ask("promote").status == 0);
    check_end(third->wait(), 0, "yield-predictor promoted: wafer/yield-predictor:v2.9 has all traffic");
    CHECK(canary.record().state.run == 1);
}

REAL_CASE("two who begin at the same moment: one runs, the other is told so", "[kube][canary]") {
    CanaryStage canary(stage, canary_of("replicas", k_stages));
    auto first = canary.start("v2.9", "first");
    auto second = canary.start("v2.9", "second");
    const auto a = first->wait(), b = second->wait();
    INFO(a.out << a.err << "\n" << b.out << b.err);
    CHECK(std::min(a.status, b.status) == 0);
    CHECK(std::max(a.status, b.status) == 2);
    CHECK((a.status == 0 ? b : a).err.find("is run by ") != std::string::npos);
    CHECK(canary.record().state.run == 1);
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.9");
}

REAL_CASE("a run outlives a server that does not answer for a moment", "[kube][canary]") {
    CanaryStage canary(stage, canary_of("replicas", k_slow));
    FaultProxy proxy(Stage::upstream());
    stage.make_home("far", stage.plain_kubeconfig(proxy.url()));
    auto running = stage.start(canary.run_arguments("v2.9"), "running", "far");
    REQUIRE(canary.reaches(25));
    proxy.add({"", "", Fault{Fault::Kind::drop}, 0, 7});
    REQUIRE(eventually([&] { return proxy.hits() == 7; }));
    const auto streak = canary.record().state.streak;
    REQUIRE(eventually([&] { return canary.record().state.streak > streak; }));
    CHECK(canary.ask("promote").status == 0);
    check_end(running->wait(), 0, "yield-predictor promoted: wafer/yield-predictor:v2.9 has all traffic");
}

// Its ticks are ten seconds apart.
REAL_CASE("a Canary of Flagger's, run by its name from the object in the cluster", "[kube][canary][slow]") {
    if (!define_kinds(stage, "flagger-crds.json")) return;
    CanaryStage canary(stage, canary_of("replicas", k_stages, "  service: {port: 80}\n"));
    stage.cluster().remove({{"", "v1", "ConfigMap"}, stage.ns(), rollout::canary_record_name("yield-predictor")}, {});
    stage.apply("{apiVersion: flagger.app/v1beta1, kind: Canary, metadata: {name: yield-predictor, namespace: NS}, spec: {provider: kubernetes, "
                "targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}, service: {port: 80, targetPort: http}, "
                "skipAnalysis: true, analysis: {interval: 10s, threshold: 1, iterations: 1}}}");
    stage.must({"canary", "run", "yield-predictor", "-n", stage.ns()});
    CHECK(canary.record().state.phase == rollout::Phase::initialized);
    const auto result = stage.run({"canary", "run", "yield-predictor", "-n", stage.ns(), "--image", "wafer/yield-predictor:v2.9"});
    check_end(result, 0, "yield-predictor promoted: wafer/yield-predictor:v2.9 has all traffic");
    CHECK(canary.decisions() == Lines{"0 phase new revision R detected", "0 promote promoting R: analysis is skipped",
                                      "0 phase all traffic goes to the primary, which runs the new revision", "0 phase promoted R"});
    for (const char* name : {"yield-predictor", "yield-predictor-primary", "yield-predictor-canary"}) {
        INFO(name);
        REQUIRE(stage.get("v1", "Service", name));
    }
    CHECK(selector_of(stage) == "yield-predictor-primary");
    CHECK(canary.workload("yield-predictor-primary") == "4/4 wafer/yield-predictor:v2.9");
}
