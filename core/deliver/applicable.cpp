#include "core/deliver/applicable.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/doc/json.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

constexpr std::array<std::string_view, 8> k_server_metadata = {
    "uid",           "resourceVersion", "generation",        "creationTimestamp",
    "managedFields", "selfLink",        "deletionTimestamp", "deletionGracePeriodSeconds",
};
constexpr std::string_view k_last_applied = "kubectl.kubernetes.io/last-applied-configuration";

void erase_server_fields(doc::Value& object) {
    object.erase("status");
    const auto* metadata = object.find("metadata");
    if (metadata == nullptr || !metadata->is_map()) return;
    const bool any = std::any_of(k_server_metadata.begin(), k_server_metadata.end(),
                                 [&](std::string_view field) { return metadata->has(field); });
    if (!any) return;
    auto& own = *object.find_mutable("metadata");
    for (const auto field : k_server_metadata) own.erase(field);
}

bool is_secret(const doc::Value& object) {
    return object.text_at("kind") == "Secret" && object.text_at("apiVersion") == "v1";
}

/// The server stores base64 without line breaks, however it was written.
std::optional<std::string> respelled(const doc::Value& value) {
    if (!value.is_string() || value.text().find_first_of(" \r\n\t") == std::string_view::npos) return std::nullopt;
    const auto bytes = base::base64_decode(value.text());
    return bytes ? std::optional(base::base64_encode(*bytes)) : std::nullopt;
}

void fold_secret(doc::Value& secret) {
    if (const auto* data = secret.find("data"); data != nullptr && data->is_map()) {
        const auto entries = doc::Value(*data);  // keeps the entries alive while the object changes
        for (const auto& entry : entries.entries())
            if (auto text = respelled(entry.value)) secret.at("data").set(entry.name(), *text);
    }
    const auto* plain = secret.find("stringData");
    if (plain == nullptr) return;
    const auto texts = doc::Value(*plain);
    const auto is_text = [](const doc::Entry& entry) { return entry.value.is_string() || entry.value.is_null(); };
    const bool is_foldable = texts.is_null() || (texts.is_map() && std::ranges::all_of(texts.entries(), is_text));
    if (!is_foldable) return;  // the cluster says what is wrong with it
    secret.erase("stringData");
    if (texts.empty()) return;
    if (const auto* data = secret.find("data"); data == nullptr || !data->is_map()) secret.set("data", doc::Value::map());
    for (const auto& entry : texts.entries())
        secret.at("data").set(entry.name(), base::base64_encode(entry.value.text()));
}

bool is_aggregated(const doc::Value& object) {
    return object.text_at("kind") == "ClusterRole" && object.has("aggregationRule");
}

bool has_no_rules(const doc::Value& role) {
    const auto* rules = role.find("rules");
    return rules != nullptr && (rules->is_null() || (rules->is_list() && rules->empty()));
}

doc::Value sorted(const doc::Value& list) {
    std::vector<std::pair<std::string, doc::Value>> items;
    for (const auto& item : list.items()) items.emplace_back(doc::write_json(item, doc::JsonLayout::compact, doc::JsonKeys::sorted), item);
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    auto out = doc::Value::list();
    for (auto& item : items) out.push_back(std::move(item.second));
    return out;
}

/// Endpoints are sets that a controller writes in any order (argocd.md 3).
doc::Value sorted_subsets(const doc::Value& subsets) {
    auto out = doc::Value::list();
    for (auto subset : subsets.items()) {
        if (!subset.is_map()) return subsets;
        for (const std::string_view name : {"addresses", "notReadyAddresses", "ports"}) {
            auto* list = subset.find_mutable(name);
            if (list == nullptr || !list->is_list()) continue;
            for (std::size_t i = 0; name == "ports" && i < list->size(); ++i)
                if (list->items()[i].is_map() && !list->items()[i].has("protocol")) list->item(i).set("protocol", "TCP");
            *list = sorted(*list);
        }
        out.push_back(std::move(subset));
    }
    return sorted(out);
}

}  // namespace

doc::Value applicable(const doc::Value& manifest) {
    auto object = manifest;
    if (!object.is_map()) return object;
    erase_server_fields(object);
    if (is_secret(object)) fold_secret(object);
    return kube::with_list_keys(object);
}

doc::Value comparable_desired(const doc::Value& desired, const doc::Value& live) {
    auto object = applicable(desired);
    const auto ns = kube::namespace_of(live);
    if (!ns.empty() && kube::namespace_of(object).empty()) kube::set_namespace(object, ns);
    // The cluster gathers the rules from other roles; an empty list in Git is a placeholder.
    if (is_aggregated(object) && has_no_rules(object)) object.erase("rules");
    return object;
}

doc::Value comparable_live(const doc::Value& live) {
    auto object = live;
    if (!object.is_map()) return object;
    erase_server_fields(object);
    if (const auto* subsets = object.find("subsets"); subsets != nullptr && object.text_at("kind") == "Endpoints")
        object.set("subsets", sorted_subsets(*subsets));
    if (kube::annotation_of(object, k_last_applied).empty()) return object;
    auto& metadata = *object.find_mutable("metadata");
    metadata.at("annotations").erase(k_last_applied);
    if (metadata.at("annotations").empty()) metadata.erase("annotations");
    return object;
}

}  // namespace gitops::deliver
