// How times stand in the rows of state.db: milliseconds since 1970, NULL for none.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/clock.hpp"
#include "core/io/sqlite.hpp"

namespace gitops::app {

inline std::int64_t to_number(base::Time time) { return time.time_since_epoch().count(); }
inline base::Time to_time(std::int64_t number) { return base::Time(base::Duration(number)); }

inline void bind_time(io::Statement& statement, int index, const std::optional<base::Time>& time) {
    if (time) statement.bind(index, to_number(*time));
    else statement.bind_null(index);
}

inline std::optional<base::Time> optional_time(const io::Statement& statement, int column) {
    if (statement.is_null(column)) return std::nullopt;
    return to_time(statement.number(column));
}

}  // namespace gitops::app
