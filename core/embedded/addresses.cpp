#include "core/embedded/addresses.hpp"

#include <algorithm>
#include <string>

#include "core/embedded/documents.hpp"
#include "core/base/error.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::int64_t k_first_host = 10;        ///< 10.96.0.10 is the first address given
constexpr std::int64_t k_hosts = 1 << 20;        ///< 10.96.0.0/12
constexpr std::int64_t k_first_node_port = 30000;
constexpr std::int64_t k_node_ports = 2768;      ///< up to 32767

std::string cluster_ip(std::int64_t host) {
    return "10." + std::to_string(96 + (host >> 16)) + "." + std::to_string((host >> 8) & 255) + "." +
           std::to_string(host & 255);
}

std::string port_name(std::int64_t port) { return "port " + std::to_string(port); }

std::optional<std::string> holder(ObjectStore& store, std::string_view address) {
    auto& query = store.prepared("SELECT uid FROM addresses WHERE address=?1").bind(1, address);
    std::optional<std::string> uid;
    if (query.step()) uid = query.text(0);
    query.reset();
    return uid;
}

/// The next free number of a pool, counted round; `name` turns it into the address that is looked up.
template <class Name>
std::int64_t next_free(ObjectStore& store, std::string_view pool, std::int64_t first, std::int64_t count, Name name) {
    std::int64_t start = store.setting(pool);
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t number = first + (start + i) % count;
        if (holder(store, name(number))) continue;
        store.set_setting(pool, (start + i + 1) % count);
        return number;
    }
    throw base::Error(base::Code::unavailable, "the cluster has no free address of the kind \"" + std::string(pool) + "\"");
}

void require_free(ObjectStore& store, std::string_view address, const Value& service, std::string_view field) {
    auto uid = holder(store, address);
    if (!uid || *uid == kube::uid_of(service)) return;
    throw base::Error(base::Code::invalid, kube::key_of(service).text() + ": " + std::string(field) + ": " +
                                               std::string(address) + " belongs to another Service");
}

bool wants_node_ports(const Value& spec) {
    std::string_view type = spec.text_at("type");
    return type == "NodePort" || type == "LoadBalancer";
}

std::int64_t live_node_port(const Value& live, const Value& port) {
    const Value* ports = live.path("spec", "ports");
    if (ports == nullptr) return 0;
    for (const Value& old : ports->items())
        if (int_or(old.find("port"), 0) == int_or(port.find("port"), 0) &&
            text_or(old.find("protocol"), "TCP") == text_or(port.find("protocol"), "TCP"))
            return int_or(old.find("nodePort"), 0);
    return 0;
}

void give_node_ports(ObjectStore& store, const Value& live, Value& service) {
    Value& spec = service.at("spec");
    const Value* ports = spec.find("ports");
    for (std::size_t i = 0; ports != nullptr && i < ports->size(); ++i, ports = spec.find("ports")) {
        const Value& port = ports->items()[i];
        std::int64_t number = int_or(port.find("nodePort"), 0);
        if (number != 0) {
            require_free(store, port_name(number), service, "spec.ports[" + std::to_string(i) + "].nodePort");
            continue;
        }
        number = live_node_port(live, port);
        if (number == 0)
            number = next_free(store, "node port", k_first_node_port, k_node_ports, port_name);
        spec.at("ports").item(i).set("nodePort", number);
    }
}

/// Every address and node port a Service holds.
std::vector<std::string> addresses_of(const Value& service) {
    std::vector<std::string> held;
    const Value* spec = service.find("spec");
    if (spec == nullptr) return held;
    if (std::string_view ip = spec->text_at("clusterIP"); !ip.empty() && ip != "None") held.emplace_back(ip);
    const Value* ports = spec->find("ports");
    for (const Value& port : ports == nullptr ? std::span<const Value>() : ports->items())
        if (std::int64_t number = int_or(port.find("nodePort"), 0); number != 0) held.push_back(port_name(number));
    return held;
}

void release(ObjectStore& store, std::string_view address) {
    store.prepared("DELETE FROM addresses WHERE address=?1").bind(1, address).run();
}

}  // namespace

void give_addresses(ObjectStore& store, const Value& live, Value& service) {
    Value& spec = service.at("spec");
    if (spec.text_at("type") == "ExternalName") return;
    if (spec.text_at("clusterIP").empty()) {
        const Value* kept = live.path("spec", "clusterIP");
        spec.set("clusterIP", kept != nullptr && !kept->text().empty()
                                  ? std::string(kept->text())
                                  : cluster_ip(next_free(store, "cluster address", k_first_host, k_hosts - k_first_host,
                                                         cluster_ip)));
    } else if (spec.text_at("clusterIP") != "None") {
        require_free(store, spec.text_at("clusterIP"), service, "spec.clusterIP");
    }
    if (!spec.has("clusterIPs")) spec.set("clusterIPs", Value::list({Value(spec.text_at("clusterIP"))}));
    if (!spec.has("ipFamilies")) spec.set("ipFamilies", Value::list({Value("IPv4")}));
    if (!spec.has("ipFamilyPolicy")) spec.set("ipFamilyPolicy", "SingleStack");
    if (wants_node_ports(spec)) give_node_ports(store, live, service);
}

void claim_addresses(ObjectStore& store, const Value& before, const Value& service) {
    std::vector<std::string> old = addresses_of(before), wanted = addresses_of(service);
    for (const std::string& address : old)
        if (std::ranges::find(wanted, address) == wanted.end()) release(store, address);
    for (const std::string& address : wanted)
        if (std::ranges::find(old, address) == old.end())
            store.prepared("INSERT OR REPLACE INTO addresses (address, uid) VALUES (?1, ?2)")
                .bind(1, address)
                .bind(2, kube::uid_of(service))
                .run();
}

void release_addresses(ObjectStore& store, const Value& service) {
    for (const std::string& address : addresses_of(service)) release(store, address);
}

}  // namespace gitops::embedded
