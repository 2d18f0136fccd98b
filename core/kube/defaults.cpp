// What the API server fills into the built-in kinds besides Pods: k8s.io/kubernetes/pkg/apis/*/*/defaults.go.
#include <algorithm>
#include <limits>
#include <string>

#include "core/base/text.hpp"
#include "core/kube/draft.hpp"
#include "core/kube/normal_form.hpp"
#include "core/kube/resource.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

void default_template(Draft& spec) {
    spec.in("template", [](Draft& pod) { pod.in("spec", default_pod_spec); });
}

void in_spec(Draft& object, void (*body)(Draft&)) { object.in("spec", body); }

// --- workloads --------------------------------------------------------------------------------------------------

void default_requests(Draft& container) {
    const Value* limits = container.read().path("resources", "limits");
    if (limits == nullptr || !limits->is_map()) return;
    const Value wanted = *limits;
    container.in("resources", [&](Draft& resources) {
        resources.in_made("requests", [&](Draft& requests) {
            for (const auto& limit : wanted.entries()) requests.fill(limit.name(), limit.value);
        });
    });
}

void default_pod(Draft& pod) {
    pod.in("spec", [](Draft& spec) {
        default_pod_spec(spec);
        spec.each("initContainers", default_requests);
        spec.each("containers", default_requests);
        spec.fill("enableServiceLinks", true);
    });
}

void default_deployment(Draft& spec) {
    default_template(spec);
    spec.fill("replicas", 1);
    spec.in_made("strategy", [](Draft& strategy) {
        strategy.fill("type", "RollingUpdate");
        if (strategy.text("type") != "RollingUpdate") return;
        strategy.in_made("rollingUpdate", [](Draft& rolling) {
            rolling.fill("maxUnavailable", "25%");
            rolling.fill("maxSurge", "25%");
        });
    });
    spec.fill("revisionHistoryLimit", 10);
    spec.fill("progressDeadlineSeconds", 600);
}

void default_claim(Draft& claim) {
    claim.in("spec", default_claim_spec);
    claim.in_made("status", [](Draft& status) { status.fill("phase", "Pending"); });
}

void default_stateful_set(Draft& spec) {
    default_template(spec);
    spec.fill("podManagementPolicy", "OrderedReady");
    spec.in_made("updateStrategy", [](Draft& strategy) {
        strategy.fill("type", "RollingUpdate");
        if (strategy.text("type") == "RollingUpdate")
            strategy.in_made("rollingUpdate", [](Draft& rolling) { rolling.fill("partition", 0); });
    });
    spec.in_made("persistentVolumeClaimRetentionPolicy", [](Draft& policy) {
        policy.fill("whenDeleted", "Retain");
        policy.fill("whenScaled", "Retain");
    });
    spec.each("volumeClaimTemplates", [](Draft& claim) {
        claim.fill("apiVersion", "v1");
        claim.fill("kind", "PersistentVolumeClaim");
        default_claim(claim);
    });
    spec.fill("replicas", 1);
    spec.fill("revisionHistoryLimit", 10);
}

void default_daemon_set(Draft& spec) {
    default_template(spec);
    spec.in_made("updateStrategy", [](Draft& strategy) {
        strategy.fill("type", "RollingUpdate");
        if (strategy.text("type") != "RollingUpdate") return;
        strategy.in_made("rollingUpdate", [](Draft& rolling) {
            rolling.fill("maxUnavailable", 1);
            rolling.fill("maxSurge", 0);
        });
    });
    spec.fill("revisionHistoryLimit", 10);
}

void default_replica_set(Draft& spec) {
    default_template(spec);
    spec.fill("replicas", 1);
}

void default_replication_controller(Draft& spec) {
    default_replica_set(spec);
    const Value* labels = spec.read().path("template", "metadata", "labels");
    if (labels != nullptr) spec.fill("selector", Value(*labels));
}

void default_job(Draft& spec) {
    default_template(spec);
    if (!spec.has("completions") && !spec.has("parallelism")) spec.set("completions", 1);
    spec.fill("parallelism", 1);
    spec.fill("backoffLimit", spec.has("backoffLimitPerIndex") ? std::numeric_limits<std::int32_t>::max() : 6);
    spec.fill("completionMode", "NonIndexed");
    spec.fill("suspend", false);
    spec.fill("podReplacementPolicy", spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
    spec.in("podFailurePolicy", [](Draft& policy) {
        policy.each("rules", [](Draft& rule) {
            rule.each("onPodConditions", [](Draft& condition) { condition.fill("status", "True"); });
        });
    });
}

void default_cron_job(Draft& spec) {
    spec.in("jobTemplate", [](Draft& job) { job.in("spec", default_template); });
    spec.fill("concurrencyPolicy", "Allow");
    spec.fill("suspend", false);
    spec.fill("successfulJobsHistoryLimit", 3);
    spec.fill("failedJobsHistoryLimit", 1);
}

Value scaling_policy(const char* type, int value) { return Value::map({{"type", type}, {"value", value}, {"periodSeconds", 15}}); }

void default_scaling(Draft& spec) {
    spec.fill("minReplicas", 1);
    if (!spec.has("metrics"))
        spec.set("metrics", Value::list({Value::map(
                                {{"type", "Resource"},
                                 {"resource", Value::map({{"name", "cpu"},
                                                          {"target", Value::map({{"type", "Utilization"}, {"averageUtilization", 80}})}})}})}));
    spec.in("behavior", [](Draft& behavior) {
        behavior.in_made("scaleUp", [](Draft& rules) {
            rules.fill("stabilizationWindowSeconds", 0);
            rules.fill("selectPolicy", "Max");
            rules.fill("policies", Value::list({scaling_policy("Pods", 4), scaling_policy("Percent", 100)}));
        });
        behavior.in_made("scaleDown", [](Draft& rules) {
            rules.fill("selectPolicy", "Max");
            rules.fill("policies", Value::list({scaling_policy("Percent", 100)}));
        });
    });
}

void default_old_scaling(Draft& spec) {
    spec.fill("minReplicas", 1);
    spec.fill("targetCPUUtilizationPercentage", 80);
}

// --- network ----------------------------------------------------------------------------------------------------

void default_service(Draft& spec) {
    spec.fill("sessionAffinity", "None");
    if (spec.text("sessionAffinity") == "None") spec.drop("sessionAffinityConfig");
    if (spec.text("sessionAffinity") == "ClientIP")
        spec.in_made("sessionAffinityConfig", [](Draft& affinity) {
            affinity.in_made("clientIP", [](Draft& client) { client.fill("timeoutSeconds", 10800); });
        });
    spec.fill("type", "ClusterIP");
    spec.each("ports", [](Draft& port) {
        port.fill("protocol", "TCP");
        const Value* target = port.read().find("targetPort");
        const bool unset = target == nullptr || target->is_null() || target->to_int() == 0 || (target->is_string() && target->text().empty());
        if (const Value* number = port.read().find("port"); unset && number != nullptr) port.set("targetPort", *number);
    });
    const bool outside = spec.text("type") == "NodePort" || spec.text("type") == "LoadBalancer";
    if (outside) spec.fill("externalTrafficPolicy", "Cluster");
    if (outside || spec.text("type") == "ClusterIP") spec.fill("internalTrafficPolicy", "Cluster");
    if (spec.text("type") == "LoadBalancer") spec.fill("allocateLoadBalancerNodePorts", true);
}

void default_policy_ports(Draft& rule) {
    rule.each("ports", [](Draft& port) { port.fill("protocol", "TCP"); });
}

void default_network_policy(Draft& spec) {
    spec.each("ingress", default_policy_ports);
    spec.each("egress", default_policy_ports);
    if (spec.has("policyTypes")) return;
    Value types = Value::list({"Ingress"});
    if (const Value* egress = spec.read().find("egress"); egress != nullptr && !egress->empty()) types.push_back("Egress");
    spec.set("policyTypes", types);
}

void default_old_ingress(Draft& spec) {
    spec.each("rules", [](Draft& rule) {
        rule.in("http", [](Draft& http) { http.each("paths", [](Draft& path) { path.fill("pathType", "ImplementationSpecific"); }); });
    });
}

void default_ingress_class(Draft& spec) {
    spec.in("parameters", [](Draft& parameters) { parameters.fill("scope", "Cluster"); });
}

void default_endpoints(Draft& object) {
    object.each("subsets", default_policy_ports);
}

void default_endpoint_slice(Draft& object) {
    object.each("ports", [](Draft& port) {
        port.fill("name", "");
        port.fill("protocol", "TCP");
    });
}

// --- storage, access and extension ------------------------------------------------------------------------------

void default_secret(Draft& object) {
    if (object.has("stringData")) {
        const Value folded = with_folded_string_data(object.read());
        if (const Value* data = folded.find("data")) object.set("data", *data);
        object.drop("stringData");
    }
    object.fill("type", "Opaque");
}

void default_volume_object(Draft& object) {
    object.in("spec", [](Draft& spec) {
        spec.fill("persistentVolumeReclaimPolicy", "Retain");
        spec.fill("volumeMode", "Filesystem");
        spec.in("hostPath", [](Draft& path) { path.fill("type", ""); });
    });
    object.in_made("status", [](Draft& status) { status.fill("phase", "Pending"); });
}

void default_storage_class(Draft& object) {
    object.fill("reclaimPolicy", "Delete");
    object.fill("volumeBindingMode", "Immediate");
}

void default_binding(Draft& object) {
    constexpr std::string_view k_group = "rbac.authorization.k8s.io";
    object.in("roleRef", [&](Draft& role) { role.fill("apiGroup", k_group); });
    object.each("subjects", [&](Draft& subject) {
        if (subject.text("kind") == "User" || subject.text("kind") == "Group") subject.fill("apiGroup", k_group);
    });
}

void default_namespace(Draft& object) {
    const std::string name(name_of(object.read()));
    object.in("metadata", [&](Draft& metadata) {
        metadata.in_made("labels", [&](Draft& labels) {
            if (!name.empty()) labels.fill("kubernetes.io/metadata.name", name);
        });
    });
    object.in_made("status", [](Draft& status) { status.fill("phase", "Active"); });
}

void default_priority_class(Draft& object) { object.fill("preemptionPolicy", "PreemptLowerPriority"); }

void default_service_port(Draft& client) {
    client.in("service", [](Draft& service) { service.fill("port", 443); });
}

void default_webhook(Draft& webhook) {
    webhook.fill("failurePolicy", "Fail");
    webhook.fill("matchPolicy", "Equivalent");
    webhook.fill_map("namespaceSelector");
    webhook.fill_map("objectSelector");
    webhook.fill("timeoutSeconds", 10);
    webhook.in("clientConfig", default_service_port);
    webhook.each("rules", [](Draft& rule) { rule.fill("scope", "*"); });
}

void default_validating_webhooks(Draft& object) { object.each("webhooks", default_webhook); }

void default_mutating_webhooks(Draft& object) {
    object.each("webhooks", [](Draft& webhook) {
        default_webhook(webhook);
        webhook.fill("reinvocationPolicy", "Never");
    });
}

void default_custom_resource_definition(Draft& spec) {
    spec.in("names", [](Draft& names) {
        const std::string kind(names.text("kind"));
        if (kind.empty()) return;
        names.fill("singular", base::lower(kind));
        names.fill("listKind", kind + "List");
    });
    spec.in_made("conversion", [](Draft& conversion) { conversion.fill("strategy", "None"); });
}

using Rule = void (*)(Draft&);

/// A rule for the object, or for its spec.
struct KindRule {
    std::string_view kind;
    std::string_view group;
    Rule object;
    Rule spec;
};

constexpr KindRule k_rules[] = {
    {"ClusterRoleBinding", "rbac.authorization.k8s.io", default_binding, nullptr},
    {"APIService", "apiregistration.k8s.io", nullptr, default_service_port},
    {"CronJob", "batch", nullptr, default_cron_job},
    {"CustomResourceDefinition", "apiextensions.k8s.io", nullptr, default_custom_resource_definition},
    {"DaemonSet", "apps", nullptr, default_daemon_set},
    {"Deployment", "apps", nullptr, default_deployment},
    {"Endpoints", "", default_endpoints, nullptr},
    {"EndpointSlice", "discovery.k8s.io", default_endpoint_slice, nullptr},
    {"HorizontalPodAutoscaler", "autoscaling", nullptr, default_scaling},
    {"IngressClass", "networking.k8s.io", nullptr, default_ingress_class},
    {"Job", "batch", nullptr, default_job},
    {"MutatingWebhookConfiguration", "admissionregistration.k8s.io", default_mutating_webhooks, nullptr},
    {"Namespace", "", default_namespace, nullptr},
    {"NetworkPolicy", "networking.k8s.io", nullptr, default_network_policy},
    {"PersistentVolume", "", default_volume_object, nullptr},
    {"PersistentVolumeClaim", "", default_claim, nullptr},
    {"Pod", "", default_pod, nullptr},
    {"PodTemplate", "", default_template, nullptr},
    {"PriorityClass", "scheduling.k8s.io", default_priority_class, nullptr},
    {"ReplicaSet", "apps", nullptr, default_replica_set},
    {"ReplicationController", "", nullptr, default_replication_controller},
    {"RoleBinding", "rbac.authorization.k8s.io", default_binding, nullptr},
    {"Secret", "", default_secret, nullptr},
    {"Service", "", nullptr, default_service},
    {"StatefulSet", "apps", nullptr, default_stateful_set},
    {"StorageClass", "storage.k8s.io", default_storage_class, nullptr},
    {"ValidatingWebhookConfiguration", "admissionregistration.k8s.io", default_validating_webhooks, nullptr},
};

/// Versions of a kind whose defaults differ from the newest one's.
Rule special_spec_rule(const Gvk& gvk) {
    if (gvk.kind == "Ingress" && gvk.version == "v1beta1") return default_old_ingress;
    if (gvk.kind == "HorizontalPodAutoscaler" && gvk.version == "v1") return default_old_scaling;
    return nullptr;
}

}  // namespace

Value add_defaults(const Value& object) {
    const Gvk gvk = gvk_of(object);
    Value out = object;
    Draft draft(out);
    if (const Rule rule = special_spec_rule(gvk)) {
        in_spec(draft, rule);
        return out;
    }
    const auto* found = std::find_if(std::begin(k_rules), std::end(k_rules),
                                     [&](const KindRule& rule) { return rule.kind == gvk.kind && rule.group == gvk.group; });
    if (found == std::end(k_rules)) return out;
    if (found->object != nullptr) found->object(draft);
    if (found->spec != nullptr) in_spec(draft, found->spec);
    return out;
}

}  // namespace gitops::kube
