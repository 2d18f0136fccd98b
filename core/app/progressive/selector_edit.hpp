// A Service's new selector written into the files an application is rendered from: the smallest edit, comments kept.
#pragma once

#include "core/app/services.hpp"
#include "core/app/source/source_edit.hpp"

namespace gitops::app {

/// Which files get which bytes so that `service` has the selector `wanted`: the values of its labels where they stand, in a
/// manifest, a patch or a kustomization. Empty when it has it. What the result renders is verified: nothing but this selector
/// changes. Error(not_found) when the application has no such Service, Error(conflict) when no such edit exists.
Files edit_selector(const Services& services, const Application& application, const base::FileTree& tree,
                    const kube::ResourceKey& service, const doc::Value& wanted);

}  // namespace gitops::app
