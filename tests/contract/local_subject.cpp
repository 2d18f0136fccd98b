// The embedded cluster under the contract, in memory, its clock moved by hand.
#include "core/embedded/local_cluster.hpp"
#include "tests/contract/contract.hpp"

namespace gitops::test {

namespace {

class LocalRunning final : public Running {
  public:
    kube::Cluster& cluster() override { return m_cluster; }
    void pass(base::Duration span) override { m_clock->advance(span); }

  private:
    std::shared_ptr<base::ManualClock> m_clock =
        std::make_shared<base::ManualClock>(base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
    embedded::LocalCluster m_cluster{":memory:", m_clock};
};

const bool k_registered = register_subject({"embedded", [] { return std::make_unique<LocalRunning>(); }});

}  // namespace

}  // namespace gitops::test
