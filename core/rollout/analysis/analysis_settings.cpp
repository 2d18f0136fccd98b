#include <fmt/format.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/rollout/analysis/analysis.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;

constexpr double k_most_samples = 1e12;

Error refused(const MetricCheck& check, std::string_view setting, double value, std::string_view bounds) {
    return Error(Code::invalid, fmt::format("metric {}: {} is {}; it has to be {}", check.name, setting, value, bounds));
}

double setting(const MetricCheck& check, const std::string& name, double otherwise) {
    const auto found = check.settings.find(name);
    return found == check.settings.end() ? otherwise : found->second;
}

/// A setting strictly between two bounds; NaN is not.
double between(const MetricCheck& check, const std::string& name, double low, double high, double otherwise) {
    const double value = setting(check, name, otherwise);
    if (value > low && value < high) return value;
    throw refused(check, name, value, fmt::format("above {:.6g} and below {:.6g}", low, high));
}

double floor_of(const MetricCheck& check) {
    const bool by_quantile = check.settings.contains("quantile");
    if (!by_quantile && !check.settings.contains("floor"))
        throw Error(Code::invalid, fmt::format("metric {}: floor is missing", check.name)).hint("write floor: 0.99 for 99 percent");
    const double floor = between(check, by_quantile ? "quantile" : "floor", 0, 1, 0);
    if (by_quantile && setting(check, "floor", floor) != floor)
        throw refused(check, "floor", setting(check, "floor", floor), fmt::format("the quantile, {}", floor))
            .hint("the share of requests within the bucket is both: leave one out");
    return floor;
}

SequentialTest common(const MetricCheck& check, TestKind kind) {
    SequentialTest test;
    test.kind = kind;
    test.alpha = between(check, "alpha", 0, 1, test.alpha);
    test.beta = between(check, "beta", 0, 1, test.beta);
    test.min_samples = std::ceil(setting(check, "minSamples", 0));
    if (!(test.min_samples >= 0 && test.min_samples <= k_most_samples))
        throw refused(check, "minSamples", test.min_samples, "a number of samples");
    if (const auto bucket = check.settings.find("bucket"); bucket != check.settings.end()) test.bucket = bucket->second;
    return test;
}

SequentialTest floor_test(const MetricCheck& check) {
    auto test = common(check, TestKind::floor);
    test.floor = floor_of(check);
    test.margin = between(check, "margin", 0, test.floor, std::min((1 - test.floor) / 2, test.floor / 2));
    return test;
}

SequentialTest ratio_test(const MetricCheck& check) {
    auto test = common(check, TestKind::rate_ratio);
    test.ratio = between(check, "ratio", 0, 1000, 1.2);
    test.margin = between(check, "margin", 0, 1000, test.ratio);
    return test;
}

SequentialTest margin_test(const MetricCheck& check, TestKind kind, double most, double otherwise) {
    auto test = common(check, kind);
    test.margin = between(check, "margin", 0, most, otherwise);
    return test;
}

bool is_compared(const MetricCheck& check) {
    const bool has_good = check.queries.contains("baselineGood");
    if (has_good != check.queries.contains("baselineTotal"))
        throw Error(Code::invalid, fmt::format("metric {}: baselineGood and baselineTotal belong together", check.name));
    return has_good;
}

}  // namespace

std::string_view test_name(TestKind kind) {
    switch (kind) {
        case TestKind::floor: return "floor";
        case TestKind::rate_ratio: return "ratio";
        case TestKind::two_proportions: return "baseline";
        case TestKind::paired: return "paired";
    }
    return "";
}

std::vector<SequentialTest> tests_of(const MetricCheck& check) {
    switch (check.kind) {
        case MetricKind::threshold: return {};
        case MetricKind::proportion:
        case MetricKind::latency: {
            std::vector tests{floor_test(check)};
            if (is_compared(check)) tests.push_back(margin_test(check, TestKind::two_proportions, 1, 0.02));
            return tests;
        }
        case MetricKind::ratio: return {ratio_test(check)};
        case MetricKind::paired: return {margin_test(check, TestKind::paired, 0.5, 0.1)};
    }
    return {};
}

}  // namespace gitops::rollout
