// Catalog is what is told to whom: services, templates, triggers and subscriptions in the form of Argo CD's ConfigMap
// argocd-notifications-cm, with the secrets of argocd-notifications-secret filled in.
//
// Overview: read_catalog() reads the documents once; occasions_of() (occasion.hpp) decides purely what one application gives
// occasion for; letter_of() (letter.hpp) fills the templates in. Sending, and remembering what was sent, is not done here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/selector.hpp"
#include "core/notify/expression.hpp"

namespace gitops::notify {

struct Condition {
    Expression when;
    std::optional<Expression> once_per;  ///< told once for each value; without it each time the condition begins to hold
    std::vector<std::string> send;       ///< names of templates
    std::string description{};
};

struct WebhookTemplate {
    std::string method, path, body;  ///< "" is GET, no path, no body
};

/// Messages of one key in one channel are answers to the first of them.
struct SlackThread {
    enum class Delivery { post, post_and_update, update };  ///< update: the first message is rewritten
    std::string key{};                                      ///< "" for no thread
    bool is_broadcast = false;                              ///< answers are shown in the channel as well
    Delivery delivery = Delivery::post;
};

/// All texts are Go templates.
struct Template {
    std::string message{};
    std::string email_subject{};
    std::string email_body{};  ///< "" is the message
    std::string slack_attachments{}, slack_blocks{};
    std::string slack_username{}, slack_icon{};  ///< plain texts; "" the service's
    SlackThread slack_thread{};
    std::map<std::string, WebhookTemplate> webhooks{};  ///< by the webhook service's name
};

struct SlackService {
    std::string token, username{}, icon{};
    std::string api_url{};  ///< "" is Slack's own
    bool skip_tls_verify = false;
};

struct WebhookService {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string username{}, password{};
    bool skip_tls_verify = false;
};

struct MailService {
    std::string host;
    int port = 587;
    std::string username{}, password{};
    std::string from;
    bool html = false;
    bool skip_tls_verify = false;
};

struct Service {
    enum class Kind { slack, webhook, mail };
    Kind kind = Kind::webhook;
    SlackService slack{};
    WebhookService webhook{};
    MailService mail{};
};

/// A service and who it reaches: a channel, an address; "" for a webhook, which is one.
struct Recipient {
    std::string service;
    std::string address;
    auto operator<=>(const Recipient&) const = default;
};

struct Subscription {
    std::vector<Recipient> recipients;
    std::vector<std::string> triggers;  ///< empty: the default ones
    kube::Selector selector{};          ///< on the application's labels
};

struct Catalog {
    /// By the last part of their key: service.slack is "slack", service.email.gmail "gmail", service.webhook.github "github".
    std::map<std::string, Service> services;
    std::map<std::string, Template> templates;
    std::map<std::string, std::vector<Condition>> triggers;
    std::vector<Subscription> subscriptions;
    std::vector<std::string> default_triggers;
    doc::Value context = doc::Value::map();  ///< texts that templates see as .context
    /// What is configured and cannot be used, with the reason: who subscribes to it is told.
    std::map<std::string, std::string> off_services, off_triggers;
    std::vector<std::string> warnings;  ///< everything that is wrong, with its place

    /// "webhook:github" is another way to say "github".
    Recipient resolved(Recipient recipient) const;
};

/// Argo CD's own triggers (on-created, on-deleted, on-deployed, on-health-degraded, on-sync-failed, on-sync-running,
/// on-sync-status-unknown, on-sync-succeeded) and templates (app-created, ...): what a file need not bring.
Catalog standard_catalog();

/// The value of a secret that a text names as "$name"; nullopt when there is none.
using SecretSource = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads ConfigMaps into a standard_catalog(), later ones over earlier ones, and takes secrets from the Secrets among
/// `documents` before asking `secrets`. What is wrong with one key (a service that is not known here, a condition that cannot
/// be read, a template or secret that is missing) is a warning and only that one is off. Error(invalid) for documents of
/// another kind.
Catalog read_catalog(const std::vector<doc::Value>& documents, const std::string& file, const SecretSource& secrets);

/// "slack:channel" as in an annotation or a subscription. Error(invalid) when the service is missing.
Recipient parse_recipient(std::string_view text);

}  // namespace gitops::notify
