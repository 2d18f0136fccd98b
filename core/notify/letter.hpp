// Letter is one thing to be told, with every text filled in; Courier is the port through which it goes out.
#pragma once

#include <stop_token>
#include <string>

#include "core/notify/occasion.hpp"

namespace gitops::notify {

struct Letter {
    Service service;
    Recipient recipient;
    /// The same for the same event in every process, so that the other side can tell a repetition.
    std::string id;
    std::string message{};
    std::string subject{}, body{};                         ///< mail
    std::string attachments{}, blocks{};                   ///< Slack: JSON lists, "" for none
    SlackThread thread{};                                  ///< Slack; its key filled in
    WebhookTemplate request{};                             ///< webhook
};

/// Error(invalid) for a template that cannot be read or filled in, with its name.
Letter letter_of(const Catalog& catalog, const Occasion& occasion, const std::string& template_name, const Subject& subject);

class Courier {
  public:
    virtual ~Courier() = default;
    /// Hands the letter over. Error(unavailable|denied|invalid) when the other side did not take it, without secrets;
    /// Error(cancelled).
    virtual void deliver(const Letter& letter, std::stop_token stop) = 0;
};

}  // namespace gitops::notify
