#include "core/rollout/revision.hpp"

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::size_t k_revision_length = 10;
constexpr std::size_t k_digest_length = 12;
constexpr std::size_t k_most_images = 4;

/// Without members that say nothing.
Value pruned(const Value& value) {
    if (value.is_map()) {
        auto map = Value::map();
        for (const auto& entry : value.entries()) {
            auto inner = pruned(entry.value);
            const bool is_empty = inner.is_null() || ((inner.is_map() || inner.is_list()) && inner.empty());
            if (!is_empty) map.set(entry.name(), std::move(inner));
        }
        return map;
    }
    if (!value.is_list()) return value;
    auto list = Value::list();
    for (const auto& item : value.items()) list.push_back(pruned(item));
    return list;
}

void erase_marks(Value& pods) {
    if (!pods.is_map()) return;
    if (pods.path("metadata", "labels") != nullptr) {
        auto& labels = pods.at("metadata").at("labels");
        for (const auto& [key, text] : texts_of(&labels))
            if (key.starts_with(k_own_prefix)) labels.erase(key);
    }
    if (pods.path("metadata", "annotations", "flagger-id") != nullptr) pods.at("metadata").at("annotations").erase("flagger-id");
    if (pods.path("spec", "nodeSelector", k_scale_to_zero) != nullptr) pods.at("spec").at("nodeSelector").erase(k_scale_to_zero);
}

const Value* containers_of(const Value& workload) { return workload.path("spec", "template", "spec", "containers"); }

std::string_view image_in(const Value& workload, std::string_view container) {
    const auto* containers = containers_of(workload);
    if (containers == nullptr) return {};
    for (const auto& item : containers->items())
        if (item.text_at("name") == container) return item.text_at("image");
    return {};
}

std::string short_image(std::string_view image) {
    const auto at = image.find("@sha256:");
    if (at == std::string_view::npos) return std::string(image);
    return std::string(image.substr(0, at + std::string_view("@sha256:").size() + k_digest_length));
}

}  // namespace

std::string template_revision(const Value& target, const ConfigSums& tracked) {
    const auto* source = kube::kind_of(target) == "Service" ? target.find("spec") : target.path("spec", "template");
    auto hashed = source == nullptr ? Value() : *source;
    erase_marks(hashed);
    auto text = doc::write_json(pruned(hashed), doc::JsonLayout::compact, doc::JsonKeys::sorted);
    for (const auto& [key, sum] : tracked) text += "\n" + key + "=" + sum;
    return base::sha256_hex(text).substr(0, k_revision_length);
}

std::string describe_revision(const Value& target, const Value* other) {
    const auto* containers = containers_of(target);
    if (containers == nullptr || containers->empty()) return {};
    std::vector<std::string> images;
    for (const auto& container : containers->items()) {
        const auto image = container.text_at("image");
        const bool differs = other != nullptr && image_in(*other, container.text_at("name")) != image;
        if (differs && images.size() < k_most_images) images.push_back(short_image(image));
    }
    if (images.empty()) return short_image(containers->items().front().text_at("image"));
    return base::join(images, ", ");
}

}  // namespace gitops::rollout
