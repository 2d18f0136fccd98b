// Lists whose elements are told apart by keys, with kustomize's rules for finding, replacing and adding elements.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::render {

using Texts = std::vector<std::string>;

/// A list under change. A single key "" means that the elements are scalars.
class KeyedList {
  public:
    explicit KeyedList(const doc::Value& list) : m_items(list.items().begin(), list.items().end()) {}
    KeyedList() = default;

    /// Puts `element` in the place of every element with these key values, or at the end. Null and empty maps go away.
    void put(doc::Value element, const Texts& keys, const Texts& values);
    /// Drops the elements with these key values, and null and empty maps.
    void remove(const Texts& keys, const Texts& values);
    void push_back(doc::Value element) { m_items.push_back(std::move(element)); }
    /// The first element with exactly these key values.
    doc::Value* find(const Texts& keys, const Texts& values);
    std::vector<doc::Value>& items() { return m_items; }
    doc::Value value() const { return doc::Value::list(m_items); }

  private:
    void put_or_remove(doc::Value* element, const Texts& keys, const Texts& values);

    std::vector<doc::Value> m_items;
};

/// True when every element is a map that has all keys, none empty, and no two share them (or, without keys, when
/// every element is a scalar of its own): merging such a list with nothing leaves it as it is.
bool has_plain_keys(const doc::Value& list, const Texts& keys);

struct MergedElement {
    std::optional<doc::Value> value;
    bool in_place = false;  ///< the target's own element was changed, not replaced
};
using MergeElement = std::function<MergedElement(std::optional<doc::Value> target, std::optional<doc::Value> patch)>;

/// The elements of `patch` (may be nullptr) first, merged with their partners in `target`, then the rest of `target`.
doc::Value merge_keyed_lists(const doc::Value& target, const doc::Value* patch, const Texts& keys, const MergeElement& merge);

}  // namespace gitops::render
