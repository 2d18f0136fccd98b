// Env is the composition root: what one run of gitopsctl has to work with. It reads the environment, finds the home
// and opens things when they are first asked for, so that a command which needs nothing opens nothing.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cli/globals.hpp"
#include "core/app/services.hpp"
#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/base/source.hpp"
#include "core/doc/value.hpp"

namespace gitops::embedded {
class LocalCluster;
}
namespace gitops::backend {
class ApiCluster;
}
namespace gitops::cli {

class Signals;
class Terminal;

class Env {
  public:
    explicit Env(Globals globals);
    ~Env();
    Env(const Env&) = delete;
    Env& operator=(const Env&) = delete;

    const Globals& globals() const { return m_globals; }
    Format format() const { return m_globals.format(); }
    Terminal& terminal() { return *m_terminal; }
    base::Clock& clock();
    base::EventSink& events() { return *m_events; }
    /// Requested by SIGINT and SIGTERM. The first call starts listening to them.
    std::stop_token stop();
    int jobs() const;

    /// The state folder, made when it is missing. Error(denied|unavailable) when it cannot be.
    const std::string& home();
    /// Where that is or would be.
    std::string home_path() const;
    app::StateDb& state();
    app::Services& services();
    /// The cluster of that name, opened once; "" is the one of --context or --kubeconfig, --cluster, or the current
    /// one. Several threads may ask.
    std::shared_ptr<kube::Cluster> cluster(const std::string& name = {});
    /// A connection of its own to a real cluster, registered or not. Nothing is sent yet.
    std::shared_ptr<backend::ApiCluster> open_api_cluster(const app::ClusterRow& row);
    /// The Kubernetes version of a cluster, asked for once in ten minutes. Several threads may ask.
    std::string kube_version(const app::ClusterRow& row);
    /// The same as an embedded cluster; Error(invalid) when it is none.
    std::shared_ptr<embedded::LocalCluster> embedded_cluster(const std::string& name = {});
    std::string cluster_name(const std::string& name = {});
    /// How to reach the cluster of that name, as the flags say also as whom; "" as for cluster().
    app::ClusterRow cluster_row(const std::string& name = {});
    /// Where by-hand commands work that name no namespace: the one of the cluster's context, else "default".
    std::string usual_namespace();
    std::string actor();

    /// "" when not set.
    static std::string variable(const char* name);
    static std::string user_home();
    static std::string working_directory();
    std::unique_ptr<io::GitRepo> open_repo(const std::string& url);
    /// Those registered for `url`, whatever is there; empty ones when none are.
    io::GitCredentials repository_credentials(const std::string& url);
    /// How to reach `url`, with the credentials that are registered for it.
    io::GitOptions git_options(const std::string& url);

    /// Asks on the terminal; true with --yes. UsageError in a pipe without --yes.
    bool confirm(std::string_view question);

  private:
    app::ClusterRow unimpersonated_row(const std::string& name);
    /// The name in --cluster, or that of the cluster --kubeconfig and --context name; "" without them.
    std::string given_cluster();

    Globals m_globals;
    std::shared_ptr<base::SystemClock> m_clock;
    std::unique_ptr<Terminal> m_terminal;
    std::unique_ptr<base::EventSink> m_events;
    std::unique_ptr<Signals> m_signals;
    std::string m_home;
    std::unique_ptr<app::StateDb> m_state;
    std::unique_ptr<app::Services> m_services;
    std::mutex m_opening;  ///< guards what follows
    std::optional<app::ClusterRow> m_given;
    std::map<std::string, std::shared_ptr<kube::Cluster>> m_clusters;
    std::map<std::string, std::pair<base::Time, std::string>> m_versions;  ///< by cluster, with the time of asking
};

}  // namespace gitops::cli
