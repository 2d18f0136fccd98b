#include "core/rollout/traffic/traffic_ingress.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

kube::ObjectRef ingress_ref(const CanarySpec& spec, const TrafficProvider& provider, const std::string& name) {
    auto ref = apex_route(spec, provider, "Ingress");
    ref.name = name;
    return ref;
}

}  // namespace

std::vector<kube::ObjectRef> ingress_objects(const CanarySpec& spec, const TrafficProvider& provider) {
    if (!spec.ingress)
        throw Error(Code::invalid, fmt::format("spec.ingressRef: missing; provider {} copies the Ingress it names",
                                               provider.name));
    return {ingress_ref(spec, provider, spec.ingress->name + "-canary"), ingress_ref(spec, provider, spec.ingress->name)};
}

const Value& source_ingress(const RouteInput& input) {
    const auto ref = ingress_objects(input.spec, input.provider).back();
    const auto* source = input.find(ref);
    if (source == nullptr)
        throw Error(Code::not_found, fmt::format("Ingress {}/{} of spec.ingressRef is not in the cluster", ref.ns, ref.name));
    auto spec = source->find("spec") == nullptr ? Value() : *source->find("spec");
    bool has_apex = false;
    each_backend(spec, input.spec.apex(), [&](Value&) { has_apex = true; });
    if (!has_apex)
        throw Error(Code::invalid, fmt::format("Ingress {}/{} has no backend that is the Service {}", ref.ns, ref.name,
                                               input.spec.apex()));
    return *source;
}

Value canary_ingress(const RouteInput& input, std::string_view own) {
    const auto& source = source_ingress(input);
    const auto ref = ingress_objects(input.spec, input.provider).front();
    auto ingress = route_base(input, ref);
    ingress.set("spec", *source.find("spec"));
    if (input.find(ref) != nullptr) return ingress;
    auto annotations = portable_annotations(source, input.rules);
    annotations.erase("kubectl.kubernetes.io/last-applied-configuration");
    std::erase_if(annotations, [&](const auto& entry) { return entry.first.starts_with(own); });
    put_metadata(ingress, {texts_of(source.path("metadata", "labels")), annotations}, input.spec, input.rules);
    return ingress;
}

}  // namespace gitops::rollout
