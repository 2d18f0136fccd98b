// What an API server said it serves, and how its four ways of saying so are read. The server is not trusted: names that
// could leave their place in a path and everything beyond the limits are left out.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::backend {

inline constexpr std::size_t k_most_groups = 2'000;
inline constexpr std::size_t k_most_versions = 50;     ///< of a group
inline constexpr std::size_t k_most_kinds = 5'000;     ///< of a group in one version
inline constexpr std::size_t k_most_lists = 5'000;     ///< groups times versions
inline constexpr std::size_t k_most_verbs = 30;

/// A kind as the server serves it.
struct ServedKind {
    kube::KindInfo info;  ///< with a version the server has
    std::vector<std::string> verbs;
    bool can(std::string_view verb) const;
};

/// The kinds of a group in one version.
struct ServedList {
    base::Time read;
    std::vector<ServedKind> kinds;  ///< none: the server does not serve it
};

struct ServedGroup {
    base::Time read;
    std::vector<std::string> versions;  ///< the preferred one first, then in the server's order; none: not served
};

/// Everything known of one server.
struct Served {
    std::map<std::string, ServedGroup, std::less<>> groups;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const ServedList>> lists;  ///< by group and version
    std::optional<base::Time> complete;  ///< when all groups were read
    std::vector<std::string> broken;     ///< "metrics.k8s.io/v1beta1": what did not answer then
};

/// True for what may stand in a path as it is: letters, digits, '.', '-' and '_'.
bool is_served_name(std::string_view text);

/// An APIResourceList; subresources are left out.
std::vector<ServedKind> read_kinds(const doc::Value& list, const std::string& group, const std::string& version);
/// An APIGroup.
std::vector<std::string> read_versions(const doc::Value& group);
/// An APIGroupList, or the APIVersions of the core group.
std::map<std::string, std::vector<std::string>> read_groups(const doc::Value& list);
/// An APIGroupDiscoveryList (apidiscovery.k8s.io/v2 and v2beta1) into `served`; returns what it calls stale.
std::vector<std::string> read_aggregated(const doc::Value& list, base::Time now, Served& served);

/// Every kind that can be listed, in the first version of its group that has it; by group and kind.
std::vector<kube::KindInfo> listable(const Served& served);

}  // namespace gitops::backend
