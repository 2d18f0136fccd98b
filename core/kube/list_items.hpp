// How the items of an associative list or a set are told from each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
class ItemIndex {
  public:
    /// `list` may be null. Throws base::Error(invalid) for an item without a step.
    ItemIndex(const doc::Value* list, const ItemSteps& spell);
    ItemIndex(const ItemIndex&) = delete;
    ItemIndex& operator=(const ItemIndex&) = delete;

    /// By position in the list.
    const std::vector<std::string>& steps() const { return m_steps; }
    bool has_duplicates() const { return m_has_duplicates; }
    bool has(std::string_view step) const { return !range(step).empty(); }
    bool is_repeated(std::string_view step) const { return m_has_duplicates && range(step).size() > 1; }
    /// Position of the first item with that step, which must exist.
    std::size_t position(std::string_view step) const { return range(step).front(); }
    /// The only item with that step; nullptr when there is none or there are several.
    const doc::Value* only(std::string_view step) const;

  private:
    std::span<const std::uint32_t> range(std::string_view step) const;

    const doc::Value* m_list;
    std::vector<std::string> m_steps;
    std::vector<std::uint32_t> m_order;  ///< positions by step
    bool m_has_duplicates = false;
};

}  // namespace gitops::kube
