#include "core/backend/served.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "core/kube/resource.hpp"

namespace gitops::backend {

using doc::Value;

namespace {

constexpr std::size_t k_longest_name = 253;

std::span<const Value> some(const Value* list, std::size_t most) {
    if (list == nullptr) return {};
    return list->items().first(std::min(list->items().size(), most));
}

std::vector<std::string> read_verbs(const Value* list) {
    std::vector<std::string> verbs;
    for (const Value& verb : some(list, k_most_verbs))
        if (verb.is_string() && is_served_name(verb.text())) verbs.emplace_back(verb.text());
    return verbs;
}

void add_version(std::vector<std::string>& versions, std::string_view version) {
    if (is_served_name(version) && std::find(versions.begin(), versions.end(), version) == versions.end())
        versions.emplace_back(version);
}

kube::Scope scope_of(bool is_namespaced) { return is_namespaced ? kube::Scope::namespaced : kube::Scope::cluster; }

}  // namespace

bool ServedKind::can(std::string_view verb) const { return std::find(verbs.begin(), verbs.end(), verb) != verbs.end(); }

bool is_served_name(std::string_view text) {
    const auto fits = [](char c) {
        const bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return is_alnum || c == '.' || c == '-' || c == '_';
    };
    return !text.empty() && text.size() <= k_longest_name && text.front() != '.' &&
           std::all_of(text.begin(), text.end(), fits);
}

std::vector<ServedKind> read_kinds(const Value& list, const std::string& group, const std::string& version) {
    std::vector<ServedKind> kinds;
    for (const Value& entry : some(list.find("resources"), k_most_kinds)) {
        const std::string_view resource = entry.text_at("name"), kind = entry.text_at("kind");
        if (!is_served_name(resource) || !is_served_name(kind)) continue;  // a subresource has a slash
        const Value* namespaced = entry.find("namespaced");
        const kube::Scope scope = scope_of(namespaced != nullptr && namespaced->as_bool());
        kinds.push_back({{{group, version, std::string(kind)}, std::string(resource), scope}, read_verbs(entry.find("verbs"))});
    }
    return kinds;
}

std::vector<std::string> read_versions(const Value& group) {
    std::vector<std::string> versions;
    if (const Value* preferred = group.path("preferredVersion", "version")) add_version(versions, preferred->text());
    for (const Value& version : some(group.find("versions"), k_most_versions))
        add_version(versions, version.text_at("version"));
    return versions;
}

std::map<std::string, std::vector<std::string>> read_groups(const Value& list) {
    std::map<std::string, std::vector<std::string>> groups;
    if (list.text_at("kind") == "APIVersions") {
        for (const Value& version : some(list.find("versions"), k_most_versions))
            add_version(groups[""], version.text());
        return groups;
    }
    for (const Value& group : some(list.find("groups"), k_most_groups)) {
        const std::string_view name = group.text_at("name");
        if (is_served_name(name)) groups[std::string(name)] = read_versions(group);
    }
    return groups;
}

namespace {

std::vector<ServedKind> read_aggregated_kinds(const Value& said, const std::string& group, const std::string& version) {
    std::vector<ServedKind> kinds;
    for (const Value& entry : some(said.find("resources"), k_most_kinds)) {
        const std::string_view resource = entry.text_at("resource");
        const Value* kind = entry.path("responseKind", "kind");
        if (kind == nullptr || !is_served_name(resource) || !is_served_name(kind->text())) continue;
        const kube::Scope scope = scope_of(entry.text_at("scope") == "Namespaced");
        kinds.push_back({{{group, version, std::string(kind->text())}, std::string(resource), scope},
                         read_verbs(entry.find("verbs"))});
    }
    return kinds;
}

}  // namespace

std::vector<std::string> read_aggregated(const Value& list, base::Time now, Served& served) {
    std::vector<std::string> stale;
    for (const Value& item : some(list.find("items"), k_most_groups)) {
        const Value* name = item.path("metadata", "name");
        const std::string group(name == nullptr ? "" : name->text());
        if (!group.empty() && !is_served_name(group)) continue;
        ServedGroup found{now, {}};
        for (const Value& version : some(item.find("versions"), k_most_versions)) {
            const std::string text(version.text_at("version"));
            if (!is_served_name(text) || served.lists.size() >= k_most_lists) continue;
            add_version(found.versions, text);
            std::vector<ServedKind> kinds = read_aggregated_kinds(version, group, text);
            if (version.text_at("freshness") == "Stale") stale.push_back(kube::Gvk{group, text, ""}.api_version());
            if (kinds.empty()) continue;
            served.lists[{group, text}] = std::make_shared<ServedList>(ServedList{now, std::move(kinds)});
        }
        served.groups[group] = std::move(found);
    }
    return stale;
}

std::vector<kube::KindInfo> listable(const Served& served) {
    std::vector<kube::KindInfo> kinds;
    for (const auto& [group, info] : served.groups) {
        std::set<std::string_view> seen;
        const std::size_t first = kinds.size();
        for (const std::string& version : info.versions) {
            const auto list = served.lists.find({group, version});
            if (list == served.lists.end()) continue;
            for (const ServedKind& kind : list->second->kinds)
                if (kind.can("list") && seen.insert(kind.info.gvk.kind).second) kinds.push_back(kind.info);
        }
        std::sort(kinds.begin() + static_cast<std::ptrdiff_t>(first), kinds.end(),
                  [](const auto& a, const auto& b) { return a.gvk.kind < b.gvk.kind; });
    }
    return kinds;
}

}  // namespace gitops::backend
