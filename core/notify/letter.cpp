#include "core/notify/letter.hpp"

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/templates/go_template.hpp"
#include "core/templates/sprig.hpp"

namespace gitops::notify {

namespace {

/// A message is read by people: one of 256 KiB is a mistake.
constexpr std::size_t k_longest_text = 256U << 10;

class Writer {
  public:
    Writer(const std::string& name, const Catalog& catalog, const Occasion& occasion, const doc::Value& app, base::Time now)
        : m_name(name) {
        m_options.now = now;
        m_options.max_output = k_longest_text;
        m_options.max_work = 2'000'000;
        m_data = templates::to_datum(doc::Value::map({{"app", app},
                                                    {"context", catalog.context},
                                                    {"serviceType", occasion.recipient.service},
                                                    {"recipient", occasion.recipient.address}}),
                                   templates::Numbers::as_written);
    }

    std::string fill(const std::string& text, const std::string& part) const {
        if (text.find("{{") == text.npos) return text;
        templates::GoTemplate parsed(templates::argo_functions());
        const auto name = m_name + "." + part;
        parsed.parse(name, text);
        return parsed.execute(name, m_data, m_options);
    }

  private:
    std::string m_name;
    templates::GoOptions m_options;
    templates::Datum m_data;
};

}  // namespace

Letter letter_of(const Catalog& catalog, const Occasion& occasion, const std::string& template_name, const doc::Value& app,
                 base::Time now) {
    const auto& text = catalog.templates.at(template_name);
    const Writer writer(template_name, catalog, occasion, app, now);
    Letter letter{catalog.services.at(occasion.recipient.service), occasion.recipient, {}};
    const auto* app_name = app.path("metadata", "name");
    letter.id = base::sha256_hex((app_name != nullptr ? std::string(app_name->text()) : std::string()) + "\n" + occasion.key() + "\n" +
                                 template_name + "\n" + occasion.once);
    letter.message = writer.fill(text.message, "message");
    switch (letter.service.kind) {
        case Service::Kind::mail:
            letter.subject = writer.fill(text.email_subject, "email.subject");
            letter.body = text.email_body.empty() ? letter.message : writer.fill(text.email_body, "email.body");
            break;
        case Service::Kind::slack:
            letter.attachments = writer.fill(text.slack_attachments, "slack.attachments");
            letter.blocks = writer.fill(text.slack_blocks, "slack.blocks");
            letter.grouping_key = writer.fill(text.slack_grouping_key, "slack.groupingKey");
            break;
        case Service::Kind::webhook:
            if (const auto found = text.webhooks.find(occasion.recipient.service); found != text.webhooks.end())
                letter.request = {found->second.method, writer.fill(found->second.path, "webhook.path"),
                                  writer.fill(found->second.body, "webhook.body")};
            break;
    }
    return letter;
}

}  // namespace gitops::notify
