// The project of an application: what it may come from, where it may go, what it may consist of, and when.
//
// A registered AppProject is a definition in state.db; `default` is there without one and permits everything.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/services.hpp"
#include "core/base/error.hpp"
#include "core/sources/app_project.hpp"
#include "core/sources/app_project_rules.hpp"
#include "core/sources/sync_window.hpp"

namespace gitops::app {

inline constexpr std::string_view k_project_kind = "AppProject";

/// An application that its project does not let be: it is neither compared nor synced. Told as InvalidSpecError.
class ProjectRefusal : public base::Error {
  public:
    using Error::Error;
};

/// Every project, `default` included, by name.
std::vector<std::string> project_names(const StateDb& state);
/// The document of the project; nullopt when there is none.
std::optional<doc::Value> project_document(const StateDb& state, std::string_view name);
/// Error(not_found) with near names.
sources::AppProject project_named(const StateDb& state, std::string_view name);
/// Names of the applications that say they are of this project.
std::vector<std::string> applications_of_project(const StateDb& state, std::string_view name);

/// One application within its project, on one cluster.
class ProjectBounds {
  public:
    /// Throws ProjectRefusal when there is no such project or when it cannot be read.
    ProjectBounds(const Services& services, const Application& application, const ClusterRow& row);

    const sources::AppProject& project() const { return m_project; }
    const sources::DestinationCluster& cluster() const { return m_cluster; }
    /// Throws ProjectRefusal with every rule that forbids the application, and the next step.
    void require() const;
    /// Why the application may not have the object; nullopt when it may.
    std::optional<std::string> refusal(const kube::ResourceKey& key) const;

    sources::WindowSubject window_subject() const;

  private:
    sources::AppProject m_project;
    sources::DestinationCluster m_cluster;
    std::string m_application;
    std::string m_home;  ///< metadata.namespace of the application
    std::string m_ns;
    std::vector<std::string> m_repos;
};

/// Whether the application may be synced now; throws ProjectRefusal, and Error for a time zone that is not known.
sources::Permission sync_permission(const Services& services, const Application& application);
/// Why `starter` may not sync the application now, with when it may again: an Error(denied); nullopt when it may. A sync
/// that began earlier passes `began`.
std::optional<base::Error> window_refusal(const Services& services, const Application& application, sources::Starter starter,
                                          base::Time began);

}  // namespace gitops::app
