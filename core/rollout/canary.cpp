#include "core/rollout/canary.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/kube/resource.hpp"
#include "core/rollout/canary_parts.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::FieldsReader;
using doc::Value;

constexpr std::string_view k_flagger_version = "flagger.app/v1beta1";
constexpr std::string_view k_own_version = "gitopsctl.io/v1";
constexpr int k_iterations_without_mesh = 10;  ///< Flagger's, where no weight can be set

std::optional<Dialect> dialect_of(const Value& manifest) {
    if (manifest.text_at("kind") != "Canary") return std::nullopt;
    const auto version = manifest.text_at("apiVersion");
    if (version == k_flagger_version) return Dialect::flagger;
    if (version == k_own_version) return Dialect::stages;
    return std::nullopt;
}

Dialect required_dialect(const Value& manifest, const std::string& file) {
    if (const auto dialect = dialect_of(manifest)) return *dialect;
    Error error(Code::invalid, "expected a Canary of " + std::string(k_flagger_version) + " or " + std::string(k_own_version) +
                                   ", found " + std::string(manifest.text_at("apiVersion")) + " " +
                                   std::string(manifest.text_at("kind")));
    error.at({file, static_cast<int>(manifest.line()), 0});
    throw error.hint("the two dialects count differently, so neither is guessed: Flagger's threshold is failed checks until the "
                     "roll-back, ours is successes per stage");
}

TargetRef read_reference(FieldsReader& reader) {
    TargetRef reference{reader.text("apiVersion"), reader.text("kind"), reader.text("name")};
    if (reference.name.empty()) throw reader.error("name", "missing");
    return reference;
}

std::optional<TargetRef> read_optional_reference(FieldsReader reader) {
    if (!reader.present()) return std::nullopt;
    return read_reference(reader);
}

TargetRef read_target(FieldsReader reader, std::vector<std::string>& unknown) {
    if (!reader.present()) throw reader.error("name", "missing: the workload to roll out");
    auto target = read_reference(reader);
    keep_unknown(reader, unknown);
    if (target.kind.empty()) target.kind = "Deployment";
    if (target.api_version.empty()) target.api_version = target.kind == "Service" ? "v1" : "apps/v1";
    return target;
}

ServiceSpec read_service(FieldsReader reader, const Value* document, const std::string& target) {
    ServiceSpec service;
    if (document != nullptr) service.document = *document;
    service.name = reader.text("name", target);
    const auto port = reader.integer("port");
    if (!port || *port < 1 || *port > 65'535) throw reader.error("port", "expected a port number, 1 to 65535");
    service.port = static_cast<int>(*port);
    service.port_name = reader.text("portName", "http");
    if (const auto* target_port = reader.raw("targetPort")) service.target_port = *target_port;
    service.app_protocol = reader.text("appProtocol");
    service.port_discovery = reader.flag("portDiscovery", false);
    service.headless = reader.flag("headless", false);
    return service;
}

/// Without a mesh Flagger can only switch: it checks as often as `iterations` says, and knows no matches.
void settle_without_mesh(CanarySpec& spec) {
    if (spec.dialect != Dialect::flagger || spec.provider != "kubernetes" || spec.skip_analysis) return;
    if (spec.analysis.iterations == 0) spec.analysis.iterations = k_iterations_without_mesh;
    spec.analysis.strategy = Strategy::blue_green;
}

}  // namespace

bool is_driven_by_flagger(const Value& canary) {
    const auto* managers = canary.path("metadata", "managedFields");
    const auto* suspended = canary.path("spec", "suspend");
    if (managers == nullptr || (suspended != nullptr && suspended->as_bool())) return false;
    return std::ranges::any_of(managers->items(), [](const Value& entry) {
        return entry.text_at("manager") == "flagger" && entry.path("fieldsV1", "f:status") != nullptr;
    });
}

bool is_canary(const Value& manifest) { return dialect_of(manifest).has_value(); }

CanarySpec read_canary(const Value& manifest, const std::string& file, const std::string& default_namespace,
                       const std::string& default_provider) {
    CanarySpec spec;
    spec.dialect = required_dialect(manifest, file);
    kube::require_identity(manifest, file);
    spec.document = manifest;
    spec.document.erase("status");
    spec.name = kube::name_of(manifest);
    spec.ns = kube::namespace_of(manifest);
    if (spec.ns.empty()) spec.ns = default_namespace;

    FieldsReader reader(manifest.find("spec"), "spec", file);
    spec.provider = reader.text("provider", default_provider);
    if (spec.provider.empty()) spec.provider = spec.dialect == Dialect::flagger ? "istio" : "replicas";
    spec.metrics_server = reader.text("metricsServer");
    spec.target = read_target(reader.child("targetRef"), spec.unknown);
    spec.autoscaler = read_optional_reference(reader.child("autoscalerRef"));
    spec.ingress = read_optional_reference(reader.child("ingressRef"));
    spec.route = read_optional_reference(reader.child("routeRef"));
    reader.raw("upstreamRef");
    reader.raw("insecureSkipVerify");  // read with the source of a query
    if (const auto seconds = reader.integer("progressDeadlineSeconds"); seconds && *seconds > 0 && *seconds < 1'000'000)
        spec.progress_deadline = base::Duration(*seconds * 1000);
    spec.suspend = reader.flag("suspend", false);
    spec.revert_on_deletion = reader.flag("revertOnDeletion", false);
    spec.service = read_service(reader.child("service"), manifest.path("spec", "service"), spec.target.name);
    auto analysis = reader.child("analysis");
    auto deprecated = reader.child("canaryAnalysis");
    const bool has_analysis = analysis.present() || deprecated.present();
    spec.skip_analysis = reader.flag("skipAnalysis", false) || (!has_analysis && spec.dialect == Dialect::flagger);
    spec.analysis = read_analysis(analysis.present() || !deprecated.present() ? analysis : deprecated, spec.dialect, spec.unknown);
    settle_without_mesh(spec);
    keep_unknown(reader, spec.unknown);
    return spec;
}

}  // namespace gitops::rollout
