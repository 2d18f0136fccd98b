#include "core/base/semver.hpp"

#include <algorithm>
#include <limits>

#include "core/base/text.hpp"

namespace gitops::base {

namespace {

constexpr std::size_t k_longest_version = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }
bool is_identifier(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }

std::optional<std::uint64_t> parse_number(std::string_view text) {
    if (!all_digits(text)) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
        value = value * 10 + digit;
    }
    return value;
}

bool are_identifiers(const std::vector<std::string_view>& parts) {
    return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
        return !part.empty() && std::all_of(part.begin(), part.end(), is_identifier);
    });
}

bool has_leading_zero(std::string_view part) { return part.size() > 1 && part.front() == '0' && all_digits(part); }

/// Cuts "-pre" and "+build" off `rest` into `version`; false when they are malformed.
bool take_suffixes(std::string_view& rest, Version& version) {
    if (const auto plus = rest.find('+'); plus != std::string_view::npos) {
        version.build = rest.substr(plus + 1);
        if (!are_identifiers(split(version.build, '.'))) return false;
        rest = rest.substr(0, plus);
    }
    if (const auto dash = rest.find('-'); dash != std::string_view::npos) {
        const auto parts = split(rest.substr(dash + 1), '.');
        if (!are_identifiers(parts) || std::any_of(parts.begin(), parts.end(), has_leading_zero)) return false;
        version.pre.assign(parts.begin(), parts.end());
        rest = rest.substr(0, dash);
    }
    return true;
}

/// A version of which only the first parts may be given; a wildcard counts as not given.
struct Partial {
    Version version;
    std::size_t given = 0;  ///< 0 ("*") to 3
};

enum class Wildcards { allowed, refused };

std::optional<Partial> parse_partial(std::string_view text, Wildcards wildcards) {
    if (text.size() > k_longest_version) return std::nullopt;
    if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
    Partial result;
    if (!take_suffixes(text, result.version)) return std::nullopt;
    const auto parts = split(text, '.');
    if (parts.size() > 3) return std::nullopt;
    std::uint64_t* const fields[] = {&result.version.major, &result.version.minor, &result.version.patch};
    bool wild = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (wildcards == Wildcards::allowed && (parts[i] == "*" || parts[i] == "x" || parts[i] == "X")) {
            wild = true;
            continue;
        }
        const auto number = parse_number(parts[i]);
        if (!number) return std::nullopt;
        if (wild) continue;  // "1.*.3": what stands behind a wildcard says nothing
        *fields[i] = *number;
        result.given = i + 1;
    }
    return result;
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
    const bool a_number = all_digits(a);
    const bool b_number = all_digits(b);
    if (a_number != b_number) return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
    if (a_number && a.size() != b.size()) return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

using detail::VersionAlternative;
using detail::VersionBound;
using detail::VersionOp;
using detail::VersionSpan;

/// The lowest version whose first `kept` parts are one above those of `version`: its lowest pre-release.
Version following(const Version& version, std::size_t kept) {
    Version next;
    next.major = version.major + (kept == 1 ? 1 : 0);
    if (kept >= 2) next.minor = version.minor + (kept == 2 ? 1 : 0);
    if (kept == 3) next.patch = version.patch + 1;
    next.pre = {"0"};
    return next;
}

VersionBound at_least(const Version& version) { return {VersionOp::ge, version}; }
VersionBound below(const Version& version) { return {VersionOp::lt, version}; }

VersionSpan equal_span(const Partial& p) {
    if (p.given == 3) return {{{VersionOp::eq, p.version}}};
    if (p.given == 0) return {};
    return {{at_least(p.version), below(following(p.version, p.given))}};
}

VersionSpan not_equal_span(const Partial& p) {
    VersionSpan span = equal_span(p);
    span.excluded = true;
    return span;
}

VersionSpan tilde_span(const Partial& p) {
    if (p.given == 0) return {};
    return {{at_least(p.version), below(following(p.version, std::min<std::size_t>(p.given, 2)))}};
}

VersionSpan caret_span(const Partial& p) {
    if (p.given == 0) return {};
    std::size_t kept = 1;  // the first part that is not zero may not change
    if (p.version.major == 0 && p.given >= 2) kept = p.version.minor == 0 && p.given == 3 ? 3 : 2;
    return {{at_least(p.version), below(following(p.version, kept))}};
}

VersionSpan greater_span(const Partial& p) {
    if (p.given == 3) return {{{VersionOp::gt, p.version}}};
    if (p.given == 0) return {{}, true};
    return {{at_least(following(p.version, p.given))}};
}

VersionSpan greater_equal_span(const Partial& p) { return {{at_least(p.version)}}; }
VersionSpan less_span(const Partial& p) { return {{below(p.version)}}; }

VersionSpan less_equal_span(const Partial& p) {
    if (p.given == 3) return {{{VersionOp::le, p.version}}};
    if (p.given == 0) return {};
    return {{below(following(p.version, p.given))}};
}

struct Operator {
    std::string_view sign;
    VersionSpan (*span)(const Partial&);
};
constexpr Operator k_operators[] = {
    {"", equal_span},          {"=", equal_span},       {"!=", not_equal_span},   {">", greater_span},
    {">=", greater_equal_span}, {"=>", greater_equal_span}, {"<", less_span},     {"<=", less_equal_span},
    {"=<", less_equal_span},   {"~", tilde_span},       {"~>", tilde_span},       {"^", caret_span}};

constexpr std::string_view k_blanks = " \t,";
constexpr std::string_view k_signs = "=!<>~^";

std::string_view take_while(std::string_view& rest, std::string_view set) {
    const std::string_view taken = rest.substr(0, rest.find_first_not_of(set));
    rest.remove_prefix(taken.size());
    return taken;
}

std::string_view take_word(std::string_view& rest) {
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t,=!<>~^"));
    rest.remove_prefix(word.size());
    return word;
}

/// "1.2 - 1.4" behind its first version: takes the rest of it.
bool take_hyphen(std::string_view& rest) {
    std::string_view ahead = rest;
    if (take_while(ahead, " \t").empty() || !ahead.starts_with('-')) return false;
    ahead.remove_prefix(1);
    if (take_while(ahead, " \t").empty()) return false;
    rest = ahead;
    return true;
}

/// Versions so high that the next one cannot be counted are no bounds.
bool is_countable(const Version& v) {
    constexpr auto top = std::numeric_limits<std::uint64_t>::max();
    return v.major < top && v.minor < top && v.patch < top;
}

std::optional<VersionAlternative> parse_alternative(std::string_view rest) {
    VersionAlternative result;
    const auto add = [&](VersionSpan (*span)(const Partial&), std::string_view word) {
        const auto partial = parse_partial(word, Wildcards::allowed);
        if (!partial || !is_countable(partial->version)) return false;
        if (!partial->version.pre.empty()) result.names_pre_release = true;
        result.spans.push_back(span(*partial));
        return true;
    };
    for (take_while(rest, k_blanks); !rest.empty(); take_while(rest, k_blanks)) {
        const std::string_view sign = take_while(rest, k_signs);
        take_while(rest, " \t");
        const std::string_view word = take_word(rest);
        const auto* op = std::find_if(std::begin(k_operators), std::end(k_operators),
                                      [&](const Operator& known) { return known.sign == sign; });
        if (op == std::end(k_operators)) return std::nullopt;
        if (sign.empty() && take_hyphen(rest)) {
            if (!add(greater_equal_span, word) || !add(less_equal_span, take_word(rest))) return std::nullopt;
        } else if (!add(op->span, word)) {
            return std::nullopt;
        }
    }
    return result.spans.empty() ? std::nullopt : std::optional(result);
}

bool holds(const VersionBound& bound, const Version& version) {
    const auto order = version <=> bound.version;
    switch (bound.op) {
        case VersionOp::eq: return order == 0;
        case VersionOp::gt: return order > 0;
        case VersionOp::ge: return order >= 0;
        case VersionOp::lt: return order < 0;
        case VersionOp::le: return order <= 0;
    }
    return false;
}

bool holds(const VersionSpan& span, const Version& version) {
    const bool inside = std::all_of(span.bounds.begin(), span.bounds.end(),
                                    [&](const VersionBound& bound) { return holds(bound, version); });
    return inside != span.excluded;
}

}  // namespace

std::strong_ordering Version::operator<=>(const Version& other) const {
    if (const auto order = major <=> other.major; order != 0) return order;
    if (const auto order = minor <=> other.minor; order != 0) return order;
    if (const auto order = patch <=> other.patch; order != 0) return order;
    if (pre.empty() != other.pre.empty()) {
        return pre.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
    }
    const std::size_t common = std::min(pre.size(), other.pre.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (const auto order = compare_identifiers(pre[i], other.pre[i]); order != 0) return order;
    }
    return pre.size() <=> other.pre.size();
}

std::optional<Version> parse_version(std::string_view text) {
    const auto partial = parse_partial(text, Wildcards::refused);
    return partial ? std::optional(partial->version) : std::nullopt;
}

std::optional<VersionRange> VersionRange::parse(std::string_view text) {
    VersionRange range;
    while (true) {
        const auto bars = text.find("||");
        auto alternative = parse_alternative(text.substr(0, bars));
        if (!alternative) return std::nullopt;
        range.m_any_of.push_back(std::move(*alternative));
        if (bars == std::string_view::npos) return range;
        text.remove_prefix(bars + 2);
    }
}

bool VersionRange::matches(const Version& version) const {
    return std::any_of(m_any_of.begin(), m_any_of.end(), [&](const VersionAlternative& alternative) {
        if (!version.pre.empty() && !alternative.names_pre_release) return false;
        return std::all_of(alternative.spans.begin(), alternative.spans.end(),
                           [&](const VersionSpan& span) { return holds(span, version); });
    });
}

std::optional<std::string> highest_match(const std::vector<std::string>& tags, const VersionRange& range) {
    const std::string* best = nullptr;
    Version best_version;
    for (const std::string& tag : tags) {
        auto version = parse_version(tag);
        if (!version || !range.matches(*version)) continue;
        if (best != nullptr && *version <= best_version) continue;
        best = &tag;
        best_version = std::move(*version);
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
}

}  // namespace gitops::base
