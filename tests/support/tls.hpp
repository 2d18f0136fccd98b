// Certificates made on the spot, for servers and clients of tests.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gitops::test {

/// A certificate and its key, as PEM.
struct TestIdentity {
    std::string cert_pem;
    std::string key_pem;
};

class TestAuthority {
  public:
    explicit TestAuthority(const std::string& name = "test authority");
    ~TestAuthority();

    const std::string& cert_pem() const { return m_cert_pem; }
    /// For the DNS names and IP addresses in `names`; the first one is the common name as well. Valid until `validity`
    /// from now: a negative one has expired.
    TestIdentity issue(const std::vector<std::string>& names,
                       std::chrono::seconds validity = std::chrono::hours(1)) const;

  private:
    struct State;
    std::unique_ptr<State> m_state;
    std::string m_cert_pem;
};

}  // namespace gitops::test
