// The forms in which objects are sent and compared.
#pragma once

#include "core/doc/value.hpp"

namespace gitops::deliver {

/// A manifest as it can be applied: without status and the metadata only the server sets (uid, resourceVersion,
/// generation, creationTimestamp, managedFields, ...), with a Secret's stringData folded into data, and with the list keys
/// that old API servers want written out (kube::with_list_keys()). A manifest that has nothing of the one and all of the
/// other is returned as it is, without a copy.
doc::Value applicable(const doc::Value& manifest);

/// `desired` as it is compared with `live`: applicable, in the live object's namespace when it names none, and without
/// what a controller fills in for it (rules of an aggregated ClusterRole).
doc::Value comparable_desired(const doc::Value& desired, const doc::Value& live);

/// A live or predicted object without status, server-filled metadata and kubectl's last-applied annotation.
doc::Value comparable_live(const doc::Value& object);

}  // namespace gitops::deliver
