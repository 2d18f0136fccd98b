#include "core/app/progressive/image_bump.hpp"

#include <algorithm>

#include "core/app/compare.hpp"
#include "core/app/source/source_edit.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::size_t k_deepest = 64;

struct ImageText {
    std::string name;
    std::string tag;     ///< without ':'
    std::string digest;  ///< without '@'
};

/// "host:5000/app:1.2@sha256:..."; a ':' before the last '/' belongs to the host.
ImageText parts_of(std::string_view image) {
    ImageText parts;
    const auto at = image.find('@');
    if (at != std::string_view::npos) parts.digest = image.substr(at + 1);
    const auto named = image.substr(0, at);
    const auto colon = named.find(':', std::min(named.rfind('/'), named.size()) == named.size() ? 0 : named.rfind('/'));
    parts.name = named.substr(0, colon);
    if (colon != std::string_view::npos) parts.tag = named.substr(colon + 1);
    return parts;
}

struct Edit {
    std::uint32_t line;  ///< from 1
    std::string from, to;
};

/// Every place of a document where an edit would bring the image forward.
class Edits {
  public:
    Edits(const std::string& from, const std::string& to) : m_from_text(from), m_to_text(to), m_from(parts_of(from)), m_to(parts_of(to)) {}

    std::vector<Edit> of_kustomization(const Value& document) {
        m_edits.clear();
        const auto* images = document.find("images");
        if (images == nullptr) return {};
        for (const auto& entry : images->items()) add_entry(entry);
        return std::move(m_edits);
    }

    std::vector<Edit> of_manifest(const Value& document) {
        m_edits.clear();
        walk(document, 0);
        return std::move(m_edits);
    }

  private:
    void add_entry(const Value& entry) {
        const auto shown = entry.text_at("newName").empty() ? entry.text_at("name") : entry.text_at("newName");
        if (shown != m_from.name) return;
        replace(entry.find("newTag"), m_from.tag, m_to.tag);
        replace(entry.find("digest"), m_from.digest, m_to.digest);
        if (m_from.name != m_to.name) replace(entry.find("newName"), m_from.name, m_to.name);
    }

    void replace(const Value* node, const std::string& from, const std::string& to) {
        if (node != nullptr && node->text() == from && !to.empty() && from != to) m_edits.push_back({node->line(), from, to});
    }

    void walk(const Value& node, std::size_t depth) {
        if (depth > k_deepest) return;
        for (const auto& item : node.items()) walk(item, depth + 1);
        for (const auto& entry : node.entries()) {
            if (entry.name() == "image" && entry.value.text() == m_from_text) m_edits.push_back({entry.value.line(), m_from_text, m_to_text});
            else walk(entry.value, depth + 1);
        }
    }

    std::string m_from_text, m_to_text;
    ImageText m_from, m_to;
    std::vector<Edit> m_edits;
};

/// The text with `edit` done on its line, where the old text stands alone; nullopt when it does not.
std::optional<std::string> edited(const std::string& text, const Edit& edit) {
    std::size_t start = 0;
    for (std::uint32_t line = 1; line < edit.line; ++line) {
        start = text.find('\n', start);
        if (start == std::string::npos) return std::nullopt;
        ++start;
    }
    const auto end = std::min(text.find('\n', start), text.size());
    const auto at = text.rfind(edit.from, end);
    if (at == std::string::npos || at < start || at + edit.from.size() > end) return std::nullopt;
    auto result = text;
    return result.replace(at, edit.from.size(), edit.to);
}

bool has_image(const render::Rendered& rendered, const kube::ResourceKey& workload, const std::string& image) {
    for (const auto& manifest : rendered.manifests) {
        const auto key = kube::key_of(manifest.object);
        if (key.kind != workload.kind || key.name != workload.name) continue;
        const auto* containers = manifest.object.path("spec", "template", "spec", "containers");
        if (containers == nullptr) continue;
        for (const auto& container : containers->items())
            if (container.text_at("image") == image) return true;
    }
    return false;
}

std::vector<Edit> edits_of(Edits& edits, const std::string& path, const std::string& text) {
    std::vector<Edit> all;
    for (const auto& document : doc::read_yaml(text, {path, doc::YamlDialect::v1_2, doc::DuplicateKeys::refuse, 1}))
        for (auto& edit : is_kustomization(path) ? edits.of_kustomization(document) : edits.of_manifest(document))
            all.push_back(std::move(edit));
    return all;
}

}  // namespace

Files bump_image(const Services& services, const Application& application, const base::FileTree& tree, const kube::ResourceKey& workload,
                 const std::string& from, const std::string& to) {
    Edits edits(from, to);
    for (const auto& path : editable_files(render_application(services, application, tree))) {
        auto text = tree.read(path);
        bool any = false;
        for (const auto& edit : edits_of(edits, path, text)) {
            if (auto changed = edited(text, edit)) {
                text = std::move(*changed);
                any = true;
            }
        }
        Files changed{{path, text}};
        if (any && has_image(render_application(services, application, EditedTree(tree, changed)), workload, to)) return changed;
    }
    throw Error(Code::conflict, "no file of " + application.name + " can be edited so that " + workload.text() + " gets " + to)
        .hint("the image must stand under images of a kustomization or as image: in a manifest; commit the change yourself");
}

}  // namespace gitops::app
