// What the use cases need for rendering beyond files: handed in by the composition root, opened for each look.
#pragma once

#include "core/render/ports.hpp"

namespace gitops::app {

/// Whether sources are asked for news. Cached: what was fetched before is good enough, what was not is fetched.
enum class Fetch { remote, cached };

/// Where a tree comes from: one on this machine may name bases that are here too.
enum class Origin { here, elsewhere };

/// Owns what its ports point to; used by one thread.
class RenderMeans {
  public:
    virtual ~RenderMeans() = default;
    virtual render::Ports ports() = 0;
};

}  // namespace gitops::app
