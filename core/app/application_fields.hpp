// What the readers of an application's parts have in common.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/fields_reader.hpp"

namespace gitops::app {

inline void warn_unknown(const doc::FieldsReader& reader, std::vector<std::string>& warnings) {
    for (const auto& name : reader.unknown()) warnings.push_back("unknown field " + name + " has no effect");
}

/// Fields that would change the outcome and that this version cannot do: refused, never ignored.
inline void refuse_fields(doc::FieldsReader& reader, std::initializer_list<std::string_view> keys, std::string_view hint) {
    for (auto key : keys) {
        if (reader.raw(key) == nullptr) continue;
        base::Error error = reader.error(key, "not supported by this version of gitopsctl");
        error.hint(hint);
        throw error;
    }
}

}  // namespace gitops::app
