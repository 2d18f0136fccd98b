#include "tests/unit/embedded/embedded.hpp"

#include <map>
#include <regex>

#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::test {

using embedded::PodPhase;
using doc::Value;

namespace {

kube::ObjectRef ref_to(std::string_view kind, std::string_view name) {
    auto info = kube::find_kind_by_name(kind);
    return {info.value().gvk, info->scope == kube::Scope::namespaced ? "default" : "", std::string(name)};
}

std::string_view phase_text(PodPhase phase) {
    switch (phase) {
        case PodPhase::starting: return "starting";
        case PodPhase::running: return "running";
        case PodPhase::working: return "working";
        case PodPhase::crashing: return "crashing";
        case PodPhase::pull_error: return "pull error";
        case PodPhase::pull_waiting: return "pull waiting";
        case PodPhase::succeeded: return "succeeded";
        case PodPhase::failed: return "failed";
    }
    return "";
}

std::string number(const Value& object, std::string_view field) {
    return std::to_string(embedded::int_or(object.path("status", field), 0));
}

}  // namespace

Value Embedded::apply(std::string_view yaml) {
    return cluster.apply(doc::read_yaml_one(yaml), {"test", kube::OnConflict::take_over, kube::DryRun::no}).object;
}

Value Embedded::get(std::string_view kind, std::string_view name) {
    return cluster.get(ref_to(kind, name)).value_or(Value());
}

std::vector<Value> Embedded::list(std::string_view kind) {
    return cluster.list({ref_to(kind, "").gvk, std::nullopt, ""});
}

void Embedded::scale(std::string_view kind, std::string_view name, int replicas) {
    Value patch = embedded::map_of({{"spec", embedded::map_of({{"replicas", replicas}})}});
    cluster.write({kube::Patch{ref_to(kind, name), kube::PatchKind::merge, patch, "scale", ""}, "hand", kube::DryRun::no});
}

void Embedded::remove(std::string_view kind, std::string_view name) { cluster.remove(ref_to(kind, name), {}); }

std::string Embedded::rollout(std::string_view name) {
    Value object = get("Deployment", name);
    return number(object, "updatedReplicas") + "/" + std::to_string(embedded::int_or(object.path("spec", "replicas"), 0)) +
           " updated, " + number(object, "availableReplicas") + " available, " + number(object, "replicas") + " pods";
}

std::string Embedded::pods() {
    std::string text;
    for (const Value& pod : list("Pod")) {
        text += text.empty() ? "" : ", ";
        text += std::string(kube::name_of(pod)) + " " + std::string(phase_text(embedded::phase_of(pod)));
    }
    return text;
}

std::string Embedded::pods_by_image() {
    std::map<std::string, int> counted;
    for (const Value& pod : list("Pod"))
        ++counted[std::string(phase_text(embedded::phase_of(pod))) + " " +
                  std::string(pod.path("spec", "containers")->items()[0].text_at("image"))];
    std::string text;
    for (const auto& [what, count] : counted) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    return text;
}

std::string Embedded::condition(std::string_view kind, std::string_view name, std::string_view type) {
    Value object = get(kind, name);
    const Value* found = embedded::find_condition(object, type);
    if (found == nullptr) return "";
    return std::string(found->text_at("status")) + " " + std::string(found->text_at("reason")) + ": " +
           without_hashes(std::string(found->text_at("message")));
}

std::string Embedded::events(std::string_view name) {
    std::string text;
    for (const Value& event : list("Event"))
        if (event.path("involvedObject")->text_at("name") == name)
            text += std::string(event.text_at("reason")) + ": " + without_hashes(std::string(event.text_at("message"))) + "\n";
    return text;
}

std::string deployment(std::string_view name, int replicas, std::string_view image, std::string_view spec) {
    std::string text = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: default}
spec:
  replicas: )" + std::to_string(replicas) + R"(
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - {name: main, image: ")" + std::string(image) + "\"}\n";
    for (auto place = text.find("NAME"); place != std::string::npos; place = text.find("NAME")) text.replace(place, 4, name);
    if (!spec.empty()) text += "  " + std::string(spec) + "\n";
    return text;
}

std::string without_hashes(std::string text) {
    static const std::regex pod("-[bcdfghjklmnpqrstvwxz2456789]{10}-[bcdfghjklmnpqrstvwxz2456789]{5}");
    static const std::regex set("-[bcdfghjklmnpqrstvwxz2456789]{10}");
    static const std::regex single("-[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])");
    text = std::regex_replace(text, pod, "-HASH-SUFFIX");
    text = std::regex_replace(text, set, "-HASH");
    return std::regex_replace(text, single, "-SUFFIX");
}

}  // namespace gitops::test
