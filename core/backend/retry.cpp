#include "core/backend/retry.hpp"

#include <array>
#include <charconv>

#include "core/base/text.hpp"

namespace gitops::backend {

using base::Duration;

namespace {

constexpr Duration k_first_bound{100};
constexpr Duration k_longest_bound{8'000};
constexpr Duration k_longest_asked{30'000};
constexpr std::int64_t k_day_seconds = 86'400;

struct Rule {
    int tries;          ///< of this request, all troubles together
    Duration patience;  ///< never longer than the request's own
};

Rule rule_of(Trouble trouble) {
    constexpr Duration as_given = Duration::max();
    switch (trouble) {
        case Trouble::throttled: return {50, as_given};
        case Trouble::overloaded: return {50, as_given};
        case Trouble::failing: return {6, as_given};
        case Trouble::unreached: return {50, as_given};
        case Trouble::never_reached: return {4, Duration(5'000)};
        case Trouble::broken: return {10, as_given};
        case Trouble::garbled: return {3, as_given};
    }
    return {1, as_given};
}

/// The next number of the generator "splitmix64" (Steele, Lea, Flood 2014).
std::uint64_t next_random(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
}

std::optional<std::int64_t> number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || digits.front() == '-' || end != digits.data() + digits.size()) return std::nullopt;
    if (error == std::errc::result_out_of_range) return INT64_MAX;
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<base::Time> parse_http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = std::find(k_months.begin(), k_months.end(), text.substr(8, 3));
    if (month == k_months.end()) return std::nullopt;
    const std::string month_number = std::to_string(month - k_months.begin() + 101).substr(1);
    return base::parse_rfc3339(std::string(text.substr(12, 4)) + "-" + month_number + "-" + std::string(text.substr(5, 2)) +
                               "T" + std::string(text.substr(17, 8)) + "Z");
}

}  // namespace

std::optional<Duration> Backoff::next(Trouble trouble, std::optional<Duration> asked) {
    const Rule rule = rule_of(trouble);
    const int tries = ++m_tries;
    Duration bound = k_first_bound;
    for (int i = 1; i < tries && bound < k_longest_bound; ++i) bound *= 2;
    bound = std::min(bound, k_longest_bound);
    Duration wait(static_cast<Duration::rep>(next_random(m_random) % static_cast<std::uint64_t>(bound.count() + 1)));
    if (asked) wait += std::clamp(*asked, Duration(0), k_longest_asked);
    const bool asked_nicely = asked && trouble == Trouble::failing;
    if (tries >= (asked_nicely ? rule_of(Trouble::overloaded).tries : rule.tries)) return std::nullopt;
    if (m_spent + wait >= std::min(m_patience, rule.patience)) return std::nullopt;
    m_spent += wait;
    return wait;
}

std::optional<Duration> parse_retry_after(std::string_view text, base::Time now) {
    text = base::trim(text);
    if (const auto seconds = number(text)) return std::chrono::seconds(std::min(*seconds, k_day_seconds));
    const auto date = parse_http_date(text);
    if (!date) return std::nullopt;
    return std::clamp<Duration>(*date - now, Duration(0), std::chrono::seconds(k_day_seconds));
}

}  // namespace gitops::backend
