#include "core/deliver/applicable.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/base/digest.hpp"
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
    secret.erase("stringData");
    if (!texts.is_map() || texts.empty()) return;
    if (const auto* data = secret.find("data"); data == nullptr || !data->is_map()) secret.set("data", doc::Value::map());
    for (const auto& entry : texts.entries())
        secret.at("data").set(entry.name(), base::base64_encode(entry.value.text()));
}

bool is_aggregated(const doc::Value& object) {
    return object.text_at("kind") == "ClusterRole" && object.has("aggregationRule");
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
    // The cluster gathers the rules from other roles; what Git writes there is a placeholder.
    if (is_aggregated(object)) object.erase("rules");
    return object;
}

doc::Value comparable_live(const doc::Value& live) {
    auto object = live;
    if (!object.is_map()) return object;
    erase_server_fields(object);
    if (kube::annotation_of(object, k_last_applied).empty()) return object;
    auto& metadata = *object.find_mutable("metadata");
    metadata.at("annotations").erase(k_last_applied);
    if (metadata.at("annotations").empty()) metadata.erase("annotations");
    return object;
}

}  // namespace gitops::deliver
