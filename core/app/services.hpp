// What a use case needs from outside, handed in by the composition root.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/app/controller/pass.hpp"
#include "core/app/source/render_means.hpp"
#include "core/app/state/state_db.hpp"
#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/deliver/health/health_book.hpp"
#include "core/io/git.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::app {

class RenderCache;
struct Settings;

struct Services {
    StateDb& state;
    base::Clock& clock;
    base::EventSink& events;
    std::function<std::unique_ptr<io::GitRepo>(const std::string& url)> open_repo;
    std::function<std::shared_ptr<kube::Cluster>(const std::string& name)> open_cluster;
    std::string actor;  ///< who is asking: "anna@host"
    std::map<std::string, std::string> git_environment;  ///< GIT_AUTHOR_* and GIT_COMMITTER_* of the caller
    int jobs = 1;
    /// The cluster of that name, "" for the current one, registered or not; empty: StateDb::cluster.
    std::function<ClusterRow(const std::string& name)> find_cluster{};
    /// Where every application goes instead of its own destination; "" leaves it that.
    std::string cluster{};
    std::vector<std::string> parents{};  ///< the applications that this one is a part of, the outermost first
    std::shared_ptr<Pass> pass{};  ///< shared by the errands of one pass; null for one application alone
    /// What rendering may ask of the outside; empty: nothing.
    std::function<std::unique_ptr<RenderMeans>(Fetch fetch, Origin origin)> render_means{};
    std::shared_ptr<RenderCache> render_cache{};  ///< of a process that renders again and again; null keeps nothing
    /// The address of a real cluster's API server, "" when it cannot be told; empty: nobody knows.
    std::function<std::string(const ClusterRow& row)> server_of{};
    /// "v1.30.2": the Kubernetes version of a cluster, "" when it does not answer; empty: nobody knows.
    std::function<std::string(const ClusterRow& row)> kube_version_of{};
    deliver::HealthBook health{};  ///< what judges objects: users' own scripts, then the built-in rules
    std::shared_ptr<const Settings> settings{};  ///< what config.yaml says; null: nothing

    /// The same with events going to `sink`.
    Services told_to(base::EventSink& sink) const;
};

/// The application as this run is to treat it: sent to services.cluster when that is set. One that is not registered
/// but has a record in a real cluster is taken from there. Error(not_found) with near names.
Application application_of(const Services& services, const std::string& name);

/// The row of the cluster `name`, "" for the current one. Error(not_found) with near names.
ClusterRow cluster_of(const Services& services, const std::string& name);

}  // namespace gitops::app
