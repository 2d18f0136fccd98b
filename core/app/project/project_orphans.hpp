// Objects in an application's namespace that belong to nobody.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/app/application.hpp"
#include "core/app/services.hpp"
#include "core/app/status.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

struct Orphan {
    kube::Gvk gvk;
    kube::ResourceKey key;
};

/// Namespaced objects in the destination namespace that no application tracks or has applied, that nobody owns, and that
/// neither every namespace has by itself nor the project ignores; by key. One list per kind the cluster serves; kinds
/// that may not be listed, or that only mirror others (Events, Endpoints, Leases), are left out. Throws ProjectRefusal.
std::vector<Orphan> orphans_of(const Services& services, const Application& application);

/// How many there are, where the project looks for them; adds OrphanedResourceWarning when it wants that.
std::optional<std::size_t> add_orphan_warning(const Services& services, AppStatus& status);

}  // namespace gitops::app
