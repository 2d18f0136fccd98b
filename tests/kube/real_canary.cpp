#include "tests/kube/real_canary.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/rollout/workload.hpp"
#include "tests/support/served.hpp"

namespace gitops::test {

namespace {

using doc::Value;

const char* const k_workload = R"(
apiVersion: v1
kind: Namespace
metadata: {name: NS}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: yield-predictor, namespace: NS}
spec:
  replicas: 4
  selector: {matchLabels: {app: yield-predictor}}
  template:
    metadata: {labels: {app: yield-predictor}}
    spec:
      containers:
        - name: predictor
          image: wafer/yield-predictor:v2.8
          ports: [{name: http, containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: yield-predictor, namespace: NS}
spec:
  selector: {app: yield-predictor}
  ports: [{name: http, port: 80, targetPort: http}]
)";

const char* const k_measured = R"(
metrics:
  success-rate:
    - {image: "*:v3.0", value: 97.2}
    - {image: "*-bad", value: 91}
    - 99.6
  latency-p99:
    - {image: "*:v3.0", value: 180}
    - 125
  accuracy:
    - {image: "*:v3.0", value: 98.1}
    - {image: "*:v3.1", weight: ">=50", value: 96.4}
    - 99.5
)";

std::string with_one(std::string text, std::string_view part, std::string_view by) {
    if (part.empty()) return text;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + by.size())) text.replace(at, part.size(), by);
    return text;
}

}  // namespace

std::string canary_of(const std::string& provider, const std::string& analysis, const std::string& more) {
    return "apiVersion: gitopsctl.io/v1\nkind: Canary\nmetadata: {name: yield-predictor, namespace: NS}\nspec:\n  provider: " + provider +
           "\n  targetRef: {apiVersion: apps/v1, kind: Deployment, name: yield-predictor}\n" +
           (more.find("service:") == std::string::npos ? "  service: {port: 80, targetPort: http}\n" : "") + more + "  analysis: {" + analysis + ", metrics: [{name: success-rate, thresholdRange: {min: 99}}, "
           "{name: latency-p99, thresholdRange: {max: 150}}, {name: accuracy, thresholdRange: {min: 99}}]}\n";
}

CanaryStage::CanaryStage(Stage& stage, const std::string& manifest)
    : m_stage(stage),
      m_manifest(stage.dir.write("canary.yaml", stage.filled(manifest))),
      m_metrics(stage.dir.write("metrics.yaml", k_measured)) {
    for (const auto& object : doc::read_yaml(stage.filled(k_workload)))
        stage.cluster().apply(object, {"pipeline", kube::OnConflict::take_over, kube::DryRun::no});
    REQUIRE(eventually([&] { return workload("yield-predictor") == "4/4 wafer/yield-predictor:v2.8"; }));
    stage.must({"canary", "run", "-f", m_manifest, "--metrics", m_metrics});
}

std::vector<std::string> CanaryStage::run_arguments(const std::string& version) const {
    return {"canary", "run", "-f", m_manifest, "--metrics", m_metrics, "--image", "wafer/yield-predictor:" + version};
}

ProcessResult CanaryStage::ask(const std::string& verb, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"canary", verb, "yield-predictor", "-n", m_stage.ns()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return m_stage.start(arguments, "asking")->wait();
}

rollout::CanaryRecord CanaryStage::record() const {
    const auto object = m_stage.get("v1", "ConfigMap", rollout::canary_record_name("yield-predictor"));
    REQUIRE(object);
    return rollout::read_canary_record(*object);
}

std::vector<std::string> CanaryStage::decisions() const {
    std::vector<std::string> lines;
    const auto last = record();
    const auto& run = last.runs.back();
    for (const auto& entry : run.entries) {
        if (entry.kind == rollout::EntryKind::note) continue;
        lines.push_back(std::to_string(entry.weight) + " " + std::string(rollout::entry_kind_name(entry.kind)) + " " +
                        with_one(entry.message, run.to_revision, "R"));
    }
    return lines;
}

std::string CanaryStage::workload(const std::string& name) const {
    const auto found = m_stage.get("apps/v1", "Deployment", name);
    if (!found) return "none";
    const auto* ready = found->path("status", "readyReplicas");
    return std::to_string(rollout::replicas_of(*found)) + "/" + (ready == nullptr ? "0" : std::string(ready->text())) + " " +
           std::string(found->path("spec", "template", "spec", "containers")->items().front().text_at("image"));
}

kube::ObjectRef CanaryStage::ref(std::string_view api_version, std::string_view kind, const std::string& name) const {
    return {{kube::group_of(api_version), kube::version_of(api_version), std::string(kind)}, m_stage.ns(), name};
}

bool CanaryStage::reaches(int weight) const {
    return eventually([&] { return record().state.split.canary >= weight; });
}

Recorder::Recorder(const kube::Gvk& kind, const std::string& ns) : m_kind(kind), m_ns(ns), m_cluster(connect(Stage::kubeconfig())) {
    auto since = m_cluster->watch({{m_kind}, m_ns, "", base::Duration(0)}, {}).next;
    m_thread = std::jthread([this, since](std::stop_token stop) { follow(std::move(stop), since); });
}

void Recorder::follow(std::stop_token stop, std::string since) {
    while (!stop.stop_requested()) {
        auto batch = m_cluster->watch({{m_kind}, m_ns, since, base::Duration(10'000)}, stop);
        since = batch.next;
        const auto now = base::SystemClock().now();
        const std::lock_guard lock(m_mutex);
        for (auto& event : batch.events) m_seen.push_back({now, std::move(event.object)});
    }
}

std::vector<Recorder::Seen> Recorder::until_now(const kube::ObjectRef& ref) {
    const auto live = connect(Stage::kubeconfig())->get(ref);
    REQUIRE(live);
    const std::string version(kube::resource_version_of(*live));
    std::vector<Seen> seen;
    REQUIRE(eventually([&] {
        const std::lock_guard lock(m_mutex);
        seen = m_seen;
        return std::ranges::any_of(seen, [&](const Seen& one) { return kube::resource_version_of(one.object) == version; });
    }));
    return seen;
}

int canary_weight(const Value& route) {
    for (const auto& backend : backends_of(route))
        if (backend.service == "yield-predictor-canary") return backend.weight;
    return -1;
}

std::vector<int> weights_over_time(const std::vector<Recorder::Seen>& seen, const std::string& name) {
    std::vector<int> weights;
    for (const auto& one : seen) {
        if (kube::name_of(one.object) != name) continue;
        const int weight = canary_weight(one.object);
        if (weights.empty() || weights.back() != weight) weights.push_back(weight);
    }
    return weights;
}

bool define_kinds(Stage& stage, const std::string& file) {
    const std::string path = GITOPS_SOURCE_DIR "/../shared/data/crds/" + file;
    std::ifstream in(path);
    if (!in) {
        std::printf("skipped: kinds of others (no %s beside the checkout)\n", file.c_str());
        return false;
    }
    std::string text{std::istreambuf_iterator<char>(in), {}};
    // Servers of this age take an empty text for null, which the Gateway API's groups may be.
    if (server_minor() < 25) text = with_one(std::move(text), "\"pattern\":\"^$|", "\"nullable\":true,\"pattern\":\"^$|");
    const auto list = doc::read_json(text);
    for (const auto& object : list.find("items")->items()) {
        auto definition = doc::read_yaml_one("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition}");
        auto metadata = Value::map();
        metadata.set("name", kube::name_of(object));
        if (const auto* annotations = object.path("metadata", "annotations")) metadata.set("annotations", *annotations);
        definition.set("metadata", std::move(metadata));
        definition.set("spec", *object.find("spec"));
        stage.cluster().apply(definition, {"somebody", kube::OnConflict::take_over, kube::DryRun::no});
        const std::string kind(object.path("spec", "names", "kind")->text());
        REQUIRE(eventually([&] {
            for (const auto& info : connect(Stage::kubeconfig())->kinds())
                if (info.gvk.kind == kind) return true;
            return false;
        }));
    }
    return true;
}

}  // namespace gitops::test
