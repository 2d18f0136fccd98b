#include "core/kube/secrets.hpp"

#include <algorithm>
#include <map>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/doc/json.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

constexpr std::string_view k_last_applied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::size_t k_first_mask = 8, k_mask_step = 4;

/// Gives every different value of one key its own run of '+'.
class Masks {
  public:
    std::string mask(std::string_view key, const std::string& content) {
        auto& seen = m_seen[std::string(key)];
        auto [found, fresh] = seen.emplace(content, k_first_mask + k_mask_step * seen.size());
        return std::string(found->second, '+');
    }

  private:
    std::map<std::string, std::map<std::string, std::size_t>> m_seen;
};

bool is_secret(const Value& object) { return kind_of(object) == "Secret" && object.text_at("apiVersion") == "v1"; }

/// What a value means, so that the same secret under data and under stringData gets the same mask.
std::string meaning(std::string_view section, const Value& value) {
    if (!value.is_string()) return "\x01" + write_json(value);
    const auto decoded = section == "data" ? base::base64_decode(value.text()) : std::nullopt;
    return decoded ? *decoded : std::string(value.text());
}

void mask_sections(Value& secret, Masks& masks) {
    for (const std::string_view section : {"data", "stringData"}) {
        const Value* found = secret.find(section);
        if (found == nullptr || found->is_null()) continue;
        if (!found->is_map()) {
            secret.set(section, masks.mask(section, meaning(section, *found)));
            continue;
        }
        Value masked = *found;
        for (const auto& entry : found->entries()) masked.set(entry.name(), masks.mask(entry.name(), meaning(section, entry.value)));
        secret.set(section, masked);
    }
}

void mask_annotations(Value& secret, const AnnotationKeys& keys, Masks& masks) {
    if (keys == nullptr) return;
    for (const auto& key : *keys) {
        const Value* annotations = secret.path("metadata", "annotations");
        const Value* found = annotations == nullptr ? nullptr : annotations->find(key);
        if (found != nullptr && !found->is_null()) set_annotation(secret, key, masks.mask(key, meaning("", *found)));
    }
}

std::string mask_last_applied(std::string_view text, const AnnotationKeys& keys, Masks& masks) {
    try {
        Value object = doc::read_json(text);
        if (object.is_map()) {
            mask_sections(object, masks);
            mask_annotations(object, keys, masks);
            return doc::write_json(object);
        }
    } catch (const base::Error&) {
        // Nobody can tell which part of it is secret.
    }
    return masks.mask(k_last_applied, std::string(text));
}

}  // namespace

std::vector<Value> mask_secrets(std::vector<Value> versions_of_one_object) {
    return mask_secrets(std::move(versions_of_one_object), nullptr);
}

std::vector<Value> mask_secrets(std::vector<Value> versions_of_one_object, const AnnotationKeys& annotations) {
    Masks masks;
    for (Value& object : versions_of_one_object) {
        if (!is_secret(object)) continue;
        mask_sections(object, masks);
        const std::string last_applied(annotation_of(object, k_last_applied));
        if (!last_applied.empty()) set_annotation(object, k_last_applied, mask_last_applied(last_applied, annotations, masks));
        mask_annotations(object, annotations, masks);
    }
    return versions_of_one_object;
}

}  // namespace gitops::kube
