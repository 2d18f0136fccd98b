// What the platform around workloads does: namespaces, volumes, load balancers, and kinds that become available.
#include "core/embedded/bootstrap.hpp"
#include "core/embedded/documents.hpp"
#include "core/embedded/simulation.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// An address in 192.0.2.0/24 (RFC 5737: for examples), the same one for the same object.
std::string balancer_address(const Row& row) {
    unsigned sum = 0;
    for (unsigned char byte : kube::uid_of(row.object)) sum = sum * 31 + byte;
    return "192.0.2." + std::to_string(1 + sum % 254);
}

/// Gives the object an address as soon as one Pod start has passed since it was made.
void give_balancer(World& world, Row& row, Value entry) {
    base::Time when = row.since + world.scenario.pod_start;
    if (world.at < when) {
        world.timers.wake(row, when);
        return;
    }
    Value status = copy_or_null(row.object.find("status"));
    const Value* given = status.path("loadBalancer", "ingress");
    if (given != nullptr && !given->empty()) return;
    status.set("loadBalancer", map_of({{"ingress", Value::list({std::move(entry)})}}));
    set_status(world, row, std::move(status));
}

}  // namespace

void simulate_namespace(World& world, Row& row) {
    if (kube::is_being_deleted(row.object)) empty_namespace(world, row);
    else add_default_account(world, row.key.name);
}

void simulate_claim(World& world, Row& row) {
    if (row.object.path("spec") == nullptr || text_or(row.object.path("status", "phase"), "Pending") != "Pending") return;
    Value spec = *row.object.find("spec");
    if (!spec.has("volumeName")) spec.set("volumeName", "pvc-" + std::string(kube::uid_of(row.object)));
    row.object.set("spec", spec);
    Value status = map_of({{"phase", "Bound"}});
    if (const Value* modes = spec.find("accessModes")) status.set("accessModes", *modes);
    if (const Value* amount = spec.path("resources", "requests")) status.set("capacity", *amount);
    set_status(world, row, std::move(status));
}

void simulate_service(World& world, Row& row) {
    if (text_or(row.object.path("spec", "type"), "ClusterIP") == "LoadBalancer") {
        give_balancer(world, row, map_of({{"ip", balancer_address(row)}, {"ipMode", "VIP"}}));
    } else {
        set_status(world, row, map_of({{"loadBalancer", Value::map()}}));
    }
}

void simulate_ingress(World& world, Row& row) { give_balancer(world, row, map_of({{"ip", balancer_address(row)}})); }

void simulate_definition(World& world, Row& row) {
    Value status = copy_or_null(row.object.find("status"));
    set_condition(status, {"NamesAccepted", "True", "NoConflicts", "no other kind has these names"}, world.at);
    set_condition(status, {"Established", "True", "InitialNamesAccepted", "the kind is served"}, world.at);
    status.set("acceptedNames", copy_or_null(row.object.path("spec", "names")));
    Value stored = Value::list();
    if (const Value* versions = row.object.path("spec", "versions"))
        for (const Value& version : versions->items())
            if (const Value* storage = version.find("storage"); storage != nullptr && storage->as_bool())
                stored.push_back(version.text_at("name"));
    status.set("storedVersions", std::move(stored));
    set_status(world, row, std::move(status));
}

void simulate_api_service(World& world, Row& row) {
    Value status = copy_or_null(row.object.find("status"));
    set_condition(status, {"Available", "True", "Passed", "all checks passed"}, world.at);
    set_status(world, row, std::move(status));
}

}  // namespace gitops::embedded
