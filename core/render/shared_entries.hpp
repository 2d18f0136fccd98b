// Label entries that one setter made in several places of an object. In kustomize they are one node, so a later change
// of one of them changes all: a known bug of 5.8.1 that outputs depend on.
#pragma once

#include <string>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::render {

/// Names of fields and "#N" for list elements.
using PlacePath = std::vector<std::string>;

class SharedEntries {
  public:
    /// The entries at `places`, all just made with this value, are one node from now on.
    void share(std::vector<PlacePath> places, const doc::Value& value);
    /// Brings the entries of each group to the value that one of them has been given since.
    void settle(doc::Value& object);
    /// After the object was rebuilt from JSON, nothing is shared any more.
    void clear() { m_groups.clear(); }

  private:
    struct Group {
        std::vector<PlacePath> places;
        doc::Value value;
    };
    std::vector<Group> m_groups;
};

/// What stands at the path, nullptr when nothing does.
const doc::Value* place_value(const doc::Value& object, const PlacePath& path);
/// The maps that a field spec's steps meet in the object, as paths.
std::vector<PlacePath> places_of(const doc::Value& object, const std::vector<std::string>& steps);

}  // namespace gitops::render
