// The images transformer. Two passes, as in kustomize 5.8.1: one over every list called containers or initContainers
// wherever it stands, and one over the field specs, which sees what the first pass wrote.
#include <algorithm>
#include <memory>
#include <span>

#include <re2/re2.h>

#include "core/base/error.hpp"
#include "core/render/scalar.hpp"
#include "core/render/transformers.hpp"

namespace gitops::render {

using doc::Value;

namespace {

/// Memory one compiled pattern may take.
constexpr std::int64_t k_pattern_memory = 8 << 20;

struct ImageParts {
    std::string name, tag, digest;
};

/// "host:5000/app:1.2@sha256:..." -> name, tag and digest. A ':' before the first '/' belongs to the host.
ImageParts split_image(std::string_view image) {
    auto slash = image.find('/');
    std::size_t start = slash == std::string_view::npos || slash == 0 ? 0 : slash;
    auto colon = image.find(':', start);
    auto at = image.find('@', start);
    ImageParts parts;
    parts.name = image.substr(0, std::min(colon, at));
    if (at != std::string_view::npos) parts.digest = image.substr(at + 1);
    if (colon < at) parts.tag = image.substr(colon + 1, at == std::string_view::npos ? at : at - colon - 1);
    return parts;
}

class ImageChange {
  public:
    explicit ImageChange(const ImageEntry& entry) : m_entry(entry), m_pattern(pattern_text(entry.name), options()) {
        if (!m_pattern.ok())
            throw base::Error(base::Code::invalid, "the image name '" + entry.name + "' is no regular expression: " + m_pattern.error());
    }

    void apply(Value& field) const {
        if (!field.is_scalar())
            throw base::Error(base::Code::invalid, "wrong node kind: expected ScalarNode but got " +
                                                       std::string(field.is_map() ? "MappingNode" : "SequenceNode"));
        if (!matches(field)) return;
        set_untagged(field, changed(node_text(field)));
    }

    bool matches(const Value& field) const {
        return field.is_scalar() && RE2::PartialMatch(std::string(field.text()), m_pattern);
    }

  private:
    static std::string pattern_text(const std::string& name) {
        return "^" + name + "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$";
    }

    static RE2::Options options() {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(k_pattern_memory);
        return options;
    }

    std::string changed(const std::string& image) const {
        ImageParts parts = split_image(image);
        if (!m_entry.new_name.empty()) parts.name = m_entry.new_name;
        if (!m_entry.new_tag.empty() || !m_entry.digest.empty()) {
            parts.tag = m_entry.new_tag;
            parts.digest = m_entry.digest;
        } else if (!m_entry.tag_suffix.empty()) {
            parts.tag += m_entry.tag_suffix;
            parts.digest.clear();
        }
        std::string text = parts.name;
        if (!parts.tag.empty()) text += ":" + parts.tag;
        if (!parts.digest.empty()) text += "@" + parts.digest;
        return text;
    }

    const ImageEntry& m_entry;
    RE2 m_pattern;
};

bool is_container_list(std::string_view name) { return name == "containers" || name == "initContainers"; }

bool has_match(const Value& value, const ImageChange& change) {
    if (value.is_list())
        return std::ranges::any_of(value.items(), [&](const Value& item) { return has_match(item, change); });
    return std::ranges::any_of(value.entries(), [&](const doc::Entry& entry) {
        if (has_match(entry.value, change)) return true;
        if (!is_container_list(entry.name()) || !entry.value.is_list()) return false;
        return std::ranges::any_of(entry.value.items(), [&](const Value& item) {
            const Value* image = item.find("image");
            return image != nullptr && change.matches(*image);
        });
    });
}

void change_containers(Value& value, const ImageChange& change) {
    if (!has_match(value, change)) return;
    if (value.is_list()) {
        for (std::size_t i = 0; i < value.size(); ++i)
            if (has_match(value.items()[i], change)) change_containers(value.item(i), change);
        return;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        std::string name(value.entries()[i].name());
        Value& child = value.at(name);
        change_containers(child, change);
        if (!is_container_list(name) || !child.is_list()) continue;
        for (std::size_t k = 0; k < child.size(); ++k) {
            const Value* image = child.items()[k].find("image");
            if (image != nullptr && change.matches(*image)) change.apply(child.item(k).at("image"));
        }
    }
}

bool spec_matches(const Value& value, std::span<const std::string> path, const ImageChange& change) {
    if (path.empty()) return !value.is_scalar() || change.matches(value);
    if (value.is_list())
        return std::ranges::any_of(value.items(), [&](const Value& item) { return spec_matches(item, path, change); });
    if (!value.is_map()) return !value.is_null();
    std::string_view name = path.front();
    if (name.ends_with("[]")) name.remove_suffix(2);
    const Value* child = value.find(name);
    return child != nullptr && spec_matches(*child, path.subspan(1), change);
}

}  // namespace

void set_images(Collection& objects, const ImageEntry& image, const FieldSpecs& specs) {
    ImageChange change(image);
    for (const auto& object : objects.items()) {
        if (object->id().gvk.kind == "CustomResourceDefinition") continue;
        change_containers(object->node, change);
        for (const auto& spec : specs) {
            if (!spec.applies_to(object->id().gvk) || !spec_matches(object->node, spec.steps, change)) continue;
            apply_spec(*object, spec, Leaf::none, [&](Value& field) { change.apply(field); });
        }
    }
}

}  // namespace gitops::render
