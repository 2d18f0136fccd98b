#include "core/embedded/bootstrap.hpp"

#include "core/embedded/documents.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_furnished = "furnished";

Value namespace_object(std::string_view name) {
    return map_of({{"apiVersion", "v1"},
                   {"kind", "Namespace"},
                   {"metadata", map_of({{"name", name}, {"labels", map_of({{"kubernetes.io/metadata.name", name}})}})},
                   {"spec", map_of({{"finalizers", Value::list({Value("kubernetes")})}})},
                   {"status", map_of({{"phase", "Active"}})}});
}

Value node_object(base::Time at) {
    Value status = map_of({{"capacity", map_of({{"cpu", "8"}, {"memory", "32Gi"}, {"pods", "1000"}})},
                           {"allocatable", map_of({{"cpu", "8"}, {"memory", "32Gi"}, {"pods", "1000"}})}});
    set_condition(status, {"Ready", "True", "KubeletReady", "the simulated node is ready"}, at);
    return map_of({{"apiVersion", "v1"},
                   {"kind", "Node"},
                   {"metadata", map_of({{"name", "local-node"},
                                        {"labels", map_of({{"kubernetes.io/hostname", "local-node"},
                                                           {"kubernetes.io/os", "linux"}})}})},
                   {"spec", Value::map()},
                   {"status", std::move(status)}});
}

}  // namespace

bool is_furnished(ObjectStore& store) { return store.setting(k_furnished) != 0; }

void furnish(World& world) {
    if (is_furnished(world.store)) return;  // another process was quicker
    world.store.set_setting(k_furnished, 1);
    for (std::string_view name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
        add_object(world, {"", "Namespace", "", std::string(name)}, namespace_object(name));
        add_default_account(world, name);
    }
    add_object(world, {"", "Node", "", "local-node"}, node_object(world.at));
}

void add_default_account(World& world, std::string_view ns) {
    kube::ResourceKey key{"", "ServiceAccount", std::string(ns), "default"};
    if (world.store.find(key)) return;
    add_object(world, key,
               map_of({{"apiVersion", "v1"},
                       {"kind", "ServiceAccount"},
                       {"metadata", map_of({{"name", "default"}, {"namespace", ns}})}}));
}

}  // namespace gitops::embedded
