// What rendering may ask of the outside, for one use case: remote bases, charts, helm.
#pragma once

#include <memory>

#include "cli/remotes.hpp"
#include "core/app/source/render_means.hpp"

namespace gitops::cli {

class Env;

/// For a tree that others wrote.
std::unique_ptr<app::RenderMeans> open_render_means(Env& env, Network network, LocalBases local);

}  // namespace gitops::cli
