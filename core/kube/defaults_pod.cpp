// What the API server fills into Pods and Pod templates.
#include <string>

#include "core/kube/draft.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

constexpr int k_file_mode = 0644;

/// The tag of "registry:5000/team/app:1.2@sha256:...": "latest" when neither tag nor digest is given.
std::string_view image_tag(std::string_view image) {
    const auto at = image.find('@');
    const auto name = image.substr(0, at);
    const auto colon = name.rfind(':');
    const auto slash = name.rfind('/');
    const bool has_tag = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
    if (has_tag) return name.substr(colon + 1);
    return at == std::string_view::npos ? "latest" : std::string_view();
}

void default_http_get(Draft& handler) {
    handler.in("httpGet", [](Draft& get) {
        get.fill("path", "/");
        get.fill("scheme", "HTTP");
    });
}

void default_probe(Draft& probe) {
    probe.fill("timeoutSeconds", 1);
    probe.fill("periodSeconds", 10);
    probe.fill("successThreshold", 1);
    probe.fill("failureThreshold", 3);
    default_http_get(probe);
    probe.in("grpc", [](Draft& grpc) { grpc.fill("service", ""); });
}

void default_field_ref(Draft& source) {
    source.in("fieldRef", [](Draft& ref) { ref.fill("apiVersion", "v1"); });
    source.in("resourceFieldRef", [](Draft& ref) { ref.fill("divisor", "0"); });
}

void default_container(Draft& container) {
    container.each("ports", [](Draft& port) { port.fill("protocol", "TCP"); });
    container.each("env", [](Draft& variable) { variable.in("valueFrom", default_field_ref); });
    for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"}) container.in(probe, default_probe);
    container.in("lifecycle", [](Draft& lifecycle) {
        lifecycle.in("postStart", default_http_get);
        lifecycle.in("preStop", default_http_get);
    });
    container.fill_map("resources");
    container.fill("terminationMessagePath", "/dev/termination-log");
    container.fill("terminationMessagePolicy", "File");
    if (!container.has("imagePullPolicy"))
        container.set("imagePullPolicy", image_tag(container.text("image")) == "latest" ? "Always" : "IfNotPresent");
}

void default_downward_api(Draft& source) {
    source.each("items", default_field_ref);
}

void default_projected(Draft& projected) {
    projected.fill("defaultMode", k_file_mode);
    projected.each("sources", [](Draft& source) {
        source.in("downwardAPI", default_downward_api);
        source.in("serviceAccountToken", [](Draft& token) { token.fill("expirationSeconds", 3600); });
    });
}

void default_volume(Draft& volume) {
    if (volume.read().size() == 1 && volume.has("name")) volume.set("emptyDir", Value::map());
    for (const std::string_view source : {"secret", "configMap"})
        volume.in(source, [](Draft& files) { files.fill("defaultMode", k_file_mode); });
    volume.in("downwardAPI", [](Draft& source) {
        source.fill("defaultMode", k_file_mode);
        default_downward_api(source);
    });
    volume.in("projected", default_projected);
    volume.in("hostPath", [](Draft& path) { path.fill("type", ""); });
    volume.in("iscsi", [](Draft& iscsi) { iscsi.fill("iscsiInterface", "default"); });
    volume.in("rbd", [](Draft& rbd) {
        rbd.fill("pool", "rbd");
        rbd.fill("user", "admin");
        rbd.fill("keyring", "/etc/ceph/keyring");
    });
    volume.in("azureDisk", [](Draft& disk) {
        disk.fill("cachingMode", "ReadWrite");
        disk.fill("kind", "Shared");
        disk.fill("fsType", "ext4");
        disk.fill("readOnly", false);
    });
    volume.in("ephemeral", [](Draft& ephemeral) {
        ephemeral.in("volumeClaimTemplate", [](Draft& claim) { claim.in("spec", default_claim_spec); });
    });
}

/// With the host's network a container's port is the host's.
void default_host_ports(Draft& container) {
    container.each("ports", [](Draft& port) {
        if (const Value* number = port.read().find("containerPort"); number != nullptr && !port.has("hostPort")) port.set("hostPort", *number);
    });
}

}  // namespace

void default_claim_spec(Draft& spec) { spec.fill("volumeMode", "Filesystem"); }

void default_pod_spec(Draft& spec) {
    const Value* host_network = spec.read().find("hostNetwork");
    const bool on_host = host_network != nullptr && host_network->as_bool();
    for (const std::string_view containers : {"initContainers", "containers", "ephemeralContainers"}) {
        spec.each(containers, default_container);
        if (on_host) spec.each(containers, default_host_ports);
    }
    spec.each("volumes", default_volume);
    spec.fill("restartPolicy", "Always");
    spec.fill("terminationGracePeriodSeconds", 30);
    spec.fill("dnsPolicy", "ClusterFirst");
    // The old spelling is kept beside the new one.
    if (!spec.text("serviceAccountName").empty()) spec.fill("serviceAccount", spec.text("serviceAccountName"));
    else if (!spec.text("serviceAccount").empty()) spec.fill("serviceAccountName", spec.text("serviceAccount"));
    spec.fill_map("securityContext");
    spec.fill("schedulerName", "default-scheduler");
}

}  // namespace gitops::kube
