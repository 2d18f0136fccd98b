#include "core/deliver/refusals.hpp"

#include <catch2/catch.hpp>

using namespace gitops;
using deliver::is_immutable_field;

namespace {

bool asks_for_force(const std::string& sentence, base::Code code = base::Code::invalid) {
    return is_immutable_field(base::Error(code, sentence));
}

}  // namespace

TEST_CASE("sentences that mean: fixed at creation", "[refusals]") {
    for (const auto* sentence : {
             // apps and batch, all versions
             "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{\"app\":\"x\"}}: field is immutable",
             "DaemonSet.apps \"logs\" is invalid: spec.selector: Invalid value: v1.LabelSelector{}: field is immutable",
             "Job.batch \"once\" is invalid: spec.template: Invalid value: core.PodTemplateSpec{}: field is immutable",
             "Job.batch \"once\" is invalid: spec.completions: Invalid value: 4: field is immutable",
             // StatefulSet: 1.20, 1.22, 1.27, 1.31
             "StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'template', and 'updateStrategy' are forbidden",
             "StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'template', 'updateStrategy' and 'minReadySeconds' are forbidden",
             "StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
             // claims and volumes: 1.20 and later
             "PersistentVolumeClaim \"data\" is invalid: spec: Forbidden: is immutable after creation except resources.requests for bound claims",
             "PersistentVolumeClaim \"data\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
             "PersistentVolume \"pv\" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
             // Service: up to 1.19, then
             "Service \"web\" is invalid: spec.clusterIP: Invalid value: \"None\": field is immutable",
             "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: []string{\"None\"}: may not change once set",
             "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: []string(nil): primary clusterIP can not be unset",
             "Service \"web\" is invalid: spec.loadBalancerClass: Invalid value: \"null\": may not change once set",
             // the rest of the core
             "Secret \"s\" is invalid: type: Invalid value: \"Opaque\": field is immutable",
             "Secret \"s\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
             "ConfigMap \"c\" is invalid: immutable: Forbidden: field is immutable when `immutable` is set",
             "Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)",
             "RoleBinding.rbac.authorization.k8s.io \"b\" is invalid: roleRef: Invalid value: rbac.RoleRef{}: cannot change roleRef",
             "StorageClass.storage.k8s.io \"fast\" is invalid: parameters: Forbidden: updates to parameters are forbidden.",
             "StorageClass.storage.k8s.io \"fast\" is invalid: reclaimPolicy: Invalid value: \"Retain\": field is immutable",
             "PriorityClass.scheduling.k8s.io \"high\" is invalid: value: Forbidden: may not be changed in an update.",
             "CustomResourceDefinition.apiextensions.k8s.io \"a.x.io\" is invalid: spec.scope: Invalid value: \"Cluster\": field is immutable",
             // rules of custom resources, and the embedded cluster
             "Certificate.x.io \"c\" is invalid: spec.size: Invalid value: \"integer\": Value is immutable",
             "apps/Deployment prod/a: spec.selector: this field cannot change: it is 1, the change wants 2",
         }) {
        INFO(sentence);
        CHECK(asks_for_force(sentence));
    }
}

TEST_CASE("sentences that mean something else", "[refusals]") {
    for (const auto* sentence : {
             "Deployment.apps \"web\" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{}: `selector` does not match template `labels`",
             "Service \"web\" is invalid: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
             "PersistentVolumeClaim \"data\" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than previous value",
             "Ingress.networking.k8s.io \"i\" is invalid: spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
         }) {
        INFO(sentence);
        CHECK_FALSE(asks_for_force(sentence));
    }
    CHECK_FALSE(asks_for_force("spec.selector: field is immutable", base::Code::denied));
}
