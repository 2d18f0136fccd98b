// Where an application's objects go: the cluster that is nobody's by name, and the namespace of what names none.
#pragma once

#include <string>
#include <string_view>

#include "core/app/application.hpp"

namespace gitops::app {

/// What Argo CD calls the cluster it runs in: here the current one.
inline constexpr std::string_view k_own_name = "in-cluster";
inline constexpr std::string_view k_own_server = "https://kubernetes.default.svc";

/// What names no namespace lives in `default`, as kubectl has it; the key of an object must not depend on who asks.
inline std::string destination_namespace(const Application& application) {
    return application.destination.ns.empty() ? "default" : application.destination.ns;
}

}  // namespace gitops::app
