// Compares what Git says about one application with what its cluster runs. Everything that shows a status, a diff, a
// plan or drift begins here; a sync goes on from here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/app/state/record_keeper.hpp"
#include "core/app/source/rendering.hpp"
#include "core/app/services.hpp"
#include "core/base/source.hpp"
#include "core/deliver/diff.hpp"
#include "core/deliver/health/health.hpp"
#include "core/deliver/plan.hpp"
#include "core/render/render.hpp"

namespace gitops::app {

/// Whether live objects may be those that other applications of the same pass were compared with.
enum class Live { shared, fresh };
/// Who says what an apply would make of an object: gitopsctl's own rules, without a request, or the cluster in a dry run
/// of each, which also knows its webhooks, its version's defaults and custom resources' schemas.
enum class Predict { here, on_server };

struct CompareRequest {
    std::string revision;   ///< instead of the application's own; "" keeps that (or the pinned one)
    std::string local_dir;  ///< render this directory on disk instead of Git
    Fetch fetch = Fetch::remote;
    deliver::PrunePolicy prune = deliver::PrunePolicy::keep;
    deliver::Confirmation confirmation = deliver::Confirmation::needed;  ///< of Prune=confirm
    std::vector<deliver::ResourceFilter> only;
    std::vector<std::string> sync_options;  ///< over the application's
    Predict predict = Predict::here;
    Live live = Live::shared;
};

enum class SyncStatus { synced, out_of_sync, unknown };
std::string_view sync_status_name(SyncStatus status);  ///< "Synced", "OutOfSync", "Unknown"

struct ResourceStatus {
    kube::Gvk gvk;
    kube::ResourceKey key;
    SyncStatus sync = SyncStatus::unknown;
    std::optional<deliver::Health> health;
    int wave = 0;
    bool requires_pruning = false;
    bool live = false;
    std::string hook = {};  ///< "PreSync,PostSync"; "" for a resource
};

struct Comparison {
    base::Revision revision;      ///< sha empty with local_dir; of several sources a list, see revision_text.hpp
    render::Rendered rendered;
    std::string cluster_name;
    std::shared_ptr<kube::Cluster> cluster;
    std::shared_ptr<RecordKeeper> record;  ///< pulled; refers to the Services of the call
    deliver::Plan plan;           ///< what a sync would do
    std::vector<std::string> shared;        ///< "ConfigMap prod/a: is also part of ...", one for each such object
    std::vector<std::string> excluded{};    ///< "ConfigMap prod/a: is left out by resource.exclusions", one for each such object
    std::string managed_namespace = {};     ///< "Namespace prod: managedNamespaceMetadata differs in ...", or ""
    std::vector<ResourceStatus> resources;  ///< in plan order
    std::vector<ResourceStatus> hooks;      ///< in no status's sum
    SyncStatus sync = SyncStatus::unknown;
    deliver::Health health;
    deliver::HealthBook health_book{};  ///< the one that judged
};

Comparison compare(const Services& services, const Application& application, const CompareRequest& request);

/// The options of the application with those of `extra` over them; unknown ones are told in `warnings`.
deliver::SyncOptions sync_options_of(const Application& application, const std::vector<std::string>& extra,
                                     std::vector<std::string>& warnings);

}  // namespace gitops::app
