// Members of a state as it is stored: what a hostile or older record may hold is bounded, and what is absent has its default.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::rollout {

/// A whole number from 0 to `most`.
inline int number_at(const doc::Value& map, std::string_view key, std::int64_t most) {
    const auto* value = map.find(key);
    const auto number = value == nullptr ? 0 : value->to_int().value_or(0);
    return static_cast<int>(std::clamp<std::int64_t>(number, 0, most));
}

inline bool flag_at(const doc::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value != nullptr && value->as_bool();
}

/// Null when there is none.
inline doc::Value time_value(const std::optional<base::Time>& time) {
    return time ? doc::Value(base::to_rfc3339_millis(*time)) : doc::Value();
}
inline std::optional<base::Time> time_at(const doc::Value& map, std::string_view key) { return base::parse_rfc3339(map.text_at(key)); }

}  // namespace gitops::rollout
