// Which rule judges a custom resource.
#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>
#include <vector>

#include "core/base/text.hpp"
#include "core/deliver/health/health_families.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

/// For kinds that nobody wrote a rule for. Argo CD says nothing of these; a tool that waits for what it applied, and
/// that shows what is broken, should not be blind to a condition every controller of the last years writes.
constexpr Clause k_conventional[] = {
    {"behind", k_waiting},
    {"Stalled=True", k_degraded},
    {"Ready|Available|Healthy|Synced|Succeeded|Accepted=False", k_degraded},
    {"Reconciling=True", k_waiting},
    {"Ready|Available|Healthy|Synced|Succeeded|Accepted=Unknown", k_waiting},
    {"Ready|Available|Healthy|Synced|Succeeded|Accepted=True", k_healthy},
};

struct GroupKind {
    std::string_view group, kind;
    bool operator==(const GroupKind&) const = default;
};
struct GroupKindHash {
    std::size_t operator()(const GroupKind& key) const {
        const std::hash<std::string_view> hash;
        return hash(key.group) * 31 + hash(key.kind);
    }
};

/// The rows of all families, by exact name first, then by wildcard, as Argo CD resolves its folders.
class RuleIndex {
  public:
    RuleIndex() {
        for (const auto family : {argo_rules(), delivery_rules(), secret_rules(), gateway_rules(), data_rules(), stream_rules(),
                                  cluster_rules(), hosting_rules(), workload_rules(), storage_rules(), cloud_rules(),
                                  observability_rules()})
            for (const auto& rule : family) add(rule);
    }

    const CustomRule* find(std::string_view group, std::string_view kind) const {
        if (const auto exact = m_exact.find({group, kind}); exact != m_exact.end()) return exact->second;
        const auto wild = std::find_if(m_wild.begin(), m_wild.end(), [&](const CustomRule* rule) {
            return rule->group.starts_with('*') ? group.ends_with(rule->group.substr(1)) : group == rule->group;
        });
        return wild == m_wild.end() ? nullptr : *wild;
    }

  private:
    void add(const CustomRule& rule) {
        if (rule.kinds == "*") m_wild.push_back(&rule);
        else
            for (const auto kind : base::split(rule.kinds, ' ')) m_exact.emplace(GroupKind{rule.group, kind}, &rule);
    }

    std::unordered_map<GroupKind, const CustomRule*, GroupKindHash> m_exact;
    std::vector<const CustomRule*> m_wild;
};

/// Built-in kinds without a rule of their own (nodes, namespaces, ...) have no health, whatever their conditions say.
bool is_builtin_group(std::string_view group) {
    return group.find('.') == std::string_view::npos || group.ends_with(".k8s.io");
}

}  // namespace

std::optional<Health> custom_health(const doc::Value& object) {
    static const RuleIndex k_index;
    const auto api_version = object.text_at("apiVersion");
    const auto slash = api_version.find('/');
    const auto group = slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
    if (const auto* known = k_index.find(group, object.text_at("kind")))
        return known->rule != nullptr ? known->rule(object) : judge_by(object, known->clauses);
    const auto* status = object.find("status");
    if (status == nullptr || !status->is_map() || status->empty() || is_builtin_group(group)) return std::nullopt;
    return judge_by(object, k_conventional);
}

}  // namespace gitops::deliver
