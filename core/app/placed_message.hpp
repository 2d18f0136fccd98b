// An error as one line of a document or a table, where there is room for nothing else of it.
#pragma once

#include <string>

#include "core/base/error.hpp"

namespace gitops::app {

/// "not valid YAML: ... (prod/web.yaml:3)"; the message alone of an error that names no file.
std::string placed_message(const base::Error& error);

}  // namespace gitops::app
