// A new image written into the files an application is rendered from: the smallest edit, comments and layout kept.
#pragma once

#include <map>
#include <string>

#include "core/app/services.hpp"
#include "core/base/source.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

/// Which files get which bytes so that the container of `workload` whose image is `from` gets `to`: an entry under images of
/// a kustomization, else the image where it stands in a manifest. What the result renders is verified. Error(conflict) when no
/// such edit gives that image.
std::map<std::string, std::string> bump_image(const Services& services, const Application& application, const base::FileTree& tree,
                                              const kube::ResourceKey& workload, const std::string& from, const std::string& to);

}  // namespace gitops::app
