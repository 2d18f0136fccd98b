// Where an application's objects go when they name no namespace.
#pragma once

#include <string>

#include "core/app/application.hpp"

namespace gitops::app {

/// What names no namespace lives in `default`, as kubectl has it; the key of an object must not depend on who asks.
inline std::string destination_namespace(const Application& application) {
    return application.destination.ns.empty() ? "default" : application.destination.ns;
}

}  // namespace gitops::app
