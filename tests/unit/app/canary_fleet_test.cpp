// Many canaries in one process.
#include <catch2/catch.hpp>

#include "core/app/progressive/canary_fleet.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/rollout/replay/replay.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::Lab;

namespace {

class AlwaysPass final : public rollout::HookCaller {
  public:
    rollout::HookAnswer call(const rollout::HookCall&, std::stop_token) override { return {true, ""}; }
};

OpenMeans means() {
    return [](const rollout::RunSettings&) {
        return CanaryMeans{rollout::rehearse("metrics: {accuracy: [{image: \"*:bad\", value: 97.2}, 99.5]}", "script.yaml"),
                           std::make_shared<AlwaysPass>(), {"script", "script.yaml"}, true};
    };
}

std::string canary(const std::string& name) {
    return "apiVersion: gitopsctl.io/v1\nkind: Canary\nmetadata: {name: " + name + ", namespace: default}\nspec:\n  targetRef: {name: " + name +
           "}\n  service: {port: 80}\n  analysis: {interval: 5s, stages: [50, 100], metrics: [{name: accuracy, thresholdRange: {min: 99}}]}\n";
}

void apply_all(Lab& lab, const std::string& yaml) {
    for (auto object : doc::read_yaml(yaml)) {
        if (kube::namespace_of(object).empty()) kube::set_namespace(object, "default");
        lab.cluster->apply(object, {"test", kube::OnConflict::take_over, kube::DryRun::no});
    }
}

/// Asks for a stop once `count` events with that beginning were told.
class Until final : public base::EventSink {
  public:
    Until(std::string beginning, int count) : m_beginning(std::move(beginning)), m_left(count) {}
    void emit(const base::Event& event) override {
        told.push_back(event.subject + ": " + event.message);
        if (event.message.starts_with(m_beginning) && --m_left == 0) stop.request_stop();
    }
    std::stop_source stop;
    std::vector<std::string> told;

  private:
    std::string m_beginning;
    int m_left;
};

Services telling(const Services& services, base::EventSink& sink) {
    return {services.state, services.clock, sink, services.open_repo, services.open_cluster, services.actor, services.git_environment, 1};
}

void run_until(Lab& lab, const std::string& beginning, int count) {
    Until until(beginning, count);
    run_canaries(telling(lab.services, until), means(), {}, until.stop.get_token());
}

}  // namespace

TEST_CASE("canaries that are objects of the cluster are found, and each goes its own way") {
    Lab lab;
    for (const std::string name : {"a", "b", "c"}) apply_all(lab, test::deployment(name, 2, "app:good") + "---\n" + canary(name));
    run_until(lab, "initialised", 3);
    CHECK(lab.live("apps/v1 Deployment default/b-primary", "/spec/replicas") == "2");

    apply_all(lab, test::deployment("b", 2, "app:bad"));
    apply_all(lab, test::deployment("c", 2, "app:better"));
    run_until(lab, "promoted", 1);
    CHECK(lab.live("apps/v1 Deployment default/c-primary", "/spec/template/spec/containers/0/image") == "app:better");
    CHECK(lab.live("apps/v1 Deployment default/b-primary", "/spec/template/spec/containers/0/image") == "app:good");
    CHECK(canary_of(*lab.cluster, "default", "b").state.phase == rollout::Phase::failed);
    CHECK_FALSE(canary_of(*lab.cluster, "default", "b").runner.has_value());
    CHECK(canary_of(*lab.cluster, "default", "b").manifest.text_at("kind") == "Canary");
}

TEST_CASE("a Canary that a live Flagger drives is left to it, and told once") {
    Lab lab;
    apply_all(lab, test::deployment("a", 2, "app:good") + "---\n" + canary("a") + "---\n" + test::deployment("b", 2, "app:good"));
    auto driven = doc::read_yaml(canary("b")).front();
    driven.set("apiVersion", "flagger.app/v1beta1");
    lab.cluster->write({kube::Create{driven}, "kubectl", kube::DryRun::no});
    auto status = doc::Value::map({{"status", doc::Value::map({{"phase", "Initialized"}})}});
    lab.cluster->write({kube::Patch{kube::ref_of(driven), kube::PatchKind::merge, status, "status", ""}, "flagger", kube::DryRun::no});
    Until until("initialised", 1);
    run_canaries(telling(lab.services, until), means(), {}, until.stop.get_token());
    CHECK(std::ranges::count(until.told, "b: is driven by a Flagger that is at work; suspend it there (spec.suspend: true) to have it run here") == 1);
    CHECK(lab.live("apps/v1 Deployment default/b-primary", "/spec/replicas") == "");

    CanaryRequest request;
    request.name = "b";
    CHECK_THROWS_WITH(run_canary(lab.services, means(), request, {}, {}), "Canary default/b is driven by a Flagger that is at work");
}
