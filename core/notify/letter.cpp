#include "core/notify/letter.hpp"

#include <cctype>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/templates/go_template.hpp"
#include "core/templates/sprig.hpp"

namespace gitops::notify {

namespace {

using templates::Datum;
using templates::GoCall;
using templates::GoFunction;

/// A message is read by people: one of 256 KiB is a mistake.
constexpr std::size_t k_longest_text = 256U << 10;

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

class Writer {
  public:
    Writer(const std::string& name, const Catalog& catalog, const Occasion& occasion, const Subject& subject) : m_name(name) {
        m_options.now = subject.now;
        m_options.max_output = k_longest_text;
        m_options.max_work = 2'000'000;
        m_data = templates::to_datum(doc::Value::map({{"app", subject.app},
                                                    {"context", catalog.context},
                                                    {"serviceType", occasion.recipient.service},
                                                    {"recipient", occasion.recipient.address}}),
                                   templates::Numbers::as_written);
        for (auto& [name_of_it, function] : functions_of(subject)) add(name_of_it, in_template(name_of_it, function));
        add_plain_functions();
    }

    std::string fill(const std::string& text, const std::string& part) const {
        if (text.find("{{") == text.npos) return text;
        templates::GoTemplate parsed(templates::argo_functions());
        const auto name = m_name + "." + part;
        parsed.parse(name, text);
        return parsed.execute(name, m_data, m_options);
    }

  private:
    /// "repo.GetCommitMetadata" becomes .repo.GetCommitMetadata.
    void add(const std::string& name, GoFunction function) {
        const auto dot = name.find('.');
        auto& rooms = m_data.entries();
        auto& room = rooms.try_emplace(name.substr(0, dot), Datum::map()).first->second;
        room.entries().insert_or_assign(name.substr(dot + 1), Datum::function(std::move(function)));
    }

    static GoFunction in_template(const std::string& name, const SubjectFunction& function) {
        return {name, "a*", [function](GoCall& call) {
                    if (call.count() < function.fewest || call.count() > function.most)
                        throw base::Error(base::Code::invalid, "wrong number of args: got " + std::to_string(call.count()) + " want " +
                                                                   std::to_string(function.fewest));
                    std::vector<doc::Value> arguments;
                    for (const auto& argument : call.args) arguments.push_back(templates::to_value(argument));
                    return with_time(templates::to_datum(function.call(arguments), templates::Numbers::as_written));
                }};
    }

    /// The Date of a commit is a time in Go.
    static Datum with_time(Datum answer) {
        const auto* date = answer.find("Date");
        const auto time = date != nullptr && date->is_string() ? base::parse_rfc3339(date->text()) : std::nullopt;
        if (time) answer.entries().insert_or_assign("Date", Datum(*time));
        return answer;
    }

    void add_plain_functions() {
        const auto replaced = [](GoCall& call) {
            std::string text = call.text(0);
            const std::string from = call.text(1), to = call.text(2);
            for (std::size_t at = from.empty() ? text.npos : text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
                text.replace(at, from.size(), to);
                call.run.spend(text.size());
            }
            return Datum(text);
        };
        const auto parsed = [](GoCall& call) {
            const auto time = base::parse_rfc3339(call.text(0));
            if (!time) throw base::Error(base::Code::invalid, "\"" + call.text(0) + "\" is no time as in RFC 3339");
            return Datum(*time);
        };
        add("time.Now", {"time.Now", "", [](GoCall& call) { return Datum(call.run.now()); }});
        add("time.Parse", {"time.Parse", "s", parsed});
        add("strings.ReplaceAll", {"strings.ReplaceAll", "sss", replaced});
        add("strings.ToUpper", {"strings.ToUpper", "s", [](GoCall& call) { return Datum(upper(call.text(0))); }});
        add("strings.ToLower", {"strings.ToLower", "s", [](GoCall& call) { return Datum(base::lower(call.text(0))); }});
    }

    std::string m_name;
    templates::GoOptions m_options;
    templates::Datum m_data;
};

}  // namespace

Letter letter_of(const Catalog& catalog, const Occasion& occasion, const std::string& template_name, const Subject& subject) {
    const auto& text = catalog.templates.at(template_name);
    const Writer writer(template_name, catalog, occasion, subject);
    Letter letter{catalog.services.at(occasion.recipient.service), occasion.recipient, {}};
    const auto* app_name = subject.app.path("metadata", "name");
    // The same trigger of the next operation is another event.
    const auto* began = occasion.is_lasting ? nullptr : subject.app.path("status", "operationState", "startedAt");
    const auto operation = began != nullptr ? "\n" + std::string(began->text()) : std::string();
    letter.id = base::sha256_hex((app_name != nullptr ? std::string(app_name->text()) : std::string()) + "\n" + occasion.key() + "\n" +
                                 template_name + "\n" + occasion.once + operation);
    letter.message = writer.fill(text.message, "message");
    switch (letter.service.kind) {
        case Service::Kind::mail:
            letter.subject = writer.fill(text.email_subject, "email.subject");
            letter.body = text.email_body.empty() ? letter.message : writer.fill(text.email_body, "email.body");
            break;
        case Service::Kind::slack:
            if (!text.slack_username.empty()) letter.service.slack.username = text.slack_username;
            if (!text.slack_icon.empty()) letter.service.slack.icon = text.slack_icon;
            letter.attachments = writer.fill(text.slack_attachments, "slack.attachments");
            letter.blocks = writer.fill(text.slack_blocks, "slack.blocks");
            letter.thread = text.slack_thread;
            letter.thread.key = writer.fill(text.slack_thread.key, "slack.groupingKey");
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
