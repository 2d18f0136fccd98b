#include "tests/unit/rollout/rollout_lab.hpp"

#include "core/doc/yaml_read.hpp"
#include "core/rollout/replay/replay.hpp"
#include "core/rollout/workload.hpp"

namespace gitops::test {

using doc::Value;

const char* const k_yield_predictor = R"(
apiVersion: v1
kind: Namespace
metadata: {name: wafer}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: yield-predictor, namespace: wafer}
spec:
  replicas: 3
  selector: {matchLabels: {app: yield-predictor}}
  template:
    metadata: {labels: {app: yield-predictor}}
    spec:
      containers:
        - name: predictor
          image: wafer/yield-predictor:2.8
          ports: [{name: http, containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: yield-predictor, namespace: wafer}
spec:
  selector: {app: yield-predictor}
  ports: [{name: http, port: 80, targetPort: http}]
)";

RolloutLab::RolloutLab(std::string_view canary, std::string_view script)
    : clock(std::make_shared<base::ManualClock>(*base::parse_rfc3339("2026-01-01T00:00:00Z"))),
      cluster(std::make_unique<embedded::LocalCluster>(":memory:", clock)),
      metrics(rollout::rehearse(script, "script.yaml")) {
    apply(k_yield_predictor);
    spec = rollout::read_canary(doc::read_yaml(canary).front(), "canary.yaml");
    checks.reset(new rollout::CheckPorts{*metrics, hooks,
                                         [this](std::string_view kind, const std::string& ns, const std::string& name) {
                                             return cluster->get({{kind == "Secret" ? "" : "flagger.app", kind == "Secret" ? "v1" : "v1beta1",
                                                                   std::string(kind)}, ns, name});
                                         },
                                         {"script", "script.yaml"}, true});
    restart();
}

void RolloutLab::apply(std::string_view yaml) {
    for (const auto& object : doc::read_yaml(yaml)) cluster->apply(object, {"test", kube::OnConflict::take_over, kube::DryRun::no});
}

void RolloutLab::set_image(const std::string& image) {
    auto container = Value::map({{"name", "predictor"}, {"image", image}});
    auto patch = Value::map();
    patch.at("spec").at("template").at("spec").set("containers", Value::list({container}));
    cluster->write({kube::Patch{{{"apps", "v1", "Deployment"}, "wafer", "yield-predictor"}, kube::PatchKind::strategic, patch, "", ""},
                    "pipeline", kube::DryRun::no});
}

void RolloutLab::restart() {
    runner.reset();
    runner = std::make_unique<rollout::CanaryRunner>(rollout::RunnerPorts{*cluster, *clock, events, *checks, "anna@test"}, spec, settings);
    runner->start();
}

rollout::TickReport RolloutLab::tick() {
    auto report = runner->tick({});
    clock->advance(std::max(report.wake, base::Duration{50}));
    return report;
}

std::vector<std::string> RolloutLab::run(int most) {
    std::vector<std::string> lines;
    for (int i = 0; i < most; ++i) {
        const auto report = tick();
        for (const auto& entry : report.entries)
            lines.push_back(entry.phase + " " + std::to_string(entry.weight) + " " + std::string(rollout::entry_kind_name(entry.kind)) + " " +
                            entry.message);
        if (report.settled) break;
    }
    return lines;
}

std::optional<Value> RolloutLab::get(const char* kind, const std::string& name) {
    const bool is_core = std::string_view(kind) == "Service" || std::string_view(kind) == "ConfigMap";
    return cluster->get({{is_core ? "" : "apps", "v1", kind}, "wafer", name});
}

std::string RolloutLab::workload(const std::string& name) {
    const auto found = get("Deployment", name);
    if (!found) return "none";
    const auto* ready = found->path("status", "readyReplicas");
    const auto* containers = found->path("spec", "template", "spec", "containers");
    return std::to_string(rollout::replicas_of(*found)) + "/" + (ready == nullptr ? "0" : std::string(ready->text())) + " " +
           std::string(containers->items().front().text_at("image"));
}

std::string RolloutLab::routed() {
    const auto service = get("Service", "yield-predictor");
    std::string text;
    for (const auto& entry : service->path("spec", "selector")->entries())
        text += (text.empty() ? "" : ",") + std::string(entry.name()) + "=" + std::string(entry.value.text());
    return text;
}

}  // namespace gitops::test
