// Taking over what was applied on the client's side: the fields that `kubectl apply` without --server-side set belong
// to an updater, so a server-side apply that no longer names them would leave them standing for ever. They become the
// applier's before its first apply. Follows client-go's csaupgrade; pure functions on documents.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::kube {

/// The manager of `kubectl apply` without --server-side.
inline constexpr std::string_view k_client_side_manager = "kubectl-client-side-apply";

/// The managers that applied `live` on the client's side: kubectl's own, and `also` ("" for none), whenever they own
/// something; "kubectl" (before 1.18) and "before-first-apply" (the server's name for older writers) only when they own
/// the last-applied annotation, because as such they stand for other commands and controllers, too.
std::vector<std::string_view> client_side_appliers(const doc::Value& live, std::string_view also = {});

/// metadata.managedFields of `live` once the fields of the updaters `from` are `manager`'s, as if it had applied them.
/// Entries of another API version than the rest are dropped, as csaupgrade does; finalizers and owner references of
/// "before-first-apply" stay with nobody, so that an apply never removes them. nullopt when there is nothing to take.
std::optional<doc::Value> adopt_fields(const doc::Value& live, const std::vector<std::string_view>& from, std::string_view manager);

}  // namespace gitops::kube
