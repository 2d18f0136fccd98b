// Times in Go's layouts ("2006-01-02T15:04:05Z07:00"), in UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"

namespace gitops::templates {

/// time.Format.
std::string format_time(std::string_view layout, base::Time time);
/// time.Parse; nullopt for what does not fit the layout. A zone in the text is taken into account.
std::optional<base::Time> parse_time(std::string_view layout, std::string_view text);

}  // namespace gitops::templates
