#include "core/notify/expression.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/notify/expression_tree.hpp"

namespace gitops::notify {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using base::Time;
using detail::Node;
using detail::Op;
using doc::Value;
using Term = std::variant<Value, Time, Duration>;

constexpr int k_most_steps = 100'000;

[[noreturn]] void fail(const Node& node, const std::string& what) {
    throw Error(Code::invalid, "column " + std::to_string(node.column) + " of the condition: " + what);
}

std::string_view kind_of(const Term& term) {
    if (std::holds_alternative<Time>(term)) return "time";
    if (std::holds_alternative<Duration>(term)) return "duration";
    return doc::kind_name(std::get<Value>(term).kind());
}

class Evaluation {
  public:
    Evaluation(const Value& scope, Time now, const SubjectFunctions& functions) : m_scope(scope), m_now(now), m_functions(functions) {}

    Term of(const Node& node) {
        if (++m_steps > k_most_steps) fail(node, "it takes too many steps");
        switch (node.op) {
            case Op::literal: return node.value;
            case Op::list: return list(node);
            case Op::name: return name(node);
            case Op::item:
                if (m_items.empty()) fail(node, "an item is known in a {predicate} only");
                return m_items.back();
            case Op::member: return member(node, value(*node.parts[0]));
            case Op::index: return index(node);
            case Op::call: return call(node);
            case Op::method: return method(node);
            case Op::predicate: fail(node, "a {predicate} stands in any(), all() and their like only");
            case Op::negate: return Value(-number(*node.parts[0]));
            case Op::invert: return Value(!flag(*node.parts[0]));
            case Op::equal: return Value(equal(of(*node.parts[0]), of(*node.parts[1])));
            case Op::unequal: return Value(!equal(of(*node.parts[0]), of(*node.parts[1])));
            case Op::less: return Value(compare(node) < 0);
            case Op::less_equal: return Value(compare(node) <= 0);
            case Op::greater: return Value(compare(node) > 0);
            case Op::greater_equal: return Value(compare(node) >= 0);
            case Op::in: return Value(is_in(node));
            case Op::not_in: return Value(!is_in(node));
            case Op::contains: return Value(text(*node.parts[0]).find(text(*node.parts[1])) != std::string::npos);
            case Op::starts_with: return Value(text(*node.parts[0]).starts_with(text(*node.parts[1])));
            case Op::ends_with: return Value(text(*node.parts[0]).ends_with(text(*node.parts[1])));
            case Op::matches: return Value(matches(node));
            case Op::both: return Value(flag(*node.parts[0]) && flag(*node.parts[1]));
            case Op::either: return Value(flag(*node.parts[0]) || flag(*node.parts[1]));
            case Op::otherwise: {
                auto first = of(*node.parts[0]);
                const auto* plain = std::get_if<Value>(&first);
                return plain != nullptr && plain->is_null() ? of(*node.parts[1]) : first;
            }
            case Op::add:
            case Op::subtract:
            case Op::multiply:
            case Op::divide:
            case Op::modulo: return arithmetic(node);
            case Op::choose: return flag(*node.parts[0]) ? of(*node.parts[1]) : of(*node.parts[2]);
        }
        return Value();
    }

  private:
    Value value(const Node& node) {
        auto term = of(node);
        if (auto* plain = std::get_if<Value>(&term)) return std::move(*plain);
        fail(node, "a " + std::string(kind_of(term)) + " has no members");
    }

    template <class Wanted>
    Wanted typed(const Node& node, std::string_view what) {
        auto term = of(node);
        if (auto* found = std::get_if<Wanted>(&term)) return *found;
        fail(node, "expected a " + std::string(what) + ", found a " + std::string(kind_of(term)));
    }

    bool flag(const Node& node) {
        const auto term = of(node);
        const auto* plain = std::get_if<Value>(&term);
        if (plain == nullptr || !plain->is_bool()) fail(node, "expected true or false, found a " + std::string(kind_of(term)));
        return plain->as_bool();
    }

    double number(const Node& node) {
        const auto term = of(node);
        const auto* plain = std::get_if<Value>(&term);
        if (plain == nullptr || !plain->is_number()) fail(node, "expected a number, found a " + std::string(kind_of(term)));
        return plain->to_double().value_or(0);
    }

    std::string text(const Node& node) {
        const auto term = of(node);
        const auto* plain = std::get_if<Value>(&term);
        if (plain != nullptr && plain->is_null()) return "";
        if (plain == nullptr || !plain->is_string()) fail(node, "expected a text, found a " + std::string(kind_of(term)));
        return std::string(plain->text());
    }

    Value list(const Node& node) {
        auto result = Value::list();
        for (const auto& part : node.parts) result.push_back(value(*part));
        return result;
    }

    Value name(const Node& node) {
        const auto* found = m_scope.find(node.text);
        if (found == nullptr) {
            std::vector<std::string> names;
            for (const auto& entry : m_scope.entries()) names.emplace_back(entry.name());
            Error error(Code::invalid, "column " + std::to_string(node.column) + " of the condition: there is no \"" + node.text + "\"");
            throw error.suggest(base::near_names(node.text, names));
        }
        return *found;
    }

    static Value member(const Node& node, const Value& of_what) {
        if (of_what.is_null()) return {};
        if (!of_what.is_map()) fail(node, "a " + std::string(kind_of(of_what)) + " has no member \"" + node.text + "\"");
        const auto* found = of_what.find(node.text);
        return found == nullptr ? Value() : *found;
    }

    Value index(const Node& node) {
        const auto of_what = value(*node.parts[0]);
        const auto by = value(*node.parts[1]);
        if (of_what.is_null()) return {};
        if (of_what.is_map() && by.is_string()) {
            const auto* found = of_what.find(by.text());
            return found == nullptr ? Value() : *found;
        }
        const auto at = by.to_int();
        if (!of_what.is_list() || !at) fail(node, "a " + std::string(kind_of(of_what)) + " has no place [" + std::string(by.text()) + "]");
        const auto size = static_cast<std::int64_t>(of_what.size());
        const auto place = *at < 0 ? *at + size : *at;
        if (place < 0 || place >= size) fail(node, "the list has " + std::to_string(size) + " items, not one at " + std::to_string(*at));
        return of_what.items()[static_cast<std::size_t>(place)];
    }

    static bool equal(const Term& left, const Term& right) { return left == right; }

    int compare(const Node& node) {
        const auto left = of(*node.parts[0]);
        const auto right = of(*node.parts[1]);
        const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; };
        if (left.index() == right.index()) {
            if (const auto* time = std::get_if<Time>(&left)) return order(*time, std::get<Time>(right));
            if (const auto* span = std::get_if<Duration>(&left)) return order(*span, std::get<Duration>(right));
            const auto& a = std::get<Value>(left);
            const auto& b = std::get<Value>(right);
            if (a.is_number() && b.is_number()) return order(a.to_double().value_or(0), b.to_double().value_or(0));
            if (a.is_string() && b.is_string()) return order(a.text(), b.text());
        }
        fail(node, "a " + std::string(kind_of(left)) + " cannot be compared with a " + std::string(kind_of(right)));
    }

    bool is_in(const Node& node) {
        const auto what = value(*node.parts[0]);
        const auto where = value(*node.parts[1]);
        if (where.is_null()) return false;
        if (where.is_map() && what.is_string()) return where.has(what.text());
        if (!where.is_list()) fail(node, "\"in\" asks for a list, found a " + std::string(kind_of(where)));
        return std::ranges::find(where.items(), what) != where.items().end();
    }

    bool matches(const Node& node) {
        const auto what = text(*node.parts[0]);
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(1 << 20);
        const RE2 pattern(text(*node.parts[1]), options);
        if (!pattern.ok()) fail(node, "the pattern cannot be used: " + pattern.error());
        return RE2::PartialMatch(what, pattern);
    }

    Term arithmetic(const Node& node) {
        const auto left = of(*node.parts[0]);
        const auto right = of(*node.parts[1]);
        const auto* a = std::get_if<Value>(&left);
        const auto* b = std::get_if<Value>(&right);
        if (a != nullptr && b != nullptr && a->is_number() && b->is_number()) return calculate(node, *a, *b);
        if (a != nullptr && b != nullptr && a->is_string() && b->is_string() && node.op == Op::add)
            return Value(std::string(a->text()) + std::string(b->text()));
        fail(node, "a " + std::string(kind_of(left)) + " and a " + std::string(kind_of(right)) + " do not go together");
    }

    static Value calculate(const Node& node, const Value& left, const Value& right) {
        const double a = left.to_double().value_or(0);
        const double b = right.to_double().value_or(0);
        double result = 0;
        if (node.op == Op::add) result = a + b;
        else if (node.op == Op::subtract) result = a - b;
        else if (node.op == Op::multiply) result = a * b;
        else if (b == 0) fail(node, "division by zero");
        else result = node.op == Op::divide ? a / b : std::fmod(a, b);
        const bool whole = left.is_integer() && right.is_integer() && node.op != Op::divide && std::abs(result) < 9e15;
        return whole ? Value(static_cast<std::int64_t>(result)) : Value(result);
    }

    void require_parts(const Node& node, std::size_t count) {
        if (node.parts.size() != count)
            fail(node, node.text + "() takes " + std::to_string(count) + (count == 1 ? " argument" : " arguments"));
    }

    Term call(const Node& node) {
        using Rule = Term (Evaluation::*)(const Node&);
        struct Row {
            std::size_t parts;
            Rule rule;
        };
        static const std::map<std::string_view, Row> k_rules{
            {"len", {1, &Evaluation::length}},
            {"any", {2, &Evaluation::counted}},
            {"all", {2, &Evaluation::counted}},
            {"none", {2, &Evaluation::counted}},
            {"one", {2, &Evaluation::counted}},
            {"count", {2, &Evaluation::counted}},
            {"filter", {2, &Evaluation::filtered}},
            {"map", {2, &Evaluation::mapped}},
            {"time.Now", {0, &Evaluation::time_now}},
            {"time.Parse", {1, &Evaluation::time_parse}},
            {"strings.ToUpper", {1, &Evaluation::to_upper}},
            {"strings.ToLower", {1, &Evaluation::to_lower}},
            {"strings.ReplaceAll", {3, &Evaluation::replace_all}},
        };
        if (const auto outside = m_functions.find(node.text); outside != m_functions.end()) return ask(node, outside->second);
        const auto found = k_rules.find(node.text);
        if (found == k_rules.end()) {
            std::vector<std::string> names;
            for (const auto& [name, row] : k_rules) names.emplace_back(name);
            for (const auto& [name, function] : m_functions) names.push_back(name);
            Error error(Code::invalid,
                        "column " + std::to_string(node.column) + " of the condition: there is no function " + node.text + "()");
            throw error.suggest(base::near_names(node.text, names));
        }
        require_parts(node, found->second.parts);
        return (this->*found->second.rule)(node);
    }

    Term ask(const Node& node, const SubjectFunction& function) {
        std::vector<Value> arguments;
        for (const auto& part : node.parts) arguments.push_back(value(*part));
        if (arguments.size() < function.fewest || arguments.size() > function.most) require_parts(node, function.fewest);
        try {
            return function.call(arguments);
        } catch (const Error& error) {
            if (error.code() == Code::cancelled) throw;
            fail(node, node.text + "(): " + error.message());
        }
    }

    Term length(const Node& node) {
        const auto what = value(*node.parts[0]);
        if (what.is_string()) return Value(static_cast<std::int64_t>(what.text().size()));
        if (what.is_list() || what.is_map() || what.is_null()) return Value(static_cast<std::int64_t>(what.size()));
        fail(node, "a " + std::string(kind_of(what)) + " has no length");
    }

    /// Calls `each` with every item and what the predicate comes to for it.
    void visit(const Node& node, const std::function<void(const Value& item, const Term& result)>& each) {
        const auto items = value(*node.parts[0]);
        if (!items.is_list() && !items.is_null()) fail(node, node.text + "() asks for a list, found a " + std::string(kind_of(items)));
        const auto& predicate = *node.parts[1];
        if (predicate.op != Op::predicate) fail(predicate, node.text + "() takes a {predicate} as its second argument");
        for (const auto& item : items.items()) {
            m_items.push_back(item);
            const auto result = of(*predicate.parts[0]);
            m_items.pop_back();
            each(item, result);
        }
    }

    static bool is_true(const Node& node, const Term& term) {
        const auto* plain = std::get_if<Value>(&term);
        if (plain == nullptr || !plain->is_bool())
            fail(node, "the predicate comes to a " + std::string(kind_of(term)) + ", not to true or false");
        return plain->as_bool();
    }

    Term counted(const Node& node) {
        std::int64_t hits = 0;
        std::int64_t all = 0;
        visit(node, [&](const Value&, const Term& result) {
            ++all;
            hits += is_true(node, result) ? 1 : 0;
        });
        if (node.text == "count") return Value(hits);
        if (node.text == "any") return Value(hits > 0);
        if (node.text == "all") return Value(hits == all);
        return Value(node.text == "none" ? hits == 0 : hits == 1);
    }

    Term filtered(const Node& node) {
        auto kept = Value::list();
        visit(node, [&](const Value& item, const Term& result) {
            if (is_true(node, result)) kept.push_back(item);
        });
        return kept;
    }

    Term mapped(const Node& node) {
        auto made = Value::list();
        visit(node, [&](const Value&, const Term& result) {
            const auto* plain = std::get_if<Value>(&result);
            if (plain == nullptr) fail(node, "a list holds no " + std::string(kind_of(result)));
            made.push_back(*plain);
        });
        return made;
    }

    Term time_now(const Node&) { return m_now; }

    Term time_parse(const Node& node) {
        const auto written = text(*node.parts[0]);
        const auto time = base::parse_rfc3339(written);
        if (!time) fail(node, "\"" + written + "\" is no time as in RFC 3339");
        return *time;
    }

    Term to_upper(const Node& node) { return changed(node, [](unsigned char c) { return std::toupper(c); }); }
    Term to_lower(const Node& node) { return changed(node, [](unsigned char c) { return std::tolower(c); }); }

    Term changed(const Node& node, int (*letter)(unsigned char)) {
        auto what = text(*node.parts[0]);
        for (auto& c : what) c = static_cast<char>(letter(static_cast<unsigned char>(c)));
        return Value(what);
    }

    Term replace_all(const Node& node) {
        const auto what = text(*node.parts[0]);
        const auto from = text(*node.parts[1]);
        const auto to = text(*node.parts[2]);
        if (from.empty()) fail(node, "the text to replace is empty");
        std::string result;
        std::size_t done = 0;
        for (auto at = what.find(from); at != what.npos; at = what.find(from, done)) {
            result += what.substr(done, at - done) + to;
            done = at + from.size();
            if (result.size() > 64U << 10) fail(node, "the text becomes too long");
        }
        return Value(result + what.substr(done));
    }

    Term method(const Node& node) {
        const auto of_what = of(*node.parts[0]);
        if (const auto* time = std::get_if<Time>(&of_what)) {
            require_parts(node, 2);
            const auto& other = *node.parts[1];
            if (node.text == "Sub") return std::chrono::duration_cast<Duration>(*time - typed<Time>(other, "time"));
            if (node.text == "Add") return *time + typed<Duration>(other, "duration");
            if (node.text == "Before") return Value(*time < typed<Time>(other, "time"));
            if (node.text == "After") return Value(*time > typed<Time>(other, "time"));
        }
        if (const auto* span = std::get_if<Duration>(&of_what)) {
            require_parts(node, 1);
            const double seconds = static_cast<double>(span->count()) / 1000;
            if (node.text == "Seconds") return Value(seconds);
            if (node.text == "Minutes") return Value(seconds / 60);
            if (node.text == "Hours") return Value(seconds / 3600);
        }
        fail(node, "a " + std::string(kind_of(of_what)) + " has no method " + node.text + "()");
    }

    const Value& m_scope;
    Time m_now;
    const SubjectFunctions& m_functions;
    std::vector<Value> m_items;
    int m_steps = 0;
};

}  // namespace

Expression Expression::parse(std::string_view text) {
    Expression expression;
    expression.m_text = text;
    expression.m_root = detail::parse_expression(text);
    return expression;
}

Value Expression::evaluate(const Value& scope, Time now, const SubjectFunctions& functions) const {
    const auto term = Evaluation(scope, now, functions).of(*m_root);
    if (const auto* time = std::get_if<Time>(&term)) return Value(base::to_rfc3339(*time));
    if (const auto* span = std::get_if<Duration>(&term)) return Value(base::format_duration(*span));
    return std::get<Value>(term);
}

bool Expression::holds(const Value& scope, Time now, const SubjectFunctions& functions) const {
    const auto value = evaluate(scope, now, functions);
    if (!value.is_bool())
        throw Error(Code::invalid, "the condition \"" + m_text + "\" comes to a " + std::string(doc::kind_name(value.kind())) +
                                       ", not to true or false");
    return value.as_bool();
}

}  // namespace gitops::notify
