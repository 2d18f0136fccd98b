// Cluster addresses and node ports of Services: handed out one after the other, so that a rerun gives the same ones.
#pragma once

#include "core/embedded/object_store.hpp"

namespace gitops::embedded {

/// Fills in clusterIP, clusterIPs and node ports as the Service's type wants them, keeping what `live` (null for a
/// new Service) already has. Error(invalid) for an address or node port that another Service holds.
void give_addresses(ObjectStore& store, const doc::Value& live, doc::Value& service);
/// Makes what give_addresses() chose belong to the Service, and what only `before` (null for a new one) had free.
void claim_addresses(ObjectStore& store, const doc::Value& before, const doc::Value& service);
void release_addresses(ObjectStore& store, const doc::Value& service);

}  // namespace gitops::embedded
