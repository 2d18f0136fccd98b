#include "core/notify/occasion.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::notify {

namespace {

using base::Error;
using doc::Value;

constexpr std::string_view k_prefix = "notifications.argoproj.io/";

/// (trigger, recipient), each once.
using Wishes = std::set<std::pair<std::string, Recipient>>;

class WishReader {
  public:
    WishReader(const Catalog& catalog, std::vector<std::string>& problems) : m_catalog(catalog), m_problems(problems) {}

    void take_global(const Value& labels) {
        for (const auto& subscription : m_catalog.subscriptions)
            if (subscription.selector.matches(labels)) add(subscription.triggers, subscription.recipients);
    }

    void take_annotations(const Value& object) {
        const auto* annotations = object.path("metadata", "annotations");
        if (annotations == nullptr) return;
        for (const auto& entry : annotations->entries()) take_annotation(entry.name(), entry.value.text());
    }

    Wishes take() { return std::move(m_wishes); }

  private:
    void take_annotation(std::string_view name, std::string_view text) {
        if (!name.starts_with(k_prefix)) return;
        const std::string rest(name.substr(k_prefix.size()));
        if (rest == "subscriptions") take_list(text);
        if (!rest.starts_with("subscribe.")) return;
        const auto parts = base::split(std::string_view(rest).substr(std::string_view("subscribe.").size()), '.');
        if (parts.empty() || parts.size() > 2 || parts.back().empty()) {
            m_problems.push_back("annotation " + std::string(name) + ": expected subscribe.TRIGGER.SERVICE");
            return;
        }
        std::vector<std::string> triggers;
        if (parts.size() == 2) triggers.emplace_back(parts.front());
        add(triggers, recipients(std::string(parts.back()), text), "annotation " + std::string(name) + ": ");
    }

    static std::vector<Recipient> recipients(const std::string& service, std::string_view text) {
        std::vector<Recipient> found;
        for (const auto part : base::split(text, ';'))
            if (const auto address = base::trim(part); !address.empty()) found.push_back({service, std::string(address)});
        if (found.empty()) found.push_back({service, ""});
        return found;
    }

    void take_list(std::string_view text) {
        try {
            for (const auto& document : doc::read_yaml(text))
                for (const auto& item : document.items()) take_item(item);
        } catch (const Error& error) {
            m_problems.push_back("annotation notifications.argoproj.io/subscriptions: " + error.message());
        }
    }

    void take_item(const Value& item) {
        std::vector<std::string> triggers;
        if (const auto* named = item.find("trigger"))
            for (const auto& trigger : named->items()) triggers.emplace_back(trigger.text());
        std::vector<Recipient> wanted;
        if (const auto* destinations = item.find("destinations"))
            for (const auto& destination : destinations->items()) {
                const std::string service(destination.text_at("service"));
                const auto* addresses = destination.find("recipients");
                if (addresses == nullptr || addresses->empty()) wanted.push_back({service, ""});
                else
                    for (const auto& address : addresses->items()) wanted.push_back({service, std::string(address.text())});
            }
        add(triggers, wanted, "annotation notifications.argoproj.io/subscriptions: ");
    }

    void add(const std::vector<std::string>& triggers, const std::vector<Recipient>& recipients, const std::string& from = {}) {
        for (const auto& trigger : triggers.empty() ? m_catalog.default_triggers : triggers) {
            if (!m_catalog.triggers.contains(trigger)) {
                m_problems.push_back(from + absence("trigger", trigger, m_catalog.off_triggers));
                continue;
            }
            for (const auto& recipient : recipients) {
                const auto resolved = m_catalog.resolved(recipient);
                if (m_catalog.services.contains(resolved.service)) m_wishes.emplace(trigger, resolved);
                else m_problems.push_back(from + absence("service", resolved.service, m_catalog.off_services));
            }
        }
    }

    static std::string absence(const std::string& what, const std::string& name, const std::map<std::string, std::string>& off) {
        const auto why = off.find(name);
        if (why == off.end()) return "there is no " + what + " \"" + name + "\"";
        return "the " + what + " \"" + name + "\" is off: " + why->second;
    }

    const Catalog& m_catalog;
    std::vector<std::string>& m_problems;
    Wishes m_wishes;
};

std::string text_of(const Value& value) { return value.is_scalar() ? std::string(value.text()) : doc::write_json(value); }

}  // namespace

std::string Occasion::key() const {
    return trigger + "[" + std::to_string(condition) + "]:" + recipient.service + ":" + recipient.address;
}

Occasions occasions_of(const Catalog& catalog, const Subject& subject) {
    Occasions result;
    WishReader reader(catalog, result.problems);
    const auto* labels = subject.app.path("metadata", "labels");
    reader.take_global(labels != nullptr ? *labels : Value());
    reader.take_annotations(subject.app);
    reader.take_annotations(subject.project);
    const auto scope = Value::map({{"app", subject.app}, {"context", catalog.context}});
    const auto functions = functions_of(subject);
    for (const auto& [trigger, recipient] : reader.take()) {
        const auto& conditions = catalog.triggers.at(trigger);
        for (std::size_t i = 0; i < conditions.size(); ++i) {
            const auto& condition = conditions[i];
            Occasion occasion{recipient, trigger, i, false, {}, condition.once_per.has_value(), condition.send};
            try {
                occasion.holds = condition.when.holds(scope, subject.now, functions);
                if (occasion.holds && condition.once_per) occasion.once = text_of(condition.once_per->evaluate(scope, subject.now, functions));
            } catch (const Error& error) {
                result.problems.push_back("trigger " + trigger + ": " + error.message());
                continue;
            }
            result.items.push_back(std::move(occasion));
        }
    }
    std::ranges::sort(result.problems);
    const auto [first, last] = std::ranges::unique(result.problems);
    result.problems.erase(first, last);
    return result;
}

}  // namespace gitops::notify
