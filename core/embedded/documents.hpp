// Short ways to build and read the documents of API objects.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::embedded {

using Field = std::pair<std::string_view, doc::Value>;

/// A map of the fields given, in that order.
doc::Value map_of(std::initializer_list<Field> fields);
/// Sets `key` unless the number is 0: how Go's `omitempty` writes counters.
void set_count(doc::Value& map, std::string_view key, std::int64_t number);
/// The integer at `value`, `fallback` when it is absent or no integer.
std::int64_t int_or(const doc::Value* value, std::int64_t fallback);
/// The text at `value`, `fallback` when it is absent or empty.
std::string text_or(const doc::Value* value, std::string_view fallback);
/// A copy of what `value` points at; null when it points nowhere.
doc::Value copy_or_null(const doc::Value* value);

/// `count` letters and digits that depend only on `text`, from the alphabet Kubernetes uses for generated names:
/// no vowels, nothing that is easily misread. At most 12.
std::string short_hash(std::string_view text, std::size_t count);
/// A UUID (version 8: custom) that depends only on `text`.
std::string uuid_of(std::string_view text);

/// One entry of status.conditions.
struct Condition {
    std::string_view type;
    std::string_view status = "True";  ///< "True", "False" or "Unknown"
    std::string_view reason;
    std::string message;
};
/// Puts `condition` into `status.conditions` in place of the one of its type. lastTransitionTime moves only when its
/// status changes; lastUpdateTime, written where the old entry has one or `stamps` asks for it, with every change.
enum class ConditionStamps { transition, update_and_transition };
void set_condition(doc::Value& status, const Condition& condition, base::Time at,
                   ConditionStamps stamps = ConditionStamps::transition);
/// The condition of that type; nullptr when there is none.
const doc::Value* find_condition(const doc::Value& object, std::string_view type);

/// A count or a percentage of `total` ("25%"), as maxSurge, maxUnavailable and minAvailable are written. `up` tells
/// which way a fraction is rounded; bounded to 0..total for percentages, to 0 from below otherwise.
enum class Rounding { up, down };
std::int64_t scaled_count(const doc::Value* value, std::int64_t total, std::int64_t fallback, Rounding rounding);

}  // namespace gitops::embedded
