#include "core/app/resource_scope.hpp"

#include <algorithm>

#include "core/app/destination.hpp"
#include "core/app/settings.hpp"
#include "core/base/glob.hpp"

namespace gitops::app {
namespace {

bool any_matches(const std::vector<std::string>& patterns, const std::string& text) {
    return patterns.empty() || std::ranges::any_of(patterns, [&](const auto& pattern) {
               return pattern == text || base::glob_match(pattern, text, base::GlobMode::name);
           });
}

/// A rule about particular clusters: the address of a server is in a kubeconfig, which is not read without need.
bool names_clusters(const ResourceScope& scope) {
    const auto particular = [](const ResourceRule& rule) { return !rule.clusters.empty() && rule.clusters.front() != "*"; };
    return std::ranges::any_of(scope.exclusions, particular) || std::ranges::any_of(scope.inclusions, particular);
}

}  // namespace

ClusterScope::ClusterScope(const Services& services, const ClusterRow& row) : m_settings(services.settings), m_names{row.name} {
    if (!m_settings || !names_clusters(m_settings->scope)) return;
    if (row.kind == "embedded") m_names.emplace_back(k_own_server);
    else if (services.server_of) m_names.push_back(services.server_of(row));
}

std::optional<std::string> ClusterScope::excluded_by(const std::string& group, const std::string& kind) const {
    if (!m_settings) return std::nullopt;
    const auto& scope = m_settings->scope;
    const auto fits = [&](const ResourceRule& rule) { return matches(rule, group, kind); };
    if (std::ranges::any_of(scope.exclusions, fits)) return "resource.exclusions";
    if (!scope.inclusions.empty() && std::ranges::none_of(scope.inclusions, fits)) return "resource.inclusions";
    return std::nullopt;
}

bool ClusterScope::matches(const ResourceRule& rule, const std::string& group, const std::string& kind) const {
    return any_matches(rule.groups, group) && any_matches(rule.kinds, kind) &&
           std::ranges::any_of(m_names, [&](const auto& name) { return any_matches(rule.clusters, name); });
}

}  // namespace gitops::app
