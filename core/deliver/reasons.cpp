#include "core/deliver/reasons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/health/health_rules.hpp"
#include "core/deliver/pod_trouble.hpp"
#include "core/deliver/warnings.hpp"
#include "core/kube/selector.hpp"

namespace gitops::deliver {
namespace {

const kube::Gvk k_pod{"", "v1", "Pod"};
const kube::Gvk k_event{"", "v1", "Event"};

bool is_pod(const doc::Value& object) { return kube::kind_of(object) == "Pod" && object.text_at("apiVersion") == "v1"; }

/// Anything that makes Pods from a template, custom resources included.
bool makes_pods(const doc::Value& object) {
    return object.path("spec", "selector") != nullptr && object.path("spec", "template") != nullptr;
}

bool is_unwell(const doc::Value& object) {
    const auto health = health_of(object);
    return health && (health->status == HealthStatus::progressing || health->status == HealthStatus::degraded);
}

/// A ReplicaSet's name is its owner's and a hash: "web-6d4cf56db6" is one of "web", "web-api-6d4cf56db6" is not.
bool is_child_name(std::string_view name, std::string_view owner) {
    return name.size() > owner.size() + 1 && name.starts_with(owner) && name[owner.size()] == '-' &&
           name.find('-', owner.size() + 1) == std::string_view::npos;
}

/// By the Pod's owner; the selector alone may fit Pods of others.
bool is_owned_by(const doc::Value& pod, const doc::Value& workload) {
    const auto* owners = pod.path("metadata", "ownerReferences");
    if (owners == nullptr || owners->empty()) return true;
    return std::ranges::any_of(owners->items(), [&](const doc::Value& owner) {
        if (owner.text_at("uid") == kube::uid_of(workload)) return true;
        return owner.text_at("kind") == "ReplicaSet" && is_child_name(owner.text_at("name"), kube::name_of(workload));
    });
}

/// "app=web,tier=front" for plain labels; "" for a selector that says more.
std::string selector_text(const doc::Value& selector) {
    const auto* labels = selector.find("matchLabels");
    if (labels == nullptr || selector.size() != 1) return {};
    std::vector<std::string> terms;
    for (const auto& label : labels->entries()) terms.push_back(fmt::format("{}={}", label.name(), label.value.text()));
    return base::join(terms, ",");
}

/// An explanation is a courtesy: what cannot be read explains nothing.
std::vector<doc::Value> list_or_nothing(kube::Cluster& cluster, const kube::ListQuery& query) {
    try {
        return cluster.list(query);
    } catch (const base::Error&) {
        return {};
    }
}

/// One namespace's unwell objects.
class Inquiry {
  public:
    Inquiry(kube::Cluster& cluster, std::string ns, std::vector<const doc::Value*> objects)
        : m_cluster(cluster), m_ns(std::move(ns)), m_objects(std::move(objects)) {}

    void run(std::map<kube::ResourceKey, std::string>& reasons) {
        read_pods();
        for (const auto* object : m_objects)
            if (auto reason = reason_of(*object); !reason.empty()) reasons.insert_or_assign(kube::key_of(*object), std::move(reason));
    }

  private:
    void read_pods() {
        std::vector<const doc::Value*> makers;
        std::ranges::copy_if(m_objects, std::back_inserter(makers), [](const auto* object) { return makes_pods(*object); });
        if (makers.empty()) return;
        const auto selector = makers.size() == 1 ? selector_text(*makers.front()->path("spec", "selector")) : std::string();
        m_pods = list_or_nothing(m_cluster, {k_pod, m_ns, selector});
        std::erase_if(m_pods, [](const doc::Value& pod) { return !is_in_trouble(pod); });
        std::ranges::sort(m_pods, {}, [](const doc::Value& pod) { return kube::name_of(pod); });
    }

    const Warnings& warnings() {
        if (!m_warnings) m_warnings.emplace(list_or_nothing(m_cluster, {k_event, m_ns, ""}));
        return *m_warnings;
    }

    std::string reason_of(const doc::Value& object) {
        if (is_pod(object)) return pod_reason(object).text;
        const auto failure = find_condition(object, "ReplicaFailure");
        if (failure && failure->is_true()) return reason_and_message(failure->reason, failure->message);
        if (auto reason = makes_pods(object) ? reason_by_pods(object) : std::string(); !reason.empty()) return reason;
        // Older warnings than its last progress say nothing about where it stands now.
        const auto progress = find_progress(object);
        if (auto reason = warnings().about(object, progress); !reason.empty()) return reason;
        const auto is_child = [&](std::string_view name) { return is_child_name(name, kube::name_of(object)); };
        return makes_pods(object) ? warnings().about_any("ReplicaSet", is_child, progress) : std::string();
    }

    static std::string_view find_progress(const doc::Value& object) {
        for (const auto& condition : conditions_of(object).items())
            if (condition.text_at("type") == "Progressing") return condition.text_at("lastUpdateTime");
        return {};
    }

    /// By the Pod's status, else by the last warning about it: probes, mounts and the scheduler speak there.
    PodTrouble pod_reason(const doc::Value& pod) {
        auto trouble = pod_trouble(pod);
        if (trouble.text.empty()) trouble.text = warnings().about(pod);
        return trouble;
    }

    std::string reason_by_pods(const doc::Value& workload) {
        const auto selector = selector_of(workload);
        if (!selector || selector->empty()) return {};
        const doc::Value* worst = nullptr;
        PodTrouble told;
        std::size_t others = 0;
        for (const auto& pod : m_pods) {
            const auto* labels = pod.path("metadata", "labels");
            if (!selector->matches(labels == nullptr ? doc::Value() : *labels) || !is_owned_by(pod, workload)) continue;
            auto trouble = pod_reason(pod);
            if (trouble.text.empty()) continue;
            if (worst != nullptr) ++others;
            if (worst != nullptr && trouble.gravity >= told.gravity) continue;
            worst = &pod;
            told = std::move(trouble);
        }
        if (worst == nullptr) return {};
        const auto more = others == 0 ? std::string() : fmt::format(" (and {})", base::count_of(others, "other Pod"));
        return fmt::format("Pod {}: {}{}", kube::name_of(*worst), told.text, more);
    }

    static std::optional<kube::Selector> selector_of(const doc::Value& workload) {
        try {
            return kube::Selector::from_value(*workload.path("spec", "selector"));
        } catch (const base::Error&) {
            return std::nullopt;  // a custom resource may mean something else by it
        }
    }

    kube::Cluster& m_cluster;
    std::string m_ns;
    std::vector<const doc::Value*> m_objects;
    std::vector<doc::Value> m_pods;
    std::optional<Warnings> m_warnings;
};

/// "ImagePullBackOff" of "Pod web-7d9-x2x: ImagePullBackOff: Back-off pulling image ...": what a message that says the
/// same in other words has in it, too.
std::string_view gist_of(std::string_view reason) {
    if (reason.starts_with("Pod ")) reason.remove_prefix(std::min(reason.size(), reason.find(": ") + 2));
    return reason.substr(0, reason.find(": "));
}

/// The message of "BackoffLimitExceeded: Job has reached ...": a Job's condition says the same without the label. Cut off
/// where it was shortened; "" for a reason without a message.
std::string_view words_of(std::string_view reason) {
    const auto colon = reason.find(": ");
    if (colon == std::string_view::npos) return {};
    reason.remove_prefix(colon + 2);
    if (reason.ends_with("...")) reason.remove_suffix(3);
    return reason;
}

}  // namespace

bool tells(std::string_view message, std::string_view reason) {
    const auto words = words_of(reason);
    return message.find(gist_of(reason)) != std::string_view::npos || (!words.empty() && message.find(words) != std::string_view::npos);
}

std::map<kube::ResourceKey, std::string> explain(kube::Cluster& cluster, const std::vector<doc::Value>& objects) {
    std::map<std::string, std::vector<const doc::Value*>> by_namespace;
    for (const auto& object : objects)
        if (const auto ns = kube::namespace_of(object); !ns.empty() && is_unwell(object)) by_namespace[std::string(ns)].push_back(&object);
    std::map<kube::ResourceKey, std::string> reasons;
    for (auto& [ns, unwell] : by_namespace) Inquiry(cluster, ns, std::move(unwell)).run(reasons);
    return reasons;
}

Health with_reason(Health health, const kube::ResourceKey& key, const std::string& reason) {
    if (reason.empty() || tells(health.message, reason)) return health;
    // A Pod's own message is made of the same words.
    const bool says_it = health.message.empty() || (key.kind == "Pod" && key.group.empty());
    health.message = says_it ? reason : fmt::format("{} ({})", health.message, reason);
    return health;
}

}  // namespace gitops::deliver
