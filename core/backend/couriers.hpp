// Couriers carry notifications to where they are read: a webhook, Slack, or a mailbox.
#pragma once

#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/notify/letter.hpp"

namespace gitops::backend {

struct CourierOptions {
    std::string user_agent = "gitopsctl";
    std::string ca_pem{};     ///< trust only these authorities; "" the system's
    std::string proxy_url{};  ///< for webhooks and Slack; "" none
    base::Duration timeout{10'000};
};

/// One attempt each; who asked tries again. A webhook takes a letter with a status of 2xx and gets its id in the header
/// Idempotency-Key, Slack with `"ok": true` (chat.postMessage), a mail server as RFC 5321 has it. Slack messages with the
/// key of an earlier one in their channel answer it, or rewrite it (chat.update), as their delivery says; which message was the
/// first is known as long as this lives. Safe to use from many threads.
class Couriers final : public notify::Courier {
  public:
    Couriers(CourierOptions options, base::Clock& clock);
    ~Couriers() override;
    void deliver(const notify::Letter& letter, std::stop_token stop) override;

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::backend
