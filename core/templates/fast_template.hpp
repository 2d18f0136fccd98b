// Argo CD's default template dialect: "{{ key }}" is replaced by the text of that key, and nothing else is.
#pragma once

#include <string>
#include <string_view>

#include "core/templates/go_datum.hpp"

namespace gitops::templates {

/// Each "{{ key }}" replaced by the text in the map `parameters`; a key that is not there stays as it is written.
/// Error(invalid) for a "{{" without its "}}".
std::string fill_text(std::string_view text, const Datum& parameters);

}  // namespace gitops::templates
