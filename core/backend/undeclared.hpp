// Fields that an API server refuses to apply because its schema does not declare them.
//
// A server-side apply is refused for such fields whatever its fieldValidation says, where other writes drop them
// (apimachinery, managedfields: ObjectToTyped).
#pragma once

#include <optional>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::backend {

/// `config` without the fields that `message`, the server's, calls undeclared; nullopt when it speaks of none that is there.
std::optional<doc::Value> without_undeclared(const doc::Value& config, std::string_view message);

}  // namespace gitops::backend
