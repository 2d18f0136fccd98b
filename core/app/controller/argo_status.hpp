// An application as Argo CD's API shows it: the document with its status. What notification templates and triggers read.
#pragma once

#include "core/app/status.hpp"

namespace gitops::app {

/// The document with status.sync, .health, .resources, .conditions and .operationState (argocd.md 1.1). Fields whose value is
/// not known are absent.
doc::Value argo_application(const AppStatus& status);

}  // namespace gitops::app
