#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/deliver/plan.hpp"

namespace gitops::deliver {
namespace {

/// API groups whose kinds moved elsewhere: an id written before the move still names the object.
struct MovedGroup {
    std::string_view from, to;
};
constexpr std::array k_moved = {
    MovedGroup{"extensions", "apps"},   MovedGroup{"extensions", "networking.k8s.io"},
    MovedGroup{"extensions", "policy"}, MovedGroup{"", "events.k8s.io"},
};

bool same_group(std::string_view tracked, std::string_view group) {
    if (tracked == group) return true;
    return std::any_of(k_moved.begin(), k_moved.end(),
                       [&](const MovedGroup& moved) { return moved.from == tracked && moved.to == group; });
}

/// Takes the text before `separator` off the front of `rest`; nullopt when there is no separator.
std::optional<std::string_view> take(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return part;
}

}  // namespace

std::string tracking_id(std::string_view app, const kube::ResourceKey& key, std::string_view destination_namespace) {
    const std::string_view ns = key.ns.empty() ? destination_namespace : std::string_view(key.ns);
    return fmt::format("{}:{}/{}:{}/{}", app, key.group, key.kind, ns, key.name);
}

std::optional<std::string> tracked_by(const doc::Value& live) {
    auto rest = kube::annotation_of(live, k_tracking_annotation);
    const auto app = take(rest, ':');
    const auto group = take(rest, '/');
    const auto kind = take(rest, ':');
    const auto ns = take(rest, '/');
    if (!app || !group || !kind || !ns || app->empty()) return std::nullopt;
    const auto own_ns = kube::namespace_of(live);
    if (kind != kube::kind_of(live) || rest != kube::name_of(live)) return std::nullopt;
    if (!own_ns.empty() && *ns != own_ns) return std::nullopt;
    if (!same_group(*group, kube::gvk_of(live).group)) return std::nullopt;
    const auto* owners = live.path("metadata", "ownerReferences");
    if (owners != nullptr && !owners->empty()) return std::nullopt;
    return std::string(*app);
}

}  // namespace gitops::deliver
