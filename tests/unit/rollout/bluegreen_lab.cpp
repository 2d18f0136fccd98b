#include "tests/unit/rollout/bluegreen_lab.hpp"

#include "core/doc/yaml_read.hpp"
#include "core/kube/selector.hpp"
#include "core/rollout/replay/replay.hpp"
#include "core/rollout/workload.hpp"

namespace gitops::test {

namespace {

using doc::Value;

std::string deployment(const std::string& color, int replicas) {
    return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: yield-" + color + ", namespace: wafer}\nspec:\n  replicas: " +
           std::to_string(replicas) + "\n  selector: {matchLabels: {app: yield, version: " + color +
           "}}\n  template:\n    metadata: {labels: {app: yield, version: " + color +
           "}}\n    spec: {containers: [{name: predictor, image: \"wafer/yield:2.8\"}]}\n";
}

const char* const k_around = R"(
apiVersion: v1
kind: Namespace
metadata: {name: wafer}
---
apiVersion: v1
kind: Service
metadata: {name: yield, namespace: wafer}
spec:
  selector: {app: yield, version: blue}
  ports: [{name: http, port: 80, targetPort: 8080}]
)";

std::string selector_text(const Value& service) {
    std::string text;
    for (const auto& entry : service.path("spec", "selector")->entries())
        text += (text.empty() ? "" : ",") + std::string(entry.name()) + "=" + std::string(entry.value.text());
    return text;
}

std::string line_of(const rollout::JournalEntry& entry) {
    return entry.phase + " " + std::to_string(entry.weight) + " " + std::string(rollout::entry_kind_name(entry.kind)) + " " + entry.message;
}

bool is_ready(const Value& pod) {
    const auto* conditions = pod.path("status", "conditions");
    if (conditions == nullptr || kube::is_being_deleted(pod)) return false;
    for (const auto& condition : conditions->items())
        if (condition.text_at("type") == "Ready" && condition.text_at("status") == "True") return true;
    return false;
}

}  // namespace

Value WatchedCluster::write(const kube::Write& change) {
    ++writes;
    if (writes == dies_before) throw Killed{};
    auto written = m_below.write(change);
    if (kube::kind_of(written) == "Service") service_writes.push_back(std::string(kube::name_of(written)) + " " + selector_text(written));
    if (!serves()) ++unserved;
    if (writes == dies_after) throw Killed{};
    return written;
}

bool WatchedCluster::serves() {
    const auto service = m_below.get({{"", "v1", "Service"}, "wafer", "yield"});
    const auto selector = kube::Selector::from_value(*service->path("spec", "selector"));
    for (const auto& pod : m_below.list({{"", "v1", "Pod"}, "wafer", ""}))
        if (selector.matches(*pod.path("metadata", "labels")) && is_ready(pod)) return true;
    return false;
}

BlueGreenLab::BlueGreenLab(const std::string& text, std::string_view script)
    : clock(std::make_shared<base::ManualClock>(*base::parse_rfc3339("2026-01-01T00:00:00Z"))),
      cluster(std::make_unique<embedded::LocalCluster>(":memory:", clock)),
      watched(std::make_unique<WatchedCluster>(*cluster)),
      metrics(rollout::rehearse(script, "script.yaml")) {
    for (const auto& object : doc::read_yaml(k_around + deployment("blue", 3) + deployment("green", 0)))
        cluster->apply(object, {"test", kube::OnConflict::take_over, kube::DryRun::no});
    clock->advance(std::chrono::seconds(30));
    spec = rollout::read_bluegreen(doc::read_yaml_one("apiVersion: gitopsctl.io/v1\nkind: BlueGreen\nmetadata: {name: yield, namespace: wafer}\n"
                                                      "spec:\n  service: yield\n  blue: yield-blue\n  green: yield-green\n" + text),
                                   "bluegreen.yaml");
    checks.reset(new rollout::CheckPorts{*metrics, hooks, [](std::string_view, const std::string&, const std::string&) { return std::nullopt; },
                                         {"script", "script.yaml"}, true});
    restart();
}

void BlueGreenLab::restart() {
    runner.reset();
    runner = std::make_unique<rollout::BlueGreenRunner>(rollout::RunnerPorts{*watched, *clock, events, *checks, "anna@test"}, spec, settings, commit);
    runner->start();
}

rollout::Begun BlueGreenLab::begin(const rollout::BlueGreenPlan& plan) { return runner->begin(plan); }

rollout::TickReport BlueGreenLab::tick() {
    auto report = runner->tick({});
    clock->advance(std::max(report.wake, base::Duration{50}));
    return report;
}

std::vector<std::string> BlueGreenLab::told() const {
    std::vector<std::string> lines;
    for (const auto& entry : runner->record().runs.back().entries) lines.push_back(line_of(entry));
    return lines;
}

std::vector<std::string> BlueGreenLab::run(int most) {
    for (int i = 0; i < most; ++i)
        if (tick().settled) break;
    return told();
}

std::string BlueGreenLab::workload(const std::string& name) {
    const auto found = cluster->get({{"apps", "v1", "Deployment"}, "wafer", name});
    const auto* ready = found->path("status", "readyReplicas");
    const auto* containers = found->path("spec", "template", "spec", "containers");
    return std::to_string(rollout::replicas_of(*found)) + "/" + (ready == nullptr ? "0" : std::string(ready->text())) + " " +
           std::string(containers->items().front().text_at("image"));
}

std::string BlueGreenLab::routed(const std::string& service) {
    const auto found = cluster->get({{"", "v1", "Service"}, "wafer", service});
    return found ? selector_text(*found) : "none";
}

void BlueGreenLab::scale(const std::string& name, int replicas) {
    auto patch = Value::map();
    patch.at("spec").set("replicas", replicas);
    cluster->write({kube::Patch{{{"apps", "v1", "Deployment"}, "wafer", name}, kube::PatchKind::merge, patch, "", ""}, "somebody", kube::DryRun::no});
    clock->advance(std::chrono::seconds(30));
}

}  // namespace gitops::test
