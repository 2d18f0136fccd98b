#include "core/rollout/promql_parts.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace gitops::rollout {

namespace {

using Role = QueryPart::Role;

constexpr int k_deepest = 8;           ///< parentheses that are opened
constexpr std::size_t k_most_parts = 8;  ///< each is a question to the server
constexpr std::array<std::string_view, 4> k_word_operators{"and", "or", "unless", "atan2"};
constexpr std::array<std::string_view, 5> k_modifiers{"bool", "on", "ignoring", "group_left", "group_right"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == ':'; }

/// Behind the quoted text that starts at `at`.
std::size_t end_of_quote(std::string_view text, std::size_t at) {
    const char quote = text[at++];
    while (at < text.size() && text[at] != quote) at += text[at] == '\\' && quote != '`' ? 2 : 1;
    return std::min(at + 1, text.size());
}

/// Behind the bracket that closes the one at `at`; npos when none does.
std::size_t end_of_bracket(std::string_view text, std::size_t at) {
    std::string open;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"' || c == '\'' || c == '`') {
            at = end_of_quote(text, at);
            continue;
        }
        ++at;
        if (c == '(') open += ')';
        else if (c == '{') open += '}';
        else if (c == '[') open += ']';
        else if (c == ')' || c == '}' || c == ']') {
            if (open.back() != c) return text.npos;
            open.pop_back();
            if (open.empty()) return at;
        }
    }
    return text.npos;
}

/// Behind the number or name that starts at `at`: 0.5, 1e-3, 5m, sum, job:rate5m.
std::size_t end_of_word(std::string_view text, std::size_t at) {
    const bool is_number = is_digit(text[at]) || text[at] == '.';
    const bool is_hex = text.substr(at).starts_with("0x") || text.substr(at).starts_with("0X");
    while (at < text.size() && (is_word(text[at]) || (is_number && text[at] == '.'))) {
        const bool has_sign = is_number && !is_hex && (text[at] == 'e' || text[at] == 'E') && at + 1 < text.size() &&
                              (text[at + 1] == '-' || text[at + 1] == '+');
        at += has_sign ? 2 : 1;
    }
    return at;
}

struct Factor {
    char before;  ///< '*' or '/'
    std::string_view text;
};

/// Without what stands between an operator and its right side: bool, on (...), group_left (...).
std::string_view without_modifiers(std::string_view text) {
    text = base::trim(text);
    while (!text.empty() && is_word(text.front())) {
        const auto end = end_of_word(text, 0);
        if (std::ranges::find(k_modifiers, base::lower(text.substr(0, end))) == k_modifiers.end()) return text;
        text = base::trim(text.substr(end));
        if (!text.starts_with('(')) continue;
        const auto close = end_of_bracket(text, 0);
        if (close == text.npos) return text;
        // `on (x) (a / b)`: only the first bracket belongs to it.
        text = base::trim(text.substr(close));
    }
    return text;
}

/// The factors at the top of `text`; empty when another operator binds it together or it has only one.
std::vector<Factor> factors(std::string_view text) {
    std::vector<Factor> found;
    char before = '*';
    std::size_t from = 0, at = 0;
    const auto take = [&] {
        const auto factor = text.substr(from, at - from);
        found.push_back({before, from == 0 ? base::trim(factor) : without_modifiers(factor)});
    };
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"' || c == '\'' || c == '`') at = end_of_quote(text, at);
        else if (c == '(' || c == '{' || c == '[') {
            at = end_of_bracket(text, at);
            if (at == text.npos) return {};
        } else if (is_word(c) || c == '.') {
            const auto end = end_of_word(text, at);
            const auto word = base::lower(text.substr(at, end - at));
            if (std::ranges::find(k_word_operators, word) != k_word_operators.end()) return {};
            at = std::max(end, at + 1);
        } else if (c == '*' || c == '/') {
            take();
            before = c;
            from = ++at;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') ++at;
        else return {};
    }
    take();
    if (std::ranges::any_of(found, [](const Factor& factor) { return factor.text.empty(); })) return {};
    return found;
}

bool is_plain_number(std::string_view text) {
    return !text.empty() && (is_digit(text.front()) || text.front() == '.') && end_of_word(text, 0) == text.size();
}

void collect(std::string_view text, Role role, int depth, std::vector<QueryPart>& parts) {
    text = base::trim(text);
    if (is_plain_number(text)) return;
    const bool is_wrapped = text.starts_with('(') && end_of_bracket(text, 0) == text.size();
    if (is_wrapped && depth < k_deepest) return collect(text.substr(1, text.size() - 2), role, depth + 1, parts);
    const auto found = factors(text);
    if (found.size() < 2) return parts.push_back({role, std::string(text)});
    const Role other = role == Role::numerator ? Role::denominator : Role::numerator;
    for (const Factor& factor : found) collect(factor.text, factor.before == '*' ? role : other, depth + 1, parts);
}

}  // namespace

std::vector<QueryPart> parts_of(std::string_view query) {
    std::vector<QueryPart> parts;
    const std::string text = without_comments(query);
    collect(text, Role::numerator, 0, parts);
    return parts.size() < 2 || parts.size() > k_most_parts ? std::vector<QueryPart>() : parts;
}

std::string without_comments(std::string_view query) {
    std::string kept;
    for (std::size_t at = 0; at < query.size();) {
        const char c = query[at];
        std::size_t end = at + 1;
        if (c == '"' || c == '\'' || c == '`') end = end_of_quote(query, at);
        if (c == '#') at = std::min(query.find('\n', at), query.size());
        else {
            kept += query.substr(at, end - at);
            at = end;
        }
    }
    return kept;
}

}  // namespace gitops::rollout
