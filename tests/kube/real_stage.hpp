// Cases that drive the real program against a real API server, the one GITOPS_TEST_KUBECONFIG names (tests/run.sh
// starts it). Each has a Stage: a namespace, a home and a Git repository of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend/api_cluster.hpp"
#include "tests/support/fault_proxy.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace gitops::test {

class Stage {
  public:
    Stage();
    ~Stage();

    /// Runs gitopsctl with that home; its cluster is the real one under the name "real", which is the current one.
    ProcessResult run(std::vector<std::string> arguments, const std::string& home = "home") const;
    /// The same, and the exit code must be 0.
    std::string must(const std::vector<std::string>& arguments, const std::string& home = "home") const;
    std::unique_ptr<Process> start(std::vector<std::string> arguments, const std::string& name = "process",
                                   const std::string& home = "home") const;
    /// Makes a home that knows the server under the name "real" through a kubeconfig.
    void make_home(const std::string& home, const std::string& kubeconfig) const;

    /// Commits files below "app/"; "NS" in a text stands for the namespace. A text of "" removes the file.
    std::string commit(const std::vector<std::pair<std::string, std::string>>& files);
    /// app create "web" over path "app" into the namespace, made when missing, with more arguments.
    void create_app(const std::vector<std::string>& more = {}, const std::string& home = "home") const;

    kube::Cluster& cluster() { return *m_cluster; }
    std::optional<doc::Value> get(std::string_view api_version, std::string_view kind, std::string_view name) const;
    /// The text at a path such as "data.color" of a ConfigMap; "" when there is no such thing.
    std::string config(std::string_view name, std::string_view path = "data.color") const;
    /// The names of the namespace's ConfigMaps, sorted, without the cluster's own and the record of the application.
    std::vector<std::string> configs() const;
    /// Writes YAML as somebody else; "NS" is the namespace.
    void apply(std::string_view yaml, std::string_view manager = "somebody") const;
    std::string filled(std::string_view text) const;
    const std::string& ns() const { return m_ns; }
    static std::string kubeconfig();
    static std::string viewer_kubeconfig();
    static Upstream upstream();  ///< the server, for a FaultProxy
    /// A kubeconfig for a proxy's URL; `user` is the YAML of its user, "" for the admin.
    std::string plain_kubeconfig(const std::string& url, const std::string& user = "") const;

    TempDir dir;
    TestRepo repo;

  private:
    std::string m_ns;
    std::unique_ptr<kube::Cluster> m_cluster;
};

/// Asks until it is true, for half a minute.
bool eventually(const std::function<bool()>& done);

/// An adapter to what `kubeconfig` names.
std::unique_ptr<backend::ApiCluster> connect(const std::string& kubeconfig, backend::ApiClusterOptions options = {},
                                             std::shared_ptr<base::Clock> clock = nullptr);

std::string config_map(std::string_view name, std::string_view color);
std::string deployment(std::string_view name, std::string_view image, int replicas = 1);

/// False, and says so, where there is no server.
bool has_server();

/// "20" of v1.20.2.
int server_minor();

}  // namespace gitops::test

/// A case with a Stage named `stage`. Skipped, and counted as such, where there is no server.
#define REAL_CASE(title, tags) REAL_CASE_AT(title, tags, __LINE__)
#define REAL_CASE_AT(title, tags, line) REAL_CASE_AS(title, tags, line)
#define REAL_CASE_AS(title, tags, line)                          \
    static void real_body_##line(gitops::test::Stage& stage);    \
    TEST_CASE(title, tags) {                                     \
        if (!gitops::test::has_server()) return;                 \
        gitops::test::Stage opened;                              \
        real_body_##line(opened);                                \
    }                                                            \
    static void real_body_##line([[maybe_unused]] gitops::test::Stage& stage)
