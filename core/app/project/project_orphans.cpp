#include "core/app/project/project_orphans.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/app/destination.hpp"
#include "core/app/project/project.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/deliver/plan.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using kube::ResourceKey;

struct Mirrored {
    std::string_view group, kind;
};
/// What the cluster makes of other objects, without naming an owner.
constexpr std::array k_mirrored{Mirrored{"", "Event"},
                                Mirrored{"events.k8s.io", "Event"},
                                Mirrored{"", "Endpoints"},
                                Mirrored{"discovery.k8s.io", "EndpointSlice"},
                                Mirrored{"coordination.k8s.io", "Lease"},
                                Mirrored{"metrics.k8s.io", "PodMetrics"},
                                Mirrored{"apps", "ControllerRevision"},
                                Mirrored{"authorization.k8s.io", "LocalSubjectAccessReview"},
                                Mirrored{"", "Binding"}};

bool may_be_looked_at(const kube::KindInfo& kind) {
    return kind.scope == kube::Scope::namespaced && std::ranges::none_of(k_mirrored, [&](const Mirrored& one) {
               return one.group == kind.gvk.group && one.kind == kind.gvk.kind;
           });
}

/// One version of each kind.
std::vector<kube::Gvk> kinds_of(kube::Cluster& cluster) {
    std::vector<kube::Gvk> kinds;
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& kind : cluster.kinds())
        if (may_be_looked_at(kind) && seen.emplace(kind.gvk.group, kind.gvk.kind).second) kinds.push_back(kind.gvk);
    return kinds;
}

std::vector<Value> list_kind(kube::Cluster& cluster, const kube::Gvk& gvk, const std::string& ns) {
    try {
        return cluster.list({gvk, ns, ""});
    } catch (const Error& error) {
        // Some kinds can only be created, and some may not be seen by everybody.
        if (error.code() == Code::denied || error.code() == Code::not_found || error.code() == Code::invalid) return {};
        throw;
    }
}

bool has_owner(const Value& object) {
    const Value* owners = object.path("metadata", "ownerReferences");
    return owners != nullptr && owners->is_list() && owners->size() > 0;
}

/// What applications have applied, tracking id or not.
std::set<ResourceKey> applied_by_any(const Services& services, const std::string& cluster) {
    std::set<ResourceKey> keys;
    for (const auto& name : services.state.application_names())
        for (const auto& [instance, where] : services.state.instances(name)) {
            if (where != cluster) continue;
            for (auto& key : services.state.inventory(instance, cluster)) keys.insert(std::move(key));
        }
    return keys;
}

/// Records of applications and rollouts, and what canaries run.
bool is_our_own(const Value& object) {
    const Value* labels = object.path("metadata", "labels");
    return labels != nullptr && labels->is_map() && std::ranges::any_of(labels->entries(), [](const auto& label) {
               return label.name().starts_with("gitopsctl.io/");
           });
}

}  // namespace

std::vector<Orphan> orphans_of(const Services& services, const Application& application) {
    const auto row = cluster_of(services, application.destination.cluster);
    const ProjectBounds bounds(services, application, row);
    const auto cluster = services.open_cluster(row.name);
    const auto applied = applied_by_any(services, row.name);
    const auto ns = destination_namespace(application);
    const auto kinds = kinds_of(*cluster);
    const auto lists = base::parallel_map<std::vector<Value>>(
        kinds, cluster->in_flight(), [&](const kube::Gvk& gvk) { return list_kind(*cluster, gvk, ns); });
    std::vector<Orphan> orphans;
    for (const auto& list : lists) {
        for (const auto& object : list) {
            auto key = kube::key_of(object);
            const bool belongs = has_owner(object) || deliver::tracked_by(object) || applied.contains(key) || is_our_own(object);
            if (!belongs && sources::may_be_orphan(bounds.project(), key)) orphans.push_back({kube::gvk_of(object), std::move(key)});
        }
    }
    std::ranges::sort(orphans, {}, &Orphan::key);
    return orphans;
}

std::optional<std::size_t> add_orphan_warning(const Services& services, AppStatus& status) {
    try {
        const auto row = cluster_of(services, status.application.destination.cluster);
        const auto watched = ProjectBounds(services, status.application, row).project().orphaned;
        if (!watched) return std::nullopt;
        const auto orphans = orphans_of(services, status.application);
        if (orphans.empty() || !watched->warn) return orphans.size();
        status.conditions.push_back({"OrphanedResourceWarning", base::count_of(orphans.size(), "object") + " in namespace " +
                                                                    destination_namespace(status.application) +
                                                                    " of no application; `gitopsctl app resources " +
                                                                    status.application.name + " --orphaned` lists them"});
        return orphans.size();
    } catch (const Error& error) {
        // A project or cluster that is not there has its condition already.
        if (dynamic_cast<const ProjectRefusal*>(&error) == nullptr && error.code() != Code::not_found &&
            error.code() != Code::unavailable)
            throw;
        return std::nullopt;
    }
}

}  // namespace gitops::app
