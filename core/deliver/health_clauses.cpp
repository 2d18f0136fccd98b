#include "core/deliver/health_clauses.hpp"

#include <algorithm>
#include <string>

#include "core/base/text.hpp"
#include "core/deliver/health_rules.hpp"

namespace gitops::deliver {
namespace {

/// Cuts `text` at the first `separator`; the second part is nullopt when there is none.
std::pair<std::string_view, std::optional<std::string_view>> cut(std::string_view text, char separator) {
    const auto end = text.find(separator);
    if (end == std::string_view::npos) return {text, std::nullopt};
    return {text.substr(0, end), text.substr(end + 1)};
}

bool is_one_of(std::string_view text, std::string_view alternatives) {
    const auto parts = base::split(alternatives, '|');
    return std::find(parts.begin(), parts.end(), text) != parts.end();
}

bool path_holds(const doc::Value& object, std::string_view term) {
    const auto [path, values] = cut(term, '=');
    const auto* found = at_path(object, path);
    if (found == nullptr || found->is_null()) return false;
    if (values) return found->is_scalar() && is_one_of(found->text(), *values);
    return found->is_scalar() ? !found->text().empty() : !found->empty();
}

std::optional<Condition> matching_condition(const doc::Value& object, std::string_view term) {
    const auto [head, reasons] = cut(term, ':');
    const auto [types, statuses] = cut(head, '=');
    for (const auto& item : conditions_of(object).items()) {
        const auto condition = condition_of(item);
        if (!is_one_of(condition.type, types)) continue;
        if (statuses && !is_one_of(condition.status, *statuses)) continue;
        if (reasons && !is_one_of(condition.reason, *reasons)) continue;
        return condition;
    }
    return std::nullopt;
}

/// Whether one term holds; a condition that decided it lends its message.
bool term_holds(const doc::Value& object, std::string_view term, std::string& message) {
    if (term.starts_with('!')) {
        std::string unused;
        return !term_holds(object, term.substr(1), unused);
    }
    if (term == "else") return true;
    if (term == "behind") return number_at(object, "status.observedGeneration").has_value() && generation_behind(object);
    if (term.starts_with('.')) return path_holds(object, term.substr(1));
    const auto condition = matching_condition(object, term);
    if (condition && message.empty()) message = condition->message.empty() ? condition->reason : condition->message;
    return condition.has_value();
}

}  // namespace

std::optional<Health> judge_by(const doc::Value& object, std::span<const Clause> clauses) {
    for (const auto& clause : clauses) {
        std::string message;
        const auto terms = base::split(clause.when, '&');
        const bool holds = std::all_of(terms.begin(), terms.end(),
                                       [&](std::string_view term) { return term_holds(object, term, message); });
        if (!holds) continue;
        if (message.empty()) message = text_at(object, "status.message");
        return Health{clause.status, std::move(message)};
    }
    return std::nullopt;
}

}  // namespace gitops::deliver
