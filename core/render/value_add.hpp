// ValueAddTransformer: a text put into fields, whole or as one part of a path.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/render/collection.hpp"
#include "core/render/files.hpp"
#include "core/render/kustomization.hpp"

namespace gitops::render {

struct ValueAddTarget {
    std::optional<SelectorFields> selector;
    std::string field_path;
    std::int64_t position = 0;  ///< 0: the whole field; n: the n-th part of the path it holds
};

struct ValueAdd {
    std::string value;
    std::vector<ValueAddTarget> targets;
};

ValueAdd parse_value_add(const doc::Value& config, const std::string& file, const Folder& folder);
void add_value(Collection& objects, const ValueAdd& change);

}  // namespace gitops::render
