#include "core/deliver/health/health_clauses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "core/deliver/health/health_rules.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

using doc::Value;

/// Goes through the parts of `text` between separators until `visit` says true; whether it did.
template <class Visit>
bool any_part(std::string_view text, char separator, Visit visit) {
    while (true) {
        const auto end = text.find(separator);
        if (visit(text.substr(0, end))) return true;
        if (end == std::string_view::npos) return false;
        text.remove_prefix(end + 1);
    }
}

bool is_one_of(std::string_view text, std::string_view alternatives) {
    return any_part(alternatives, '|', [&](std::string_view part) { return part == text; });
}

bool begins_with_one_of(std::string_view text, std::string_view alternatives) {
    return any_part(alternatives, '|', [&](std::string_view part) { return text.starts_with(part); });
}

/// Takes what follows the last `mark` off the end of `text`.
std::optional<std::string_view> take_tail(std::string_view& text, char mark) {
    const auto at = text.rfind(mark);
    if (at == std::string_view::npos) return std::nullopt;
    const auto tail = text.substr(at + 1);
    text = text.substr(0, at);
    return tail;
}

bool take_sign(std::string_view& text, char sign) {
    if (!text.ends_with(sign)) return false;
    text.remove_suffix(1);
    return true;
}

const Value* present(const Value& from, std::string_view path) {
    const auto* found = at_path(from, path);
    return found == nullptr || found->is_null() ? nullptr : found;
}

bool says_something(const Value* found) {
    return found != nullptr && (found->is_scalar() ? !found->text().empty() : !found->empty());
}

/// A number as it stands in the rule, or the one at a path; absent or unreadable is 0.
double quantity(const Value& from, std::string_view operand) {
    if (operand.starts_with('.')) {
        const auto* found = present(from, operand.substr(1));
        return found == nullptr ? 0 : found->to_double().value_or(0);
    }
    double number = 0;
    for (const char digit : operand) number = number * 10 + (digit - '0');
    return number;
}

bool are_equal(const Value* left, const Value* right) {
    if (left == nullptr || right == nullptr) return left == right;
    return *left == *right;
}

/// A term that begins with '.' and has an operator.
bool compare(const Value& from, std::string_view path, std::string_view op, std::string_view operand) {
    const auto* found = present(from, path);
    if (op == "<") return quantity(from, fmt::format(".{}", path)) < quantity(from, operand);
    if (op == ">") return quantity(from, fmt::format(".{}", path)) > quantity(from, operand);
    if (op == "==") return are_equal(found, present(from, operand.substr(1)));
    if (op == "!=") {
        const auto* other = present(from, operand.substr(1));
        return found != nullptr && other != nullptr && !are_equal(found, other);
    }
    if (found == nullptr || !found->is_scalar()) return false;
    return op == "^=" ? begins_with_one_of(found->text(), operand) : is_one_of(found->text(), operand);
}

bool field_holds(const Value& from, std::string_view term) {
    if (term.starts_with('!')) return !field_holds(from, term.substr(1));
    if (term.starts_with('?')) return present(from, term.substr(1)) != nullptr;
    term.remove_prefix(1);
    const auto begin = term.find_first_of("=<>^!");
    if (begin == std::string_view::npos) return says_something(present(from, term));
    const auto length = term.substr(begin + 1).starts_with('=') ? std::size_t{2} : std::size_t{1};
    return compare(from, term.substr(0, begin), term.substr(begin, length), term.substr(begin + length));
}

/// "[path]term,term": some item of the list, or value of the map, satisfies every term.
bool item_holds(const Value& object, std::string_view term) {
    const auto end = term.find(']');
    const auto* found = present(object, term.substr(1, end - 1));
    if (found == nullptr) return false;
    const auto satisfies = [terms = term.substr(end + 1)](const Value& item) {
        return !any_part(terms, ',', [&](std::string_view one) { return !field_holds(item, one); });
    };
    const auto items = found->items();
    const auto entries = found->entries();
    return std::any_of(items.begin(), items.end(), satisfies) ||
           std::any_of(entries.begin(), entries.end(), [&](const doc::Entry& entry) { return satisfies(entry.value); });
}

bool generations_differ(const Value& object, const Value* observed) {
    return !are_equal(at_path(object, "metadata.generation"), observed);
}

/// What was observed is known, and so is the generation, and they are not the same.
bool is_stale(const Value& object, const Value* observed) {
    return observed != nullptr && at_path(object, "metadata.generation") != nullptr && generations_differ(object, observed);
}

/// Whether `item`, an entry of status.conditions, is what the term speaks of.
bool condition_fits(const Value& object, const Value& item, std::string_view term) {
    const auto condition = condition_of(item);
    if (const auto message = take_tail(term, '%'); message && !is_one_of(condition.message, *message)) return false;
    if (auto reasons = take_tail(term, ':')) {
        const bool other = reasons->starts_with('!');
        if (is_one_of(condition.reason, other ? reasons->substr(1) : *reasons) == other) return false;
    }
    if (const auto statuses = take_tail(term, '=')) {
        const bool other = take_sign(term, '!');
        if (is_one_of(condition.status, *statuses) == other) return false;
    }
    const auto* observed = item.find("observedGeneration");
    if (take_sign(term, '~') && !is_stale(object, observed)) return false;
    if (take_sign(term, '+') && generations_differ(object, observed)) return false;
    if (term == "*") return true;
    return term.starts_with('-') ? !is_one_of(condition.type, term.substr(1)) : is_one_of(condition.type, term);
}

std::string_view words_of(const Condition& condition) {
    return condition.message.empty() ? condition.reason : condition.message;
}

bool some_condition_fits(const Value& object, std::string_view term, std::string_view& words) {
    for (const auto& item : conditions_of(object).items()) {
        if (!condition_fits(object, item, term)) continue;
        if (words.empty()) words = words_of(condition_of(item));
        return true;
    }
    return false;
}

bool mark_holds(std::string_view term, const Value& object) {
    const bool is_label = term.starts_with("label ");
    term.remove_prefix(is_label ? 6 : 11);
    const auto values = take_tail(term, '=');
    const auto* marks = at_path(object, is_label ? "metadata.labels" : "metadata.annotations");
    const auto* mark = marks == nullptr ? nullptr : marks->find(term);
    return mark != nullptr && (!values || is_one_of(mark->text(), *values));
}

/// Whether one term holds; a condition that decided it lends its words.
bool term_holds(const Value& object, std::string_view term, std::string_view& words) {
    if (term.starts_with('!')) {
        std::string_view unused;
        return !term_holds(object, term.substr(1), unused);
    }
    if (term.starts_with('.') || term.starts_with('?')) return field_holds(object, term);
    if (term.starts_with('[')) return item_holds(object, term);
    if (term == "else") return true;
    const auto* observed = at_path(object, "status.observedGeneration");
    if (term == "behind") return observed != nullptr && generation_behind(object);
    if (term == "stale") return is_stale(object, observed);
    if (term == "unobserved") return generations_differ(object, observed);
    if (term.starts_with("label ") || term.starts_with("annotation ")) return mark_holds(term, object);
    return some_condition_fits(object, term, words);
}

bool all_hold(const Value& object, std::string_view terms, std::string_view& words) {
    return !any_part(terms, '&', [&](std::string_view term) { return !term_holds(object, term, words); });
}

/// "status.phase is Promoting", when the rule looked at one field's value.
std::string value_that_decided(const Value& object, std::string_view when) {
    const auto begin = when.find(".status.");
    if (begin != 0) return {};
    const auto end = when.find_first_of("=^");
    if (end == std::string_view::npos || when.find_first_of("&<>!") != std::string_view::npos) return {};
    const auto path = when.substr(1, end - 1);
    const auto* found = present(object, path);
    return found == nullptr || !found->is_scalar() ? std::string{} : fmt::format("{} is {}", path, found->text());
}

std::string message_for(const Value& object, const Clause& clause, std::string_view words) {
    if (!words.empty()) return std::string(words);
    if (!clause.message.empty()) return std::string(clause.message);
    for (const auto path : {"status.message", "status.reason"})
        if (const auto text = text_at(object, path); !text.empty()) return std::string(text);
    if (auto told = value_that_decided(object, clause.when); !told.empty()) return told;
    if (const auto ready = find_condition(object, "Ready"); ready && !ready->is_true() && !words_of(*ready).empty())
        return std::string(words_of(*ready));
    if (clause.status != HealthStatus::progressing) return {};
    if (generation_behind(object)) return "waiting for the controller to look at the latest change";
    return conditions_of(object).empty() ? "waiting for the controller to write a status" : "";
}

/// A run of '@' clauses: every condition in turn meets all of them.
std::optional<Health> walk(const Value& object, std::span<const Clause> run) {
    for (const auto& item : conditions_of(object).items()) {
        for (const auto& clause : run) {
            const auto end = clause.when.find('&');
            if (!condition_fits(object, item, clause.when.substr(1, end == std::string_view::npos ? end : end - 1))) continue;
            auto words = words_of(condition_of(item));
            if (end != std::string_view::npos && !all_hold(object, clause.when.substr(end + 1), words)) continue;
            return Health{clause.status, message_for(object, clause, words)};
        }
    }
    return std::nullopt;
}

bool is_walk(const Clause& clause) { return clause.when.starts_with('@'); }

}  // namespace

std::optional<Health> judge_by(const doc::Value& object, std::span<const Clause> clauses) {
    for (std::size_t i = 0; i < clauses.size(); ++i) {
        if (is_walk(clauses[i])) {
            std::size_t end = i;
            while (end < clauses.size() && is_walk(clauses[end])) ++end;
            if (auto health = walk(object, clauses.subspan(i, end - i))) return health;
            i = end - 1;
            continue;
        }
        std::string_view words;
        if (all_hold(object, clauses[i].when, words)) return Health{clauses[i].status, message_for(object, clauses[i], words)};
    }
    return std::nullopt;
}

}  // namespace gitops::deliver
