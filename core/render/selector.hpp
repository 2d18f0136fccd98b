// Which objects a patch, a replacement or a plugin means.
#pragma once

#include <memory>
#include <vector>

#include "core/render/collection.hpp"
#include "core/render/kustomization.hpp"

namespace gitops::render {

/// The patterns of a selector, compiled. They match whole texts; RE2 keeps the time linear.
class Selection {
  public:
    /// Error(invalid) for a malformed pattern or selector.
    explicit Selection(const SelectorFields& fields);
    ~Selection();
    Selection(Selection&&) noexcept;

    bool matches_gvk(const kube::Gvk& gvk) const;
    bool matches_name(const std::string& name) const;
    bool matches_namespace(const std::string& ns) const;
    bool matches_id(const Id& id) const;  ///< gvk, name and the namespace as written
    /// The labels and annotations satisfy the selectors.
    bool matches_metadata(const doc::Value& object) const;
    bool has_metadata_selector() const;

  private:
    struct Patterns;
    std::unique_ptr<Patterns> m_patterns;
};

/// The objects a patch target means: name and namespace may be the present or the original ones.
std::vector<Object*> select(const Collection& objects, const SelectorFields& fields);

}  // namespace gitops::render
