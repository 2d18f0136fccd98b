#include "core/rollout/metric_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gitops::rollout {

namespace {

using Kind = Reading::Kind;
using Role = QueryPart::Role;

constexpr int k_decimals = 2, k_most_decimals = 9;

/// "97.20 < 99.00"; 98.9999 against 99 gets as many decimals as it takes to see why.
std::string comparison(double value, char sign, double bound) {
    for (int decimals = k_decimals;; ++decimals) {
        const auto left = fmt::format("{:.{}f}", value, decimals), right = fmt::format("{:.{}f}", bound, decimals);
        if (left != right || decimals == k_most_decimals) return left + " " + sign + " " + right;
    }
}

std::string why_out_of_range(double value, const Range& range) {
    if (range.min && value < *range.min) return comparison(value, '<', *range.min);
    if (range.max && value > *range.max) return comparison(value, '>', *range.max);
    return {};
}

void cut(std::optional<double>& bound) {
    if (bound) bound = std::trunc(*bound);
}

std::string or_else(const std::string& detail, const char* otherwise) { return detail.empty() ? otherwise : detail; }

/// What the readings of one side of a quotient have in common.
struct Side {
    bool any = false;
    bool empty = false;      ///< a part without series
    bool zero = false;       ///< a part that is 0
    bool unknown = false;    ///< a part that could not be asked for
    std::string empty_part{};
};

Side side_of(const std::vector<PartReading>& parts, Role role) {
    Side side;
    for (const auto& [part, reading] : parts) {
        if (part.role != role) continue;
        side.any = true;
        if (reading.kind == Kind::no_data && !side.empty) {
            side.empty = true;
            side.empty_part = part.text;
        }
        side.zero = side.zero || (reading.kind == Kind::value && reading.value == 0);
        side.unknown = side.unknown || reading.kind == Kind::unreachable || reading.kind == Kind::refused;
    }
    return side;
}

}  // namespace

CheckResult judge(const MetricCheck& check, const MetricQuery& query, const Reading& reading) {
    CheckResult result;
    result.name = check.name;
    result.range = check.range;
    result.query = query.text;
    result.detail = reading.detail;
    switch (reading.kind) {
        case Kind::value: break;
        case Kind::no_data:
            result.verdict = Verdict::no_data;
            result.detail = or_else(reading.detail, "no series matches");
            return result;
        case Kind::not_a_number:
            result.verdict = Verdict::no_data;
            result.detail = or_else(reading.detail, "NaN: no sample to divide by");
            return result;
        case Kind::unreachable:
        case Kind::refused:
            result.verdict = Verdict::unreachable;
            result.detail = or_else(reading.detail, "no answer");
            return result;
    }
    if (std::isnan(reading.value)) {
        result.verdict = Verdict::no_data;
        result.detail = or_else(reading.detail, "NaN: no sample to divide by");
        return result;
    }
    double value = reading.value;
    if (query.whole_millis) {
        value = std::trunc(value);
        cut(result.range.min);
        cut(result.range.max);
    }
    result.value = value;
    const std::string why = why_out_of_range(value, result.range);
    if (why.empty()) return result;
    result.verdict = Verdict::fail;
    result.detail = reading.detail.empty() ? why : why + " (" + reading.detail + ")";
    return result;
}

std::string explain_no_data(const MetricCheck& check, const MetricQuery& query, const std::vector<PartReading>& parts) {
    const Side above = side_of(parts, Role::numerator), below = side_of(parts, Role::denominator);
    if (above.unknown || below.unknown) return {};
    const bool is_success_rate = query.origin == QueryOrigin::builtin && check.name == k_success_rate;
    if (below.empty && above.empty) return "no traffic, or other labels: neither numerator nor denominator has a series";
    if (below.empty) return "no traffic, or other labels: the denominator has no series: " + below.empty_part;
    if (below.zero) return "no traffic: the denominator is 0 over the whole window";
    if (above.empty && is_success_rate && below.any) return "the numerator has no series: the canary answers only 5xx";
    if (above.empty) return "the numerator has no series: " + above.empty_part;
    if (above.any && below.any) return "numerator and denominator have series, but of different labels, so that none match";
    return {};
}

}  // namespace gitops::rollout
