// Server-side apply and ownership tracking, as the API server does them: pure functions on documents.
// Follows Kubernetes' KEP-555 and structured-merge-diff (merge.Updater): Apply and Update.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/kube/fields.hpp"

namespace gitops::kube {

/// A field that another manager owns with another value.
struct Conflict {
    std::string manager;
    std::string path;  ///< ".spec.replicas"
};

enum class OnConflict { fail, take_over };

struct Applied {
    doc::Value object;                ///< the result, metadata.managedFields included
    bool changed = false;             ///< differs from live in anything but managedFields timestamps
    std::vector<Conflict> conflicts;  ///< with OnConflict::fail and any of these, `object` is the unchanged live one
};

/// Applies `config` over `live` (null when the object does not exist) for `manager`. Error(invalid) for a field the
/// kind does not have, a value of the wrong kind or two list elements with the same keys. Fields the manager applied
/// before and no longer names are removed unless somebody else owns them; lists merge by the schema. Defaults are
/// filled. Sets neither uid, resourceVersion nor generation: that is the store's part.
Applied server_side_apply(const doc::Value& live, const doc::Value& config, std::string_view manager,
                          OnConflict on_conflict, base::Time now);

/// `live` with the items of its merged lists in the order in which `config` names them, what it does not name in its place;
/// the same node when they stand so. An API server leaves the order alone when nothing else is applied (structured-merge-diff
/// does not compare it), and yet init containers run in it and variables refer to those before them.
doc::Value in_order_of(const doc::Value& live, const doc::Value& config);

/// Whether applying `config` with OnConflict::take_over would change anything, the order of lists included:
/// server_side_apply(...).changed, at a fraction of its cost where nothing changes. Throws what that would throw.
bool apply_would_change(const doc::Value& live, const doc::Value& config, std::string_view manager);

/// Ownership after a write that is no apply (create, replace, patch): the changed fields go to `manager`.
/// `subresource` is "" or "status" or "scale".
doc::Value track_update(const doc::Value& live, doc::Value updated, std::string_view manager,
                        std::string_view subresource, base::Time now);

/// `object` with the keys that tell list items apart written out where they have a default: a port's protocol TCP,
/// wherever the schema of a built-in kind has ports. API servers before 1.21 refuse an apply that leaves them out. The
/// same node when nothing was missing; what the schema does not know stays as it is.
doc::Value with_list_keys(const doc::Value& object);

/// Fills in what the API server defaults (protocol TCP, replicas 1, restartPolicy Always, strategy RollingUpdate,
/// imagePullPolicy, probe periods, ...) for the built-in workload, service, RBAC, storage and autoscaling kinds.
/// Sources: the schema's default values and k8s.io/kubernetes/pkg/apis/*/defaults.go.
doc::Value with_defaults(const doc::Value& object);

}  // namespace gitops::kube
