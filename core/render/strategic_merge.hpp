// Strategic merge as kustomize does it, which differs from the API server's: lists grow at the front, nothing is
// inferred without a schema, and a list is gone through even where the patch does not touch it.
#pragma once

#include <optional>

#include "core/doc/value.hpp"
#include "core/render/merge_schema.hpp"

namespace gitops::render {

/// `target` with `patch` laid over it; nullopt when the patch deletes it. "$patch: replace" at the top changes nothing. Error(invalid) for an unknown $patch
/// directive and for a map patched by a list or the like.
std::optional<doc::Value> strategic_merge(const doc::Value& target, const doc::Value& patch, const MergeSchema& schema);

}  // namespace gitops::render
