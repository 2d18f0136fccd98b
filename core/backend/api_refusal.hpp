// What a server's refusal of one object means, said once: about which object, and without quoting the object.
#pragma once

#include "core/backend/api_target.hpp"

namespace gitops::backend {

/// error_of(), where the server's sentence neither repeats the object's name in front ("configmaps "a" already exists")
/// nor carries the document that it refuses, which may be a Secret.
base::Error refusal(const ApiResponse& response, const Target& target);

}  // namespace gitops::backend
