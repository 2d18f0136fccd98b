// Watching, custom kinds, and a first rollout.
#include <catch2/catch.hpp>

#include "tests/contract/contract.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Code;

namespace {

/// "added settings blue, deleted settings blue": what the watcher of this namespace's ConfigMaps is told, but for the one
/// that a cluster's controllers put into every namespace.
std::string told(const std::vector<kube::WatchEvent>& events) {
    std::string text;
    for (const kube::WatchEvent& event : events) {
        if (at(event.object, "metadata.name") == "kube-root-ca.crt") continue;
        text += text.empty() ? "" : ", ";
        text += event.type == kube::WatchType::added      ? "added "
                : event.type == kube::WatchType::modified ? "modified "
                                                          : "deleted ";
        text += at(event.object, "metadata.name") + " " + at(event.object, "data.color");
    }
    return text;
}

class Watcher {
  public:
    explicit Watcher(Scene& scene) : m_scene(scene) {
        m_query.kinds = {{"", "v1", "ConfigMap"}};
        m_query.ns = scene.ns();
        m_query.since = scene.cluster().watch(m_query, {}).next;
    }
    /// What happened since the last question.
    std::string next() {
        m_query.at_most = std::chrono::seconds(2);
        for (;;) {
            kube::WatchBatch batch = m_scene.cluster().watch(m_query, {});
            m_query.since = batch.next;
            if (batch.events.empty() || !told(batch.events).empty()) return told(batch.events);
        }
    }

  private:
    Scene& m_scene;
    kube::WatchQuery m_query;
};

constexpr std::string_view k_definition = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: wafers.fab.example.org}
spec:
  group: fab.example.org
  scope: Namespaced
  names: {kind: Wafer, plural: wafers, singular: wafer, listKind: WaferList}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
)";

}  // namespace

CONTRACT_CASE("a watcher is told what was added, modified and deleted") {
    Watcher watcher(scene);
    scene.create(k_config);
    CHECK(watcher.next() == "added settings blue");
    scene.patch(scene.ref("v1", "ConfigMap", "settings"), kube::PatchKind::merge, "{data: {color: red}}");
    CHECK(watcher.next() == "modified settings red");
    scene.create("{apiVersion: v1, kind: Secret, metadata: {name: unwatched, namespace: NS}}");
    scene.remove(scene.ref("v1", "ConfigMap", "settings"));
    CHECK(watcher.next() == "deleted settings red");
    CHECK(watcher.next() == "");
}

CONTRACT_CASE("an apply that changes nothing tells watchers nothing") {
    scene.apply(k_config);
    Watcher watcher(scene);
    scene.apply(k_config);
    CHECK(watcher.next() == "");
}

CONTRACT_CASE("a kind that is defined can be used, and goes with its definition") {
    scene.apply(k_definition);
    CHECK(scene.eventually([&] {
        auto definition = scene.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", "wafers.fab.example.org");
        const doc::Value* conditions = definition->path("status", "conditions");
        if (conditions == nullptr) return false;
        for (const doc::Value& condition : conditions->items())
            if (condition.text_at("type") == "Established" && condition.text_at("status") == "True") return true;
        return false;
    }));
    CHECK(scene.eventually([&] {  // what is served is told a moment after it is served
        for (const kube::KindInfo& info : scene.cluster().kinds())
            if (info.gvk.kind == "Wafer" && info.resource == "wafers" && info.scope == kube::Scope::namespaced) return true;
        return false;
    }));
    std::string wafer = "{apiVersion: fab.example.org/v1, kind: Wafer, metadata: {name: w1, namespace: NS}, "
                        "spec: {lot: 7}, status: {yield: 1}}";
    doc::Value made = scene.apply(wafer).object;
    CHECK(at(made, "metadata.generation") == "1");
    CHECK(at(made, "status.yield") == "");  // status is a subresource here
    kube::ObjectRef ref = scene.ref("fab.example.org/v1", "Wafer", "w1");
    CHECK(at(scene.patch(ref, kube::PatchKind::merge, "{spec: {lot: 8}}"), "metadata.generation") == "2");
    scene.remove({{"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}, "", "wafers.fab.example.org"});
    CHECK(scene.eventually([&] { return scene.cluster().list({ref.gvk, scene.ns(), ""}).empty(); }));
}

CONTRACT_CASE("a rollout's controller answers: ReplicaSets, observedGeneration, clean-up") {
    scene.apply(k_deployment);
    kube::ObjectRef ref = scene.ref("apps/v1", "Deployment", "web");
    CHECK(scene.eventually([&] { return at(*scene.cluster().get(ref), "status.observedGeneration") == "1"; }));
    auto sets = [&] { return scene.cluster().list({{"apps", "v1", "ReplicaSet"}, scene.ns(), "app=web"}); };
    CHECK(scene.eventually([&] { return sets().size() == 1 && at(sets()[0], "spec.replicas") == "2"; }));
    auto pods = [&] { return scene.cluster().list({{"", "v1", "Pod"}, scene.ns(), "app=web"}); };
    CHECK(scene.eventually([&] { return pods().size() == 2; }));
    scene.remove(ref, kube::Propagation::foreground);
    CHECK(scene.eventually_gone(ref));
    CHECK(scene.eventually([&] { return sets().empty() && pods().empty(); }));
}
