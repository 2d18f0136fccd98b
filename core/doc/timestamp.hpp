// Timestamps as go-yaml reads them from plain scalars.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gitops::doc {

/// `text` in RFC 3339 with the fraction's trailing zeros dropped, as Go writes a time to JSON ("2020-1-2" ->
/// "2020-01-02T00:00:00Z"). Read in go-yaml's four layouts: date; date, blank, time; date, 'T' or 't', time, zone.
/// nullopt when it is none.
std::optional<std::string> yaml_timestamp_to_rfc3339(std::string_view text);

}  // namespace gitops::doc
