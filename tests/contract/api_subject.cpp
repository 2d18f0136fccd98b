// A real API server under the contract: the one that the kubeconfig in GITOPS_TEST_KUBECONFIG names. Its time passes by
// itself, so waiting is waiting for something to happen there.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stop_token>

#include "core/backend/api_cluster.hpp"
#include "tests/contract/contract.hpp"

namespace gitops::test {

namespace {

constexpr const char* k_variable = "GITOPS_TEST_KUBECONFIG";

class IgnoredEvents final : public base::EventSink {
  public:
    void emit(const base::Event&) override {}
};

class ApiRunning final : public Running {
  public:
    explicit ApiRunning(const std::string& kubeconfig)
        : m_cluster(backend::Kubeconfig::read({kubeconfig}).access(""), {}, m_clock, m_events) {}

    kube::Cluster& cluster() override { return m_cluster; }
    void pass(base::Duration span) override { m_clock->sleep_for(span, {}); }

  private:
    std::shared_ptr<base::SystemClock> m_clock = std::make_shared<base::SystemClock>();
    IgnoredEvents m_events;
    backend::ApiCluster m_cluster;
};

bool register_server() {
    const char* kubeconfig = std::getenv(k_variable);
    if (kubeconfig == nullptr || *kubeconfig == '\0') {
        std::puts("skipped: the Cluster contract on a real API server (no control plane)");
        return false;
    }
    return register_subject({"kubernetes", [file = std::string(kubeconfig)] { return std::make_unique<ApiRunning>(file); }});
}

const bool k_registered = register_server();

}  // namespace

}  // namespace gitops::test
