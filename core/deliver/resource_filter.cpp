#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/base/text.hpp"
#include "core/deliver/plan.hpp"

namespace gitops::deliver {
namespace {

bool part_matches(const std::string& pattern, const std::string& text) {
    return pattern.empty() || pattern == text || base::glob_match(pattern, text, base::GlobMode::name);
}

bool matches(const ResourceFilter& filter, const kube::ResourceKey& key) {
    const bool same_group = filter.group.empty() ? key.group.empty() : part_matches(filter.group, key.group);
    return same_group && part_matches(filter.kind, key.kind) && part_matches(filter.ns, key.ns) &&
           part_matches(filter.name, key.name);
}

}  // namespace

ResourceFilter parse_resource_filter(std::string_view text) {
    ResourceFilter filter;
    auto rest = base::trim(text);
    if (rest.starts_with('!')) {
        filter.exclude = true;
        rest.remove_prefix(1);
    }
    const auto first = rest.find(':');
    const auto second = first == std::string_view::npos ? first : rest.find(':', first + 1);
    if (second == std::string_view::npos)
        throw base::Error(base::Code::invalid, fmt::format("resource filter \"{}\" is not GROUP:KIND:NAME", text))
            .hint("write for example apps:Deployment:web, :Service:* for the core group, or !*:Secret:* to exclude");
    filter.group = rest.substr(0, first);
    filter.kind = rest.substr(first + 1, second - first - 1);
    auto name = rest.substr(second + 1);  // may hold ':' itself, as names of RBAC objects do
    if (const auto slash = name.find('/'); slash != std::string_view::npos) {
        filter.ns = name.substr(0, slash);
        name.remove_prefix(slash + 1);
    }
    filter.name = name;
    return filter;
}

bool selected(const std::vector<ResourceFilter>& filters, const kube::ResourceKey& key) {
    bool any_including = false, included = false;
    for (const auto& filter : filters) {
        const bool hit = matches(filter, key);
        if (filter.exclude && hit) return false;
        if (filter.exclude) continue;
        any_including = true;
        included = included || hit;
    }
    return included || !any_including;
}

}  // namespace gitops::deliver
