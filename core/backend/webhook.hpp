// Calls the webhooks of a rollout, and runs the local commands that may stand in their place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/rollout/ports.hpp"

namespace gitops::backend {

struct WebhookOptions {
    std::string user_agent = "gitopsctl";
    std::string ca_pem{};     ///< trust only these authorities; "" the system's
    std::string proxy_url{};  ///< "" none; the environment is not asked
    /// All that a command is given, "NAME=value"; its PATH is where a program without a slash is looked for.
    std::vector<std::string> environment{};
};

/// A URL passes with status 200, 201 or 202: Flagger's rule, under which 204 fails. It is called again, as often as the
/// call allows, after a broken connection, a time-out, 429 and 5xx other than 501: after 1 s, 2 s, 4 s, ... 30 s, or what
/// Retry-After of a 429 or 503 says, five minutes at the most. A command passes with exit status 0 and is run once.
/// Safe to use from many threads.
class WebhookCaller final : public rollout::HookCaller {
  public:
    WebhookCaller(WebhookOptions options, std::shared_ptr<base::Clock> clock);
    ~WebhookCaller() override;
    rollout::HookAnswer call(const rollout::HookCall& call, std::stop_token stop) override;

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::backend
