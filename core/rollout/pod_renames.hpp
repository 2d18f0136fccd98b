// What is renamed in the pod template of a primary: references to configs, and selectors that mean the own pods.
#pragma once

#include <functional>
#include <string>

#include "core/rollout/workload.hpp"

namespace gitops::rollout {

/// One reference of a pod to a ConfigMap or Secret: the name for changing, its key ("configmap/web"), and whether the pod
/// starts without it.
struct ConfigPlace {
    doc::Value& name;
    std::string key;
    bool is_optional = false;
};
/// Every reference in volumes, projected volumes, and env and envFrom of containers and init containers.
void visit_configs(doc::Value& pod_spec, const std::function<void(const ConfigPlace&)>& visit);

/// The target's pod template as the primary has it.
doc::Value primary_template(const CanarySpec& spec, const doc::Value& target, const ConfigSums& tracked,
                            const ObjectRules& rules);

}  // namespace gitops::rollout
