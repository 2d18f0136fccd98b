#include "core/deliver/adoption.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/resource.hpp"
#include "core/kube/takeover.hpp"

namespace gitops::deliver {
namespace {

/// Managers that stand for somebody at a keyboard, or for nobody that will answer; each with its variants
/// ("kubectl-edit", "kubectl-patch", "gitopsctl-cli").
constexpr std::string_view k_hands[] = {"kubectl", "gitopsctl", "before-first-apply", "ancient-changes", "k9s", "Mozilla", "node-fetch", "OpenLens", "Lens", "dashboard", "oc"};

bool is_hand(std::string_view manager) {
    return std::ranges::any_of(k_hands, [&](std::string_view hand) {
        return manager.starts_with(hand) && (manager.size() == hand.size() || manager[hand.size()] == '-');
    });
}

std::vector<kube::Conflict> conflicts_of(const doc::Value& desired, const doc::Value& live, std::string_view manager) {
    try {
        return kube::server_side_apply(live, desired, manager, kube::OnConflict::fail, base::Time{}).conflicts;
    } catch (const base::Error&) {
        return {};  // a newer schema than ours: whether the object is valid is the cluster's to say
    }
}

}  // namespace

std::optional<doc::Value> adopted_fields(const doc::Value& desired, const doc::Value& live, std::string_view manager,
                                         ClientSideFields fields) {
    if (fields == ClientSideFields::leave) return std::nullopt;
    const auto also = kube::annotation_of(desired, k_migration_manager_annotation);
    return kube::adopt_fields(live, kube::client_side_appliers(live, also), manager);
}

std::vector<std::string> takings(const doc::Value& desired, const doc::Value& live, std::string_view manager) {
    if (live.is_null()) return {};
    std::map<std::string, std::vector<std::string>> taken;
    for (auto& conflict : conflicts_of(desired, live, manager))
        if (!is_hand(conflict.manager)) taken[conflict.manager].push_back(std::move(conflict.path));
    std::vector<std::string> sentences;
    for (const auto& [owner, paths] : taken)
        sentences.push_back(fmt::format("takes {} from {}; if that is to decide, leave it out of Git or put it under ignoreDifferences",
                                        base::join(paths, ", "), owner));
    return sentences;
}

}  // namespace gitops::deliver
