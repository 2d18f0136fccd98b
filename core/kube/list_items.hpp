// How the items of an associative list or a set are told from each other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/schema.hpp"

namespace gitops::kube {

/// Spells the steps of one list's items; made once per list, for its keys and their defaults.
class ItemSteps {
  public:
    explicit ItemSteps(const Type& list);
    /// See item_step().
    std::optional<std::string> of(const doc::Value& item) const;

  private:
    struct Key {
        std::string_view name;
        std::string_view default_json;
    };
    bool m_set = false;
    std::vector<Key> m_keys;  ///< by name
};

/// The items of one list with their steps.
struct ItemIndex {
    std::vector<std::string> steps;
    /// Step -> position; nullopt for a step that several items have.
    std::unordered_map<std::string_view, std::optional<std::size_t>> positions;
    bool has_duplicates = false;

    /// Throws base::Error(invalid) for an item without a step.
    ItemIndex(const doc::Value* list, const ItemSteps& spell);
    ItemIndex(const ItemIndex&) = delete;
    ItemIndex& operator=(const ItemIndex&) = delete;

    bool has(std::string_view step) const { return positions.contains(step); }
    /// The only item with that step; nullptr when there is none or there are several.
    const doc::Value* only(const doc::Value* list, std::string_view step) const;
};

}  // namespace gitops::kube
