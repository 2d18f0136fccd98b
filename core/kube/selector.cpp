#include "core/kube/selector.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::kube {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::string_view k_blanks = " \t\r\n";

Error invalid(std::string_view text, std::string_view why) {
    Error error(Code::invalid, "\"" + std::string(text) + "\" is not a label selector: " + std::string(why));
    error.hint("write it as kubectl takes it: 'app=web,tier!=cache,env in (dev,prod),!legacy'");
    return error;
}

/// Reads names and marks from the text of a selector.
class Reader {
  public:
    explicit Reader(std::string_view text) : m_text(text), m_rest(text) {}

    bool done() {
        skip_blanks();
        return m_rest.empty();
    }
    bool take(std::string_view mark) {
        skip_blanks();
        if (!m_rest.starts_with(mark)) return false;
        m_rest.remove_prefix(mark.size());
        return true;
    }
    std::string_view word() {
        skip_blanks();
        const auto end = std::min(m_rest.find_first_of(" \t\r\n,=!()<>"), m_rest.size());
        const auto found = m_rest.substr(0, end);
        m_rest.remove_prefix(end);
        return found;
    }
    std::string_view key() {
        const auto found = word();
        if (found.empty()) throw invalid(m_text, "a label name is missing");
        return found;
    }
    std::vector<std::string> values() {
        if (!take("(")) throw invalid(m_text, "'in' and 'notin' need values in parentheses");
        std::vector<std::string> found;
        do found.emplace_back(word());
        while (take(","));
        if (!take(")")) throw invalid(m_text, "a ')' is missing");
        return found;
    }
    std::string_view text() const { return m_text; }

  private:
    void skip_blanks() { m_rest.remove_prefix(std::min(m_rest.find_first_not_of(k_blanks), m_rest.size())); }

    std::string_view m_text;
    std::string_view m_rest;
};

std::vector<std::string> texts_of(const Value* list) {
    std::vector<std::string> texts;
    if (list != nullptr)
        for (const auto& item : list->items()) texts.emplace_back(item.text());
    return texts;
}

}  // namespace

Selector Selector::parse(std::string_view text) {
    Selector selector;
    Reader reader(text);
    if (reader.done()) return selector;
    do {
        Term term;
        if (reader.take("!")) {
            term = {std::string(reader.key()), Op::absent, {}};
        } else {
            term.key = reader.key();
            if (reader.take("==") || reader.take("=")) {
                term.op = Op::in;
                term.values.emplace_back(reader.word());
            } else if (reader.take("!=")) {
                term.op = Op::not_in;
                term.values.emplace_back(reader.word());
            } else if (const auto word = reader.word(); word == "in" || word == "notin") {
                term.op = word == "in" ? Op::in : Op::not_in;
                term.values = reader.values();
            } else if (!word.empty()) {
                throw invalid(text, "\"" + std::string(word) + "\" is no operator");
            }
        }
        selector.m_terms.push_back(std::move(term));
    } while (reader.take(","));
    if (!reader.done()) throw invalid(text, "something follows its end");
    return selector;
}

Selector Selector::from_value(const Value& selector) {
    Selector result;
    const Value* labels = selector.find("matchLabels");
    const Value* expressions = selector.find("matchExpressions");
    const bool plain = (labels == nullptr || !labels->is_map()) && (expressions == nullptr || !expressions->is_list());
    if (plain) labels = &selector;
    if (labels != nullptr)
        for (const auto& entry : labels->entries())
            result.m_terms.push_back({std::string(entry.name()), Op::in, {std::string(entry.value.text())}});
    if (plain || expressions == nullptr) return result;
    for (const auto& expression : expressions->items()) {
        Term term;
        term.key = expression.text_at("key");
        term.values = texts_of(expression.find("values"));
        const auto name = expression.text_at("operator");
        if (name == "In") term.op = Op::in;
        else if (name == "NotIn") term.op = Op::not_in;
        else if (name == "Exists") term.op = Op::exists;
        else if (name == "DoesNotExist") term.op = Op::absent;
        else
            throw Error(Code::invalid, "\"" + std::string(name) + "\" is not an operator of a label selector")
                .hint("use In, NotIn, Exists or DoesNotExist");
        result.m_terms.push_back(std::move(term));
    }
    return result;
}

bool Selector::matches(const Value& labels) const {
    return std::all_of(m_terms.begin(), m_terms.end(), [&](const Term& term) {
        const Value* value = labels.find(term.key);
        auto listed = [&] { return std::find(term.values.begin(), term.values.end(), value->text()) != term.values.end(); };
        switch (term.op) {
            case Op::in: return value != nullptr && listed();
            case Op::not_in: return value == nullptr || !listed();  // also true without the label, as in Kubernetes
            case Op::exists: return value != nullptr;
            case Op::absent: return value == nullptr;
        }
        return false;
    });
}

}  // namespace gitops::kube
