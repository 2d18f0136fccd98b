// ApiCluster is a real Kubernetes API server behind the Cluster port.
//
// Overview: api_client sends and repeats; discovery finds paths; api_cluster turns the port's calls into requests and
// answers into the port's terms; watches keeps one stream per kind and namespace open between two calls of watch().
// It holds no copy of the cluster: what it answers, the server has just said.
#pragma once

#include <memory>
#include <string>

#include "core/backend/api_client.hpp"
#include "core/backend/discovery.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::backend {

struct ApiClusterOptions {
    ApiOptions api;
    DiscoveryCache cache;
    int page = 500;  ///< objects per page of a list
};

/// Safe to use from many threads.
class ApiCluster final : public kube::Cluster {
  public:
    ApiCluster(KubeAccess access, ApiClusterOptions options, std::shared_ptr<base::Clock> clock, base::EventSink& events);
    ~ApiCluster() override;

    std::vector<kube::KindInfo> kinds() override;
    std::optional<doc::Value> get(const kube::ObjectRef& ref) override;
    std::vector<doc::Value> list(const kube::ListQuery& query) override;
    /// Applied::changed is exact for a dry run (which reads the object, too) and for an object that get(), apply() or
    /// write() answered shortly before; of any other that existed it says true, because the server does not tell.
    kube::Applied apply(const doc::Value& object, const kube::ApplyOptions& options) override;
    doc::Value write(const kube::Write& write) override;
    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override;
    /// Error(invalid) for a query that names no kinds.
    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token stop) override;

    /// "v1.30.2", from /version.
    std::string version();
    std::uint64_t requests() const;  ///< sent so far

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::backend
