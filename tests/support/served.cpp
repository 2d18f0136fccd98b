#include "tests/support/served.hpp"

#include <algorithm>

#include "core/base/clock.hpp"
#include "core/kube/resource.hpp"
#include "core/kube/selector.hpp"

namespace gitops::test {

namespace {

using doc::Value;

bool is_ready(const Value& pod) {
    const auto* conditions = pod.path("status", "conditions");
    if (conditions == nullptr || kube::is_being_deleted(pod)) return false;
    return std::ranges::any_of(conditions->items(), [](const Value& condition) {
        return condition.text_at("type") == "Ready" && condition.text_at("status") == "True";
    });
}

int weight_of(const Value& entry) {
    const auto* weight = entry.find("weight");
    return weight == nullptr ? 100 : static_cast<int>(weight->to_int().value_or(0));
}

std::vector<Backend> first_rule(const Value& route, const char* rules, const char* targets, std::initializer_list<const char*> name) {
    std::vector<Backend> backends;
    const auto* list = route.path("spec", rules);
    if (list == nullptr || list->empty()) return backends;
    const auto* entries = list->items().front().find(targets);
    if (entries == nullptr) return backends;
    for (const auto& entry : entries->items()) {
        const Value* node = &entry;
        for (const char* part : name) node = node == nullptr ? nullptr : node->find(part);
        backends.push_back({node == nullptr ? "" : std::string(node->text()), weight_of(entry)});
    }
    return backends;
}

std::string text_of(const Value* selector) {
    std::string text;
    if (selector == nullptr) return text;
    for (const auto& entry : selector->entries())
        text += (text.empty() ? "" : ",") + std::string(entry.name()) + "=" + std::string(entry.value.text());
    return text;
}

/// "" when it is served.
std::string look(kube::Cluster& cluster, const kube::ObjectRef& route, std::string& version) {
    const auto live = cluster.get(route);
    if (!live) return route.gvk.kind + " " + route.name + " is not there";
    version = kube::resource_version_of(*live);
    const auto pods = cluster.list({{"", "v1", "Pod"}, route.ns, ""});
    for (const auto& backend : backends_of(*live)) {
        if (backend.weight == 0) continue;
        const auto service = cluster.get({{"", "v1", "Service"}, route.ns, backend.service});
        if (!service) return "Service " + backend.service + " is not there";
        version += " " + std::string(kube::resource_version_of(*service));
        const auto* labels = service->path("spec", "selector");
        const auto selector = kube::Selector::from_value(labels == nullptr ? Value::map() : *labels);
        const bool found = std::ranges::any_of(pods, [&](const Value& pod) {
            const auto* own = pod.path("metadata", "labels");
            return own != nullptr && selector.matches(*own) && is_ready(pod);
        });
        if (!found) return backend.service + " (" + std::to_string(backend.weight) + " %) has no Pod that is ready: " + text_of(labels);
    }
    return "";
}

}  // namespace

std::vector<Backend> backends_of(const Value& route) {
    const auto kind = kube::kind_of(route);
    if (kind == "VirtualService") return first_rule(route, "http", "route", {"destination", "host"});
    if (kind == "HTTPRoute") return first_rule(route, "rules", "backendRefs", {"name"});
    return {{std::string(kube::name_of(route)), 100}};
}

std::string unserved(kube::Cluster& cluster, const kube::ObjectRef& route) {
    constexpr int k_looks = 5;
    std::string why, version;
    for (int i = 0; i < k_looks; ++i) {
        std::string seen;
        why = look(cluster, route, seen);
        // What was read is from several moments: it counts when nothing was switched since.
        if (why.empty() || seen == version) return why;
        version = std::move(seen);
    }
    return why;
}

Callers::Callers(std::shared_ptr<kube::Cluster> cluster, const kube::ObjectRef& route)
    : m_cluster(std::move(cluster)), m_route(route), m_thread([this](std::stop_token stop) { ask(std::move(stop)); }) {}

void Callers::ask(std::stop_token stop) {
    base::SystemClock clock;
    while (!stop.stop_requested()) {
        ++m_calls;
        try {
            if (auto why = unserved(*m_cluster, m_route); !why.empty()) m_unserved.push_back(base::to_rfc3339(clock.now()) + " " + why);
        } catch (const std::exception& error) {
            m_unserved.push_back(error.what());
        }
        clock.sleep_for(base::Duration(10), stop);
    }
}

std::vector<std::string> Callers::hang_up() {
    m_thread.request_stop();
    m_thread.join();
    return m_unserved;
}

}  // namespace gitops::test
