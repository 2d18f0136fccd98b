// Asks a Prometheus, or what speaks its API (Thanos, Mimir, VictoriaMetrics), for the value of a query now.
#pragma once

#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/rollout/ports.hpp"

namespace gitops::backend {

struct PrometheusOptions {
    std::string user_agent = "gitopsctl";
    std::string ca_pem{};     ///< trust only these authorities; "" the system's
    std::string proxy_url{};  ///< "" none; the environment is not asked
    base::Duration timeout{5'000};  ///< of one query, as in Flagger
};

/// Instant queries. Of several series the last one counts, as in Flagger, and the reading says so. Connections are kept
/// and shared by all who ask the same server. Safe to use from many threads.
///
/// 429, 5xx, time-outs and broken connections are unreachable; every other status, an answer that is not of this API, a
/// range of values and a URL or certificate that cannot be used are refused. No detail holds a credential.
class PrometheusMetrics final : public rollout::MetricsProvider {
  public:
    explicit PrometheusMetrics(PrometheusOptions options = {});
    ~PrometheusMetrics() override;
    rollout::Reading read(const rollout::MetricRequest& request, std::stop_token stop) override;

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// What the body of an answer with status 200 says.
rollout::Reading read_prometheus_answer(std::string_view body);

}  // namespace gitops::backend
