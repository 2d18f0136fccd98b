// Certificates, and secrets that are sealed, encrypted or kept elsewhere.
#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_certificate[] = {
    {"Issuing=True", k_waiting},
    {"@Ready=False", k_degraded},
    {"@Ready=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_certificate_request[] = {
    {"Denied|InvalidRequest=True", k_degraded},
    {"Ready=True", k_healthy},
    {"Ready:Pending", k_waiting},
    {"Ready", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_acme[] = {
    {".status.state=valid", k_healthy},
    {".status.state=invalid|expired|errored", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_sealed[] = {
    {"stale", k_waiting},
    {"@Synced=False", k_degraded},
    {"@Synced=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_trust_bundle[] = {
    {"Synced=True", k_healthy},
    {"Synced", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_old_external_secret[] = {
    {".status.status=SUCCESS", k_healthy},
    {".status.status^=ERROR", k_degraded},
    {"else", k_waiting},
};
constexpr Clause k_managed_certificate[] = {
    {"[status.domainStatus].status=FailedNotVisible", k_degraded, "a domain could not be provisioned"},
    {".status.certificateStatus=Active", k_healthy},
    {"else", k_waiting},
};

/// A secret that is refreshed when it changes: a Ready from before the last refresh says nothing of it.
std::optional<Health> external_secret_health(const doc::Value& object) {
    if (text_at(object, "spec.refreshPolicy") == "OnChange") {
        const auto refreshed = text_at(object, "status.refreshTime");
        for (const auto& item : conditions_of(object).items())
            if (item.text_at("type") == "Ready" && item.text_at("lastTransitionTime") < refreshed)
                return Health{k_waiting, "the last refresh is not reported yet"};
    }
    return judge_by(object, k_ready);
}

/// New conditions are appended: the last one is the state.
std::optional<Health> cluster_external_secret_health(const doc::Value& object) {
    const auto conditions = conditions_of(object).items();
    if (!conditions.empty()) {
        const auto last = condition_of(conditions.back());
        const std::string message(last.message);
        if (last.is_true() && last.type == "Ready") return Health{k_healthy, message};
        if (last.is_true() && (last.type == "PartiallyReady" || last.type == "NotReady")) return Health{k_degraded, message};
    }
    return Health{k_waiting, "waiting for the secrets to be provisioned"};
}

constexpr CustomRule k_rows[] = {
    {"cert-manager.io", "Certificate", k_certificate},
    {"cert-manager.io", "CertificateRequest", k_certificate_request},
    {"cert-manager.io", "Issuer ClusterIssuer", k_ready},
    {"certmanager.k8s.io", "Certificate Issuer ClusterIssuer", k_ready},
    {"acme.cert-manager.io", "Challenge Order", k_acme},
    {"networking.gke.io", "ManagedCertificate", k_managed_certificate},
    {"external-secrets.io", "ExternalSecret", {}, external_secret_health},
    {"external-secrets.io", "ClusterExternalSecret", {}, cluster_external_secret_health},
    {"external-secrets.io", "PushSecret SecretStore ClusterSecretStore", k_ready},
    {"kubernetes-client.io", "ExternalSecret", k_old_external_secret},
    {"bitnami.com", "SealedSecret", k_sealed},
    {"trust.cert-manager.io", "Bundle", k_trust_bundle},
    {"onepassword.com", "OnePasswordItem", k_ready},
    {"addons.projectcapsule.dev", "SopsSecret GlobalSopsSecret SopsProvider", k_ready_current},
};

}  // namespace

std::span<const CustomRule> secret_rules() { return k_rows; }

}  // namespace gitops::deliver
