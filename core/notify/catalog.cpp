#include "core/notify/catalog.hpp"

#include <algorithm>
#include <array>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/fields_reader.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::notify {

namespace {

using base::Code;
using base::Error;
using doc::FieldsReader;
using doc::Value;

/// Services of Argo CD that gitopsctl does not know.
constexpr std::array<std::string_view, 18> k_other_services{
    "alertmanager", "awssqs",     "gcppubsub", "github",   "googlechat", "grafana", "mattermost",      "nats",     "newrelic",
    "opsgenie",     "pagerduty",  "pagerdutyv2", "pushover", "rocketchat", "teams",   "teams-workflows", "telegram", "webex"};

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.'; }

class CatalogReader {
  public:
    CatalogReader(std::string file, const SecretSource& secrets) : m_file(std::move(file)), m_secrets(secrets) {}

    void take_secret(const Value& secret) {
        if (const auto* texts = secret.find("stringData"))
            for (const auto& entry : texts->entries()) m_known[std::string(entry.name())] = entry.value.text();
        if (const auto* data = secret.find("data"))
            for (const auto& entry : data->entries()) {
                auto plain = base::base64_decode(entry.value.text());
                if (plain) m_known.try_emplace(std::string(entry.name()), *plain);
                else warn(entry.value.line(), "data." + std::string(entry.name()), Error(Code::invalid, "is no base64"));
            }
    }

    void take_config(const Value& config) {
        const auto* data = config.find("data");
        if (data == nullptr) return;
        for (const auto& entry : data->entries()) {
            try {
                if (!entry.value.is_string()) throw Error(Code::invalid, "must be a text");
                take(entry);
            } catch (const Error& wrong) {
                switch_off(std::string(entry.name()), warn(entry.value.line(), std::string(entry.name()), wrong));
            }
        }
    }

    /// What can be said only when everything was read.
    Catalog finish() {
        for (auto trigger = m_catalog.triggers.begin(); trigger != m_catalog.triggers.end();) {
            const auto missing = missing_template(trigger->second);
            if (!missing) {
                ++trigger;
                continue;
            }
            m_catalog.off_triggers[trigger->first] = warn_missing(m_catalog.templates, {}, *missing, "trigger." + trigger->first + " sends the template");
            trigger = m_catalog.triggers.erase(trigger);
        }
        keep_known(m_catalog.default_triggers, "defaultTriggers names the trigger");
        for (auto& subscription : m_catalog.subscriptions) settle(subscription);
        std::erase_if(m_catalog.subscriptions, [](const Subscription& subscription) { return subscription.recipients.empty(); });
        return std::move(m_catalog);
    }

  private:
    std::string warn(std::uint32_t line, const std::string& key, const Error& wrong) {
        const auto place = wrong.place().line > 0 ? static_cast<std::uint32_t>(wrong.place().line) : line;
        const std::string who = wrong.message().starts_with(key) ? "" : key + ": ";
        return m_catalog.warnings.emplace_back(m_file + ":" + std::to_string(place) + ": " + who + wrong.message() + guess(wrong.suggestions()) +
                                               (wrong.hint_text().empty() ? "" : " (" + wrong.hint_text() + ")"));
    }
    static std::string guess(const std::vector<std::string>& names) { return names.empty() ? "" : " (did you mean " + names.front() + "?)"; }

    /// Who names what is off, for a reason told where it stands, or what is not there at all.
    template <class Map>
    std::string warn_missing(const Map& known, const std::map<std::string, std::string>& off, const std::string& name, const std::string& who) {
        if (off.contains(name)) return m_catalog.warnings.emplace_back(m_file + ": " + who + " \"" + name + "\", which is off");
        std::vector<std::string> names;
        for (const auto& [each, value] : known) names.push_back(each);
        return m_catalog.warnings.emplace_back(m_file + ": " + who + " \"" + name + "\", which is not there" +
                                               guess(base::near_names(name, names)));
    }

    /// What "service.email.gmail" and "service.email" go by.
    static std::string service_name(const std::string& key) {
        const auto name = key.substr(key.find('.') + 1);
        return name.substr(name.find('.') + 1);
    }

    void switch_off(const std::string& key, const std::string& why) {
        const auto name = key.substr(key.find('.') + 1);
        if (key.starts_with("service.")) {
            m_catalog.services.erase(service_name(key));
            m_catalog.off_services[service_name(key)] = why;
        } else if (key.starts_with("trigger.")) {
            m_catalog.triggers.erase(name);
            m_catalog.off_triggers[name] = why;
        } else if (key.starts_with("template.")) {
            m_catalog.templates.erase(name);
        }
    }

    std::optional<std::string> missing_template(const std::vector<Condition>& conditions) const {
        for (const auto& condition : conditions)
            for (const auto& name : condition.send)
                if (!m_catalog.templates.contains(name)) return name;
        return std::nullopt;
    }

    void keep_known(std::vector<std::string>& triggers, const std::string& who) {
        std::erase_if(triggers, [&](const std::string& name) {
            if (m_catalog.triggers.contains(name)) return false;
            warn_missing(m_catalog.triggers, m_catalog.off_triggers, name, who);
            return true;
        });
    }

    /// One whose triggers are all off has no recipients: without any it would mean the default ones.
    void settle(Subscription& subscription) {
        const bool named = !subscription.triggers.empty();
        keep_known(subscription.triggers, "subscriptions name the trigger");
        if (named && subscription.triggers.empty()) subscription.recipients.clear();
        for (auto& recipient : subscription.recipients) recipient = m_catalog.resolved(std::move(recipient));
        std::erase_if(subscription.recipients, [&](const Recipient& recipient) {
            if (m_catalog.services.contains(recipient.service)) return false;
            warn_missing(m_catalog.services, m_catalog.off_services, recipient.service, "subscriptions name the service");
            return true;
        });
    }

    void take(const doc::Entry& entry) {
        const std::string key(entry.name());
        const auto dot = key.find('.');
        const auto head = key.substr(0, dot);
        const auto name = dot == key.npos ? std::string() : key.substr(dot + 1);
        const auto document = parsed(entry.value);
        if (head == "trigger" && !name.empty()) {
            m_catalog.triggers[name] = read_trigger(document, key);
            m_catalog.off_triggers.erase(name);
        } else if (head == "template" && !name.empty()) {
            m_catalog.templates[name] = read_template(document, key);
        } else if (head == "service" && !name.empty()) {
            m_catalog.services[service_name(key)] = read_service(document, name, key);
            m_catalog.off_services.erase(service_name(key));
        } else if (key == "subscriptions") {
            read_subscriptions(document, entry.value.line());
        } else if (key == "defaultTriggers") {
            m_catalog.default_triggers = names_in(document, key);
        } else if (key == "context") {
            read_context(document);
        } else {
            throw Error(Code::invalid, "is no key of a notifications ConfigMap")
                .suggest(base::near_names(head, {"trigger", "template", "service", "subscriptions", "defaultTriggers", "context"}));
        }
    }

    /// The document inside the text; lines count from where the text stands.
    Value parsed(const Value& text) const {
        const bool is_block = text.style() == Value::Style::literal || text.style() == Value::Style::folded;
        auto documents = doc::read_yaml(text.text(), {.file = m_file, .first_line = text.line() + (is_block ? 1 : 0)});
        return documents.empty() ? Value() : documents.front();
    }

    static std::vector<std::string> names_in(const Value& list, const std::string& key) {
        std::vector<std::string> names;
        if (!list.is_list()) throw Error(Code::invalid, key + " must be a list of names");
        for (const auto& item : list.items()) {
            if (!item.is_string()) throw Error(Code::invalid, key + " must be a list of names");
            names.emplace_back(item.text());
        }
        return names;
    }

    std::vector<Condition> read_trigger(const Value& list, const std::string& key) const {
        if (!list.is_list()) throw Error(Code::invalid, key + " must be a list of conditions");
        std::vector<Condition> conditions;
        for (const auto& item : list.items()) {
            FieldsReader fields(&item, key + "[" + std::to_string(conditions.size()) + "]", "");
            Condition condition{Expression::parse(fields.text("when")), std::nullopt, fields.texts("send"), fields.text("description")};
            const auto once = fields.text("oncePer");
            if (!once.empty()) condition.once_per = Expression::parse(once);
            require_known(fields);
            conditions.push_back(std::move(condition));
        }
        return conditions;
    }

    static void require_known(const FieldsReader& fields) {
        const auto unknown = fields.unknown();
        if (!unknown.empty()) throw Error(Code::invalid, "unknown field " + unknown.front());
    }

    static Template read_template(const Value& document, const std::string& key) {
        FieldsReader fields(&document, key, "");
        Template text;
        text.message = fields.text("message");
        auto email = fields.child("email");
        text.email_subject = email.text("subject");
        text.email_body = email.text("body");
        require_known(email);
        auto slack = fields.child("slack");
        text.slack_attachments = slack.text("attachments");
        text.slack_blocks = slack.text("blocks");
        text.slack_thread = {slack.text("groupingKey"), slack.flag("notifyBroadcast", false), read_delivery(slack)};
        text.slack_username = slack.text("username");
        text.slack_icon = slack.text("icon");
        require_known(slack);
        if (const auto* hooks = fields.raw("webhook")) {
            for (const auto& hook : hooks->entries()) {
                FieldsReader parts(&hook.value, key + ".webhook." + std::string(hook.name()), "");
                text.webhooks[std::string(hook.name())] = {parts.text("method"), parts.text("path"), parts.text("body")};
                require_known(parts);
            }
        }
        for (const auto name : k_other_services) fields.raw(name);  // for services others read
        require_known(fields);
        return text;
    }

    static SlackThread::Delivery read_delivery(FieldsReader& slack) {
        const auto policy = slack.text("deliveryPolicy");
        if (policy.empty() || policy == "Post") return SlackThread::Delivery::post;
        if (policy == "PostAndUpdate") return SlackThread::Delivery::post_and_update;
        if (policy == "Update") return SlackThread::Delivery::update;
        throw slack.error("deliveryPolicy", "expected Post, PostAndUpdate or Update, found \"" + policy + "\"");
    }

    Service read_service(const Value& document, const std::string& name, const std::string& key) {
        const auto dot = name.find('.');
        const auto kind = name.substr(0, dot);
        Service service;
        FieldsReader fields(&document, key, "");
        if (kind == "webhook") {
            if (dot == name.npos) throw Error(Code::invalid, "a webhook has a name: service.webhook.NAME");
            service.kind = Service::Kind::webhook;
            service.webhook = read_webhook(fields);
        } else if (kind == "slack") {
            service.kind = Service::Kind::slack;
            service.slack = read_slack(fields);
        } else if (kind == "email") {
            service.kind = Service::Kind::mail;
            service.mail = read_mail(fields);
        } else if (std::ranges::find(k_other_services, kind) != k_other_services.end()) {
            throw Error(Code::invalid, "the service \"" + kind + "\" is not supported").hint("webhook, slack and email are");
        } else {
            throw Error(Code::invalid, "there is no service \"" + kind + "\"").suggest(base::near_names(kind, {"webhook", "slack", "email"}));
        }
        return service;
    }

    SlackService read_slack(FieldsReader& fields) const {
        SlackService slack{filled(fields.text("token")), fields.text("username"), fields.text("icon"),
                           fields.text("apiURL"), fields.flag("insecureSkipVerify", false)};
        fields.raw("signingSecret");
        fields.raw("channels");
        require_known(fields);
        if (slack.token.empty()) throw fields.error("token", "is missing");
        return slack;
    }

    WebhookService read_webhook(FieldsReader& fields) const {
        WebhookService webhook{filled(fields.text("url")), {}, {}, {}, fields.flag("insecureSkipVerify", false)};
        for (auto& header : fields.children("headers")) {
            webhook.headers.emplace_back(header.text("name"), filled(header.text("value")));
            require_known(header);
        }
        auto login = fields.child("basicAuth");
        webhook.username = filled(login.text("username"));
        webhook.password = filled(login.text("password"));
        require_known(login);
        for (const auto* name : {"retryWaitMin", "retryWaitMax", "retryMax"}) fields.raw(name);
        require_known(fields);
        if (webhook.url.empty()) throw fields.error("url", "is missing");
        return webhook;
    }

    MailService read_mail(FieldsReader& fields) const {
        MailService mail{fields.text("host"), static_cast<int>(fields.integer("port").value_or(587)), filled(fields.text("username")),
                         filled(fields.text("password")), fields.text("from"), fields.flag("html", false),
                         fields.flag("insecure_skip_verify", false)};
        require_known(fields);
        if (mail.host.empty()) throw fields.error("host", "is missing");
        if (mail.from.empty()) throw fields.error("from", "is missing");
        return mail;
    }

    void read_subscriptions(const Value& list, std::uint32_t line) {
        if (!list.is_list()) throw Error(Code::invalid, "subscriptions must be a list");
        std::size_t place = 0;
        for (const auto& item : list.items()) {
            try {
                m_catalog.subscriptions.push_back(read_subscription(item, "subscriptions[" + std::to_string(place++) + "]"));
            } catch (const Error& wrong) {
                warn(line, "subscriptions", wrong);
            }
        }
    }

    static Subscription read_subscription(const Value& item, const std::string& place) {
        FieldsReader fields(&item, place, "");
        Subscription subscription;
        for (const auto& text : fields.texts("recipients")) subscription.recipients.push_back(parse_recipient(text));
        subscription.triggers = fields.texts("triggers");
        subscription.selector = kube::Selector::parse(fields.text("selector"));
        require_known(fields);
        return subscription;
    }

    void read_context(const Value& map) {
        for (const auto& entry : map.entries()) {
            if (!entry.value.is_scalar()) throw Error(Code::invalid, "context." + std::string(entry.name()) + " must be a text");
            m_catalog.context.set(entry.name(), Value(entry.value.text()));
        }
    }

    /// With every "$name" replaced by its secret.
    std::string filled(const std::string& text) const {
        std::string result;
        for (std::size_t at = 0; at < text.size();) {
            if (text[at] != '$' || at + 1 == text.size() || !is_name(text[at + 1])) {
                result += text[at++];
                continue;
            }
            auto end = ++at;
            while (end < text.size() && is_name(text[end])) ++end;
            const auto name = text.substr(at, end - at);
            const auto known = m_known.find(name);
            const auto secret = known != m_known.end() ? std::optional(known->second) : m_secrets ? m_secrets(name) : std::nullopt;
            if (!secret)
                throw Error(Code::invalid, "there is no secret \"" + name + "\"")
                    .hint("give it in a Secret document beside the ConfigMap, or as an environment variable: $slack-token is SLACK_TOKEN");
            result += *secret;
            at = end;
        }
        return result;
    }

    std::string m_file;
    const SecretSource& m_secrets;
    std::map<std::string, std::string> m_known;
    Catalog m_catalog = standard_catalog();
};

}  // namespace

Catalog read_catalog(const std::vector<Value>& documents, const std::string& file, const SecretSource& secrets) {
    CatalogReader reader(file, secrets);
    for (const auto& document : documents)
        if (document.text_at("kind") == "Secret") reader.take_secret(document);
    for (const auto& document : documents) {
        const auto kind = document.text_at("kind");
        if (kind == "ConfigMap") reader.take_config(document);
        else if (kind != "Secret")
            throw Error(Code::invalid, "expected a ConfigMap or a Secret, found kind \"" + std::string(kind) + "\"")
                .at({file, static_cast<int>(document.line()), 0});
    }
    return reader.finish();
}

Recipient Catalog::resolved(Recipient recipient) const {
    if (recipient.service == "webhook" && services.contains(recipient.address)) return {recipient.address, ""};
    return recipient;
}

Recipient parse_recipient(std::string_view text) {
    const auto colon = text.find(':');
    Recipient recipient{std::string(base::trim(text.substr(0, colon))),
                        colon == text.npos ? std::string() : std::string(base::trim(text.substr(colon + 1)))};
    if (recipient.service.empty())
        throw Error(Code::invalid, "\"" + std::string(text) + "\" is no recipient").hint("write SERVICE:ADDRESS, as in slack:wafer-team");
    return recipient;
}

}  // namespace gitops::notify
