#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "core/rollout/services.hpp"
#include "core/rollout/workload.hpp"
#include "traffic_lab.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

doc::Value deployment(const std::string& name, const std::string& app, int replicas) {
    return living(document(fmt::format("{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {}, namespace: shop}}, spec: {{replicas: {}, selector: {{matchLabels: {{app: {}}}}}, "
                                       "template: {{metadata: {{labels: {{app: {}}}}}, spec: {{containers: [{{name: web, image: a:1}}]}}}}}}}}",
                                       name, replicas, app, app)), "1");
}

/// The apex, the target `web` and the primary, whose pods get ready at a word.
class Shop : public TrafficLab {
  public:
    Shop(const std::string& provider, int primary, const std::string& more = "") : TrafficLab(canary(provider, "", "", more)) {
        const auto target = deployment("web", "web", 0);
        live = living(make_services(spec(), target, {}, {}));
        for (auto& service : live) service = living(service, "1");
        live.push_back(target);
        live.push_back(deployment("web-primary", "web-primary", primary));
        pods_follow();
    }
    void scale(const std::string& name, int replicas) { object("Deployment", name).at("spec").set("replicas", replicas); }
    /// Every Deployment has the pods it wants, ready.
    void pods_follow() {
        for (const auto* name : {"web", "web-primary"}) {
            auto& workload = object("Deployment", name);
            const int replicas = replicas_of(workload);
            workload.set("status", document(fmt::format("{{replicas: {}, availableReplicas: {}}}", replicas, replicas)));
        }
    }
    /// "primary 3 canary 1, shared".
    std::string told() {
        const auto selector = yaml(*object("Service").path("spec", "selector"));
        const auto* who = selector == "app: web-primary\n" ? "primary" : selector == "app: web\n" ? "canary" : "shared";
        return fmt::format("{}+{} {}", replicas_of(object("Deployment", "web-primary")), replicas_of(object("Deployment", "web")), who);
    }
    /// Each step on the way to a weight, with pods that get ready between two calls.
    std::string way_to(int weight) {
        std::string way;
        for (int i = 0; i < 8 && !is_in_force(spec(), live, {weight, false, false}, rules); ++i) {
            set({weight, false, false});
            way += (way.empty() ? "" : " > ") + told();
            pods_follow();
        }
        return way + (is_in_force(spec(), live, {weight, false, false}, rules) ? "" : " > never");
    }
};

}  // namespace

TEST_CASE("replicas: pods are the weight, and a side shrinks only when the other one serves", "[traffic][replicas]") {
    Shop shop("replicas", 4);
    CHECK(shop.read() == "unknown");
    CHECK(shop.make() == 0);
    shop.scale("web", 1);
    shop.pods_follow();
    CHECK(shop.way_to(25) == "4+1 shared > 3+1 shared");
    CHECK(shop.read() == "25");
    CHECK(shop.way_to(50) == "3+2 shared > 2+2 shared");
    CHECK(shop.way_to(25) == "3+2 shared > 3+1 shared");
    CHECK(shop.way_to(100) == "4+4 shared > 4+4 canary");
    CHECK(shop.read() == "100");
    CHECK(shop.way_to(50) == "4+2 shared > 2+2 shared");
    CHECK(shop.way_to(0) == "4+2 primary");
    CHECK(shop.read() == "0");
    shop.set({});
    CHECK(kube::annotation_of(shop.object("Service"), "gitopsctl.io/replicas").empty());
    CHECK(kube::annotation_of(shop.object("Service"), "gitopsctl.io/weight") == "0");
    CHECK(shop.set({}) == 0);
}

TEST_CASE("replicas: a target with more pods than its share waits outside until they are gone", "[traffic][replicas]") {
    Shop shop("replicas", 4);
    shop.scale("web", 4);
    shop.pods_follow();
    CHECK(shop.way_to(5) == "4+1 primary > 4+1 shared > 3+1 shared");
}

TEST_CASE("replicas: pods that never get ready take nobody's place", "[traffic][replicas]") {
    Shop shop("replicas", 4);
    shop.scale("web", 1);
    shop.pods_follow();
    shop.way_to(25);
    shop.set({75, false, false});
    CHECK(shop.told() == "3+3 shared");
    for (int i = 0; i < 3; ++i) shop.set({75, false, false});
    CHECK(shop.told() == "3+3 shared");
    CHECK_FALSE(is_in_force(shop.spec(), shop.live, {75, false, false}, {}));
    shop.set({});
    CHECK(shop.told() == "4+3 primary");
}

TEST_CASE("replicas: one pod is joined by another", "[traffic][replicas]") {
    Shop shop("replicas", 1);
    shop.scale("web", 1);
    shop.pods_follow();
    CHECK(shop.way_to(10) == "1+1 shared");
    CHECK(shop.way_to(100) == "1+1 canary");
}

TEST_CASE("replicas: with an autoscaler the canary is sized by the primary", "[traffic][replicas]") {
    Shop shop("replicas", 6, "  autoscalerRef: {kind: HorizontalPodAutoscaler, name: web}\n");
    shop.scale("web", 1);
    shop.pods_follow();
    CHECK(shop.way_to(25) == "6+2 shared");
    CHECK(shop.way_to(50) == "6+6 shared");
}

TEST_CASE("replicas: a DaemonSet has no choice of pods", "[traffic][replicas]") {
    Shop shop("replicas", 4);
    auto spec = shop.spec();
    spec.target.kind = "DaemonSet";
    CHECK(refusal([&] { set_weights(spec, shop.live, {10, false, false}, {}); }) ==
          "provider replicas divides traffic by the number of pods, which a DaemonSet has no choice of");
}

TEST_CASE("kubernetes: all or nothing, by the selector of the apex", "[traffic][kubernetes]") {
    Shop shop("kubernetes", 2);
    CHECK(shop.make() == 0);
    CHECK(shop.set({50, false, false}) == 0);
    CHECK(shop.told() == "2+0 primary");
    CHECK(shop.set({100, false, false}) == 1);
    CHECK(shop.told() == "2+0 canary");
    CHECK(shop.read() == "unknown");
    CHECK(shop.set({}) == 1);
    CHECK(shop.told() == "2+0 primary");
}
