// The keys of one document's maps: equal keys share their text, and keys that stand twice are found.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::doc::detail {

class KeyPool {
  public:
    /// A string Value that shares its text with every other one made from `text`. Long keys are not shared.
    Value intern(std::string_view text);

    /// Index pairs (first, later one) of entries with equal names, ordered by the later one.
    std::vector<std::pair<std::size_t, std::size_t>> find_twins(std::span<const Entry> entries);

    /// Appends those of `more` whose names are not known yet; index() makes the names of `entries` known first.
    void index(std::span<const Entry> entries);
    void append_missing(std::vector<Entry>& entries, std::span<const Entry> more);

  private:
    void clear_places();

    std::unordered_map<std::string_view, Value> m_texts;
    std::unordered_map<std::string_view, std::size_t> m_places;
};

}  // namespace gitops::doc::detail
