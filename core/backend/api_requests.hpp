// The requests that writing an object takes: what goes into the path's query, the body and its content type.
// Source of the rules: the Kubernetes API concepts (server-side apply, dry run, field validation) and API reference.
#pragma once

#include <string>

#include "core/backend/api_target.hpp"

namespace gitops::backend {

/// The object as it may be applied: without what only the server writes, with the list keys old servers want.
doc::Value applicable(const doc::Value& object);

ApiRequest apply_request(const Target& target, const doc::Value& config, const kube::ApplyOptions& options);
ApiRequest create_request(const Target& target, const doc::Value& object, const kube::Write& write);
ApiRequest replace_request(const Target& target, const doc::Value& object, const kube::Write& write);
ApiRequest patch_request(const Target& target, const kube::Patch& patch, const kube::Write& write);
ApiRequest remove_request(const Target& target, const kube::RemoveOptions& options);

/// Which managers own the fields that an apply was refused for; empty when that was not the reason.
std::vector<kube::Conflict> conflicts_of(const ApiResponse& response);

/// True when everything in `part` is in `whole`: what a create that was sent twice finds is its own doing.
bool is_contained(const doc::Value& part, const doc::Value& whole);

}  // namespace gitops::backend
