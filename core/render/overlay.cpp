#include "core/render/overlay.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/render/files.hpp"

namespace gitops::render {

namespace {

/// Stands for the name the image has already.
constexpr std::string_view k_keep_name = "*";

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
    throw base::Error(base::Code::invalid, message).hint(hint);
}

void split_tag(const std::string& image, std::string& name, ImageEntry& entry) {
    if (auto at = image.find('@'); at != std::string::npos) {
        name = image.substr(0, at);
        entry.digest = image.substr(at + 1);
        if (auto colon = name.rfind(':'); colon != std::string::npos && name.find('/', colon) == std::string::npos) {
            entry.new_tag = name.substr(colon + 1);
            name.resize(colon);
        }
        return;
    }
    auto colon = image.rfind(':');
    bool tagged = colon != std::string::npos && image.find('/', colon) == std::string::npos;
    name = tagged ? image.substr(0, colon) : image;
    if (tagged) entry.new_tag = image.substr(colon + 1);
}

ImageEntry parse_override(const std::string& text) {
    ImageEntry entry;
    auto equals = text.find('=');
    if (equals == std::string::npos) {
        split_tag(text, entry.name, entry);
    } else {
        entry.name = text.substr(0, equals);
        split_tag(text.substr(equals + 1), entry.new_name, entry);
    }
    bool says_nothing = entry.new_name.empty() && entry.new_tag.empty() && entry.digest.empty();
    if (entry.name.empty() || says_nothing)
        refuse("malformed image override: '" + text + "'", "write name=new:tag, name:tag, name@digest or name=new");
    return entry;
}

void override_images(std::vector<ImageEntry>& images, const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
        ImageEntry entry = parse_override(text);
        auto same = std::ranges::find(images, entry.name, &ImageEntry::name);
        if (same == images.end()) {
            images.push_back(entry);
            continue;
        }
        if (entry.new_name == k_keep_name) entry.new_name = same->new_name;
        *same = entry;
    }
    if (!texts.empty()) std::ranges::stable_sort(images, {}, &ImageEntry::name);
}

enum class Force { no, yes };

void add_entries(StringMap& map, const std::vector<std::pair<std::string, std::string>>& entries, Force force,
                 const std::string& what) {
    for (const auto& [key, text] : entries) {
        if (force == Force::no && map.contains(key))
            refuse(what + " " + key + " already in kustomization file", "force the " + what + "s to override it");
        map[key] = text;
    }
}

void add_labels(Kustomization& k, const KustomizeOptions& options) {
    if (options.common_labels.empty()) return;
    Force force = options.force_common_labels ? Force::yes : Force::no;
    if (!options.label_without_selector) return add_entries(k.common_labels, options.common_labels, force, "label");
    LabelEntry label;
    label.include_templates = options.label_include_templates;
    for (const auto& [key, text] : options.common_labels) {
        for (auto& old : k.labels) {
            if (!old.pairs.contains(key)) continue;
            if (force == Force::no) refuse("label " + key + " already in kustomization file", "force the labels to override it");
            old.pairs.erase(key);
        }
        label.pairs[key] = text;
    }
    k.labels.push_back(std::move(label));
}

}  // namespace

void lay_over(Kustomization& k, const KustomizeOptions& options) {
    if (!options.name_prefix.empty()) k.name_prefix = options.name_prefix;
    if (!options.name_suffix.empty()) k.name_suffix = options.name_suffix;
    if (!options.ns.empty()) k.ns = options.ns;
    override_images(k.images, options.images);
    for (const auto& [name, count] : options.replicas) {
        std::erase_if(k.replicas, [&](const ReplicaEntry& old) { return old.name == name; });
        k.replicas.push_back({name, count});
    }
    add_labels(k, options);
    add_entries(k.common_annotations, options.common_annotations,
                options.force_common_annotations ? Force::yes : Force::no, "annotation");
    k.components.insert(k.components.end(), options.components.begin(), options.components.end());
    for (const auto& patch : options.patches.items())
        k.patches.push_back(parse_patch(patch, "spec.source.kustomize.patches", Unknown::refuse));
}

}  // namespace gitops::render
