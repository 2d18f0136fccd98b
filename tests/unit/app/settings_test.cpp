#include "core/app/settings.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"

using namespace gitops;
using namespace gitops::app;

namespace {

/// One line per rule: "group/Kind: pointers | expressions | managers (origin)".
std::string told(const std::string& yaml) {
    std::vector<std::string> warnings;
    std::string text;
    const auto settings = read_settings(yaml, "config.yaml", warnings);
    for (std::size_t i = deliver::built_in_ignore_rules().size(); i < settings.ignore.size(); ++i) {
        const auto& rule = *settings.ignore[i];
        text += rule.group + "/" + rule.kind + ":";
        for (const auto& pointer : rule.pointers) text += " " + doc::format_pointer(pointer);
        for (const auto& expression : rule.expressions) text += " " + expression.text();
        for (const auto& manager : rule.managers) text += " by " + manager;
        text += " (" + rule.origin + ")\n";
    }
    for (const auto& script : settings.health) text += "health of " + script.group + "/" + script.kind + ": " + script.text + "\n";
    for (const auto& type : settings.known_types) text += type.group + "/" + type.kind + " " + type.field + " is " + type.type + "\n";
    if (settings.server_side_diff) text += "on the server\n";
    for (const auto& warning : warnings) text += "warning: " + warning + "\n";
    return text;
}

}  // namespace

TEST_CASE("config.yaml in Argo CD's words", "[settings]") {
    CHECK(told("") == "");
    CHECK(told(R"(
resource.customizations.ignoreDifferences.all: |
  managedFieldsManagers: [kube-controller-manager]
resource.customizations.ignoreDifferences.apps_Deployment:
  jsonPointers: [/spec/replicas]
resource.customizations.ignoreDifferences.Service: |
  jqPathExpressions:
  - .spec.ports[] | .nodePort
resource.customizations.health.cert-manager.io_Certificate: return {}
resource.customizations.knownTypeFields.x.io_Thing: |
  - {field: spec.pod, type: core/v1/PodSpec}
resource.compareoptions: |
  ignoreAggregatedRoles: true
controller.diff.server.side: "true"
)") == R"(*/*: by kube-controller-manager (resource.customizations.ignoreDifferences.all)
apps/Deployment: /spec/replicas (resource.customizations.ignoreDifferences.apps_Deployment)
/Service: .spec.ports[] | .nodePort (resource.customizations.ignoreDifferences.Service)
rbac.authorization.k8s.io/ClusterRole: select(.aggregationRule) | .rules (resource.compareoptions ignoreAggregatedRoles)
health of cert-manager.io/Certificate: return {}
x.io/Thing spec.pod is core/v1/PodSpec
on the server
)");
}

TEST_CASE("an argocd-cm as it is", "[settings]") {
    CHECK(told(R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data:
  url: https://argocd.example
  resource.customizations.ignoreResourceUpdates.all: "jsonPointers: [/status]"
  resource.customizations.actions.x.io_Thing: "..."
  resource.customizations: |
    argoproj.io/Rollout:
      ignoreDifferences: |
        jsonPointers: [/spec/replicas]
      health.lua: return nil
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cmd-params-cm}
data: {controller.diff.server.side: "true"}
)") == R"(argoproj.io/Rollout: /spec/replicas (resource.customizations.argoproj.io/Rollout)
health of argoproj.io/Rollout: return nil
on the server
)");
}

TEST_CASE("what config.yaml says in vain is told", "[settings]") {
    CHECK(told("a: 1\nresource.customizations.helth.X: a\nresource.compareoptions: {ignoreResourceStatusField: crd, typo: 1}\n") ==
          "warning: config.yaml: a has no effect\n"
          "warning: config.yaml: resource.customizations.helth.X has no effect\n"
          "warning: config.yaml: ignoreResourceStatusField crd has no effect: a status is never applied, so it never differs\n"
          "warning: config.yaml: unknown field resource.compareoptions.typo has no effect\n");
    const auto refusal = [](const std::string& yaml) {
        try {
            (void)told(yaml);
        } catch (const base::Error& error) {
            return std::to_string(error.place().line) + ": " + error.message();
        }
        return std::string("nothing");
    };
    CHECK(refusal("\n- a") == "2: the configuration must be a map");
    CHECK(refusal("resource.compareoptions: {ignoreResourceStatusField: some}") ==
          "1: resource.compareoptions.ignoreResourceStatusField: expected all, crd or none");
    CHECK(refusal("x: 1\nresource.customizations.ignoreDifferences.all: '{jsonPointers: [a]}'") ==
          "1: resource.customizations.ignoreDifferences.all.jsonPointers: JSON pointer \"a\" must start with \"/\"");
    CHECK(refusal("resource.customizations.health.Service: 5") ==
          "1: resource.customizations.health.Service: expected the text of a Lua script");
    CHECK(refusal("resource.customizations: {apps/Deployment: {health.lua: [a]}}") ==
          "1: resource.customizations.apps/Deployment.health.lua: expected the text of a Lua script");
    CHECK(refusal("resource.customizations: 7") == "1: resource.customizations: expected a map from GROUP/KIND to customizations");
    CHECK(refusal("resource.customizations: {Service: 7}") == "1: resource.customizations.Service: expected a map");
    CHECK(refusal("x: 1\ncontroller.diff.server.side: yes please") == "2: controller.diff.server.side: expected true or false");
    CHECK(refusal("resource.customizations.knownTypeFields.X: 5") ==
          "1: resource.customizations.knownTypeFields.X.fields: expected a list, found a number");
    CHECK(refusal("resource.customizations.ignoreDifferences.X: 5") == "1: resource.customizations.ignoreDifferences.X must be a map, found a number");
    CHECK(refusal("resource.compareoptions: 'ignoreAggregatedRoles: maybe'") ==
          "1: resource.compareoptions.ignoreAggregatedRoles: expected true or false");
    CHECK(refusal("kind: ConfigMap\ndata: 5") == "2: data: expected a map");
    CHECK(refusal("kind: ConfigMap\ndata: [1]") == "2: data: expected a map");
    CHECK(refusal("resource.exclusions: {kinds: [Pod]}") == "1: resource.exclusions: expected a list, found a map");
    CHECK(refusal("resource.sensitive.mask.annotations: [a]") ==
          "1: resource.sensitive.mask.annotations: expected keys of annotations, with commas between them");
    CHECK(refusal("resource.compareoptions: [1]") == "1: resource.compareoptions must be a map, found a list");
}

TEST_CASE("an argocd-cm's keys about objects that mean nothing here are told", "[settings]") {
    CHECK(told("kind: ConfigMap\ndata:\n  url: https://argocd.example\n  resource.links: '[]'\n"
               "  application.resourceTrackingMethod: label\n") ==
          "warning: config.yaml: resource.links has no effect\n"
          "warning: config.yaml: application.resourceTrackingMethod has no effect\n");
}

TEST_CASE("keys of config.yaml that name no kind, and what is no text in a ConfigMap, are told", "[settings]") {
    CHECK(told("resource.customizations.ignoreDifferences.apps/Deployment: {jsonPointers: [/spec]}\n"
               "resource.customizations.health.: return nil\n"
               "resource.customizations.health.apps_: return nil\n"
               "resource.customizations: {apps/: {health.lua: return nil}}\n"
               "resource.customizations.knownTypeFields.x_Thing: [{field: spec.a}, {type: core/Quantity}]\n") ==
          "warning: config.yaml: resource.customizations.ignoreDifferences.apps/Deployment has no effect: write apps_Deployment\n"
          "warning: config.yaml: resource.customizations.health. has no effect: it names no kind\n"
          "warning: config.yaml: resource.customizations.health.apps_ has no effect: it names no kind\n"
          "warning: config.yaml: resource.customizations.apps/ has no effect: it names no kind\n"
          "warning: config.yaml: resource.customizations.knownTypeFields.x_Thing: an entry without a type has no effect\n"
          "warning: config.yaml: resource.customizations.knownTypeFields.x_Thing: an entry without a field has no effect\n");
    CHECK(told("kind: ConfigMap\ndata: {a: [1], url: x}") == "warning: config.yaml: a has no effect\n");
}

TEST_CASE("which kinds count, what is masked and how kustomize builds", "[settings]") {
    std::vector<std::string> warnings;
    const auto settings = read_settings(R"(
resource.exclusions: |
  - apiGroups: [cilium.io]
    kinds: [CiliumIdentity]
    clusters: ["*"]
    kind: Pod
resource.inclusions: ""
resource.sensitive.mask.annotations: openshift.io/token, api-key
kustomize.buildOptions: --load-restrictor=LoadRestrictionsNone --enable-alpha-plugins --enable-helm
)", "config.yaml", warnings);
    REQUIRE(settings.scope.exclusions.size() == 1);
    CHECK(settings.scope.exclusions[0].groups == std::vector<std::string>{"cilium.io"});
    CHECK(settings.scope.exclusions[0].kinds == std::vector<std::string>{"CiliumIdentity"});
    CHECK(settings.scope.exclusions[0].clusters == std::vector<std::string>{"*"});
    CHECK(settings.scope.inclusions.empty());
    CHECK(*settings.masked_annotations == std::vector<std::string>{"openshift.io/token", "api-key"});
    CHECK(settings.load_restrictor == render::LoadRestrictor::none);
    CHECK(warnings == std::vector<std::string>{"config.yaml: unknown field resource.exclusions[0].kind (did you mean kinds?) has no effect",
                                               "config.yaml: kustomize.buildOptions: --enable-alpha-plugins has no effect"});
}
