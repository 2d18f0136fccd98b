// Small edits of the files an application is rendered from, and what comes out of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/application.hpp"
#include "core/base/source.hpp"
#include "core/kube/resource.hpp"
#include "core/render/render.hpp"

namespace gitops::app {

/// Path -> bytes.
using Files = std::map<std::string, std::string>;

/// Another tree with a few files changed. Both have to outlive it.
class EditedTree final : public base::FileTree {
  public:
    EditedTree(const base::FileTree& tree, const Files& files) : m_tree(tree), m_files(files) {}
    std::optional<base::EntryKind> kind(std::string_view path) const override { return m_tree.kind(path); }
    std::string read(std::string_view path) const override;
    std::vector<base::TreeEntry> list(std::string_view path) const override { return m_tree.list(path); }
    std::string resolve(std::string_view path) const override { return m_tree.resolve(path); }
    /// Of the tree below: nothing here may take the edited one for it.
    std::optional<std::string> content_id(std::string_view) const override { return std::nullopt; }

  private:
    const base::FileTree& m_tree;
    const Files& m_files;
};

bool is_kustomization(std::string_view path);

/// The YAML files that `rendered` was read from. Overlays decide over what they are laid on: kustomizations come first, the
/// application's own before those of its bases.
std::vector<std::string> editable_files(const render::Rendered& rendered);

/// The rendered object of that key; nullptr when there is none.
const doc::Value* find_rendered(const render::Rendered& rendered, const kube::ResourceKey& key);

/// The keys of the objects that differ between the two, or are in one only.
std::vector<kube::ResourceKey> changed_keys(const render::Rendered& before, const render::Rendered& after);

}  // namespace gitops::app
