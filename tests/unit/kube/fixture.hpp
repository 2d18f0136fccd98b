// Short ways to write documents in tests.
#pragma once

#include <string>
#include <string_view>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"

namespace gitops::kube_test {

inline doc::Value yaml(std::string_view text) { return doc::read_yaml_one(text); }
inline std::string json(const doc::Value& value) { return doc::write_json(value, doc::JsonLayout::compact, doc::JsonKeys::sorted); }
inline std::string text(const doc::Value& value) { return doc::write_yaml(value); }

}  // namespace gitops::kube_test
