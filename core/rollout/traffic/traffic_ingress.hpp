// The second Ingress that nginx and Skipper divide traffic with: a copy of the user's, named `<ingress>-canary`.
#pragma once

#include "core/rollout/traffic/traffic_provider.hpp"

namespace gitops::rollout {

/// The canary's Ingress, then the user's.
std::vector<kube::ObjectRef> ingress_objects(const CanarySpec& spec, const TrafficProvider& provider);

/// The user's Ingress. Error(not_found) when it does not live, Error(invalid) when it has no backend that is the apex.
const doc::Value& source_ingress(const RouteInput& input);

/// The canary's Ingress as it lives, or new with the labels and annotations of the user's but those that start with `own`.
/// Its spec is the user's.
doc::Value canary_ingress(const RouteInput& input, std::string_view own);

/// Calls `change` for every backend of a spec (rules and default) that is the Service `name`.
template <class Change>
void each_backend(doc::Value& ingress_spec, std::string_view name, Change change) {
    const auto visit = [&](doc::Value* backend) {
        const auto* service = backend == nullptr ? nullptr : backend->path("service", "name");
        if (service != nullptr && service->text() == name) change(*backend);
    };
    if (!ingress_spec.is_map()) return;
    visit(ingress_spec.find_mutable("defaultBackend"));
    auto* rules = ingress_spec.find_mutable("rules");
    for (std::size_t i = 0; rules != nullptr && i < rules->size(); ++i) {
        auto* http = rules->item(i).is_map() ? rules->item(i).find_mutable("http") : nullptr;
        auto* paths = http != nullptr && http->is_map() ? http->find_mutable("paths") : nullptr;
        for (std::size_t k = 0; paths != nullptr && k < paths->size(); ++k)
            if (paths->item(k).is_map()) visit(paths->item(k).find_mutable("backend"));
    }
}

}  // namespace gitops::rollout
