#include <algorithm>
#include <array>
#include <cmath>

#include "core/rollout/analysis/analysis_e_values.hpp"
#include "core/rollout/analysis/analysis_special.hpp"

namespace gitops::rollout {

namespace {

/// Readings in a row that may be put off: then the counters are taken as they are.
constexpr int k_most_skewed = 3;
constexpr double k_most_count = 1e15;     ///< of a reading: below 2^53, so that counting stays exact
constexpr double k_most_weighed = 1e12;   ///< trials of a side: bounds the time of a look whatever a server answers

void add(Tally& sum, const Tally& more) {
    sum.successes += more.successes;
    sum.failures += more.failures;
}

void add(std::vector<double>& logs, const std::vector<double>& factors) {
    logs.resize(factors.size(), 0.0);
    for (std::size_t i = 0; i < logs.size(); ++i) logs[i] += factors[i];
}

bool is_two_sided(TestKind kind) { return kind == TestKind::rate_ratio || kind == TestKind::two_proportions; }

/// There are fewer failures and no fewer trials: the counter of successes was read a moment later than that of trials.
bool is_skewed(const Tally& before, const Tally& now) {
    return now.successes >= before.successes && now.total() >= before.total() && now.failures < before.failures;
}

/// Failures that were read, or the successes that remain of the trials.
std::optional<Tally> tally_of(double part, double total, bool part_is_failures) {
    if (part > total) return std::nullopt;
    return part_is_failures ? Tally{total - part, part} : Tally{part, total - part};
}

std::vector<double> factors_of(const SequentialTest& test, const Counters& before, const Counters& batch, Claim claim) {
    switch (test.kind) {
        case TestKind::floor:
        case TestKind::paired: return {};
        case TestKind::rate_ratio: return rate_ratio_log_factors(test, batch, claim);
        case TestKind::two_proportions: return two_proportions_log_factors(test, before, batch, claim);
    }
    return {};
}

/// What a batch like the last one is expected to be at the rates seen until now. Before any rare event was seen both sides
/// are taken for equal, with half an event.
Counters expected_batch(const SequentialTest& test, const Evidence& evidence) {
    const auto& total = evidence.total;
    const auto like = [](const Tally& size, double failure_rate) {
        return Tally{size.total() * (1 - failure_rate), size.total() * failure_rate};
    };
    if (test.kind == TestKind::rate_ratio && total.canary.failures + total.baseline.failures == 0) {
        const double rate = 0.5 / (total.canary.total() + total.baseline.total() + 1);
        return {like(evidence.last.canary, rate), like(evidence.last.baseline, rate)};
    }
    return {like(evidence.last.canary, total.canary.failures / total.canary.total()),
            like(evidence.last.baseline, total.baseline.failures / total.baseline.total())};
}

/// The smallest whole k with curve(k) at least `target`. The log of a mean of exponentials that are linear in k is convex, so
/// that it crosses once when it starts below.
template <class Curve>
std::optional<double> first_at(double target, const Curve& curve) {
    constexpr double most = 1e9;
    if (curve(0) >= target) return 0;
    double high = 1;
    while (curve(high) < target)
        if ((high *= 2) > most) return std::nullopt;
    double low = std::floor(high / 2);
    while (high - low > 1) {
        const double middle = std::floor((low + high) / 2);
        (curve(middle) < target ? low : high) = middle;
    }
    return high;
}

}  // namespace

std::vector<std::string_view> counters_of(TestKind kind) {
    switch (kind) {
        case TestKind::floor: return {"good", "total"};
        case TestKind::rate_ratio: return {"bad", "total", "baselineBad", "baselineTotal"};
        case TestKind::two_proportions: return {"good", "total", "baselineGood", "baselineTotal"};
        case TestKind::paired: return {"canaryOnly", "baselineOnly"};
    }
    return {};
}

std::optional<Counters> counters_from(TestKind kind, const std::map<std::string, double>& readings) {
    std::array<double, 4> counts{};
    std::size_t size = 0;
    for (const auto name : counters_of(kind)) {
        const auto found = readings.find(std::string(name));
        if (found == readings.end() || !(found->second >= 0 && found->second <= k_most_count)) return std::nullopt;
        counts[size++] = std::round(found->second);
    }
    if (kind == TestKind::paired) return Counters{{counts[0], counts[1]}, {}};
    const bool bad = kind == TestKind::rate_ratio;
    const auto canary = tally_of(counts[0], counts[1], bad);
    const auto baseline = tally_of(counts[2], counts[3], bad);
    if (!canary || !baseline) return std::nullopt;
    return Counters{*canary, *baseline};
}

std::optional<Tally> increment(const Tally& before, const Tally& now) {
    if (now.successes < before.successes || now.failures < before.failures) return std::nullopt;
    return Tally{now.successes - before.successes, now.failures - before.failures};
}

std::string_view counted_text(Counted counted) {
    switch (counted) {
        case Counted::batch: return "";
        case Counted::first_reading: return "counting begins here";
        case Counted::reset: return "a counter went backwards: counting begins anew here";
        case Counted::put_off: return "successes and trials do not fit together yet";
    }
    return "";
}

Counted advance(Evidence& evidence, const SequentialTest& test, const Counters& readings) {
    if (!evidence.seen) {
        evidence.seen = readings;
        return Counted::first_reading;
    }
    const bool counts_trials = test.kind != TestKind::paired;
    const auto& seen = *evidence.seen;
    const bool skewed = counts_trials && (is_skewed(seen.canary, readings.canary) || is_skewed(seen.baseline, readings.baseline));
    if (skewed && evidence.skewed < k_most_skewed) {
        ++evidence.skewed;
        return Counted::put_off;
    }
    const auto canary = increment(seen.canary, readings.canary);
    const auto baseline = increment(seen.baseline, readings.baseline);
    evidence.seen = readings;
    evidence.skewed = 0;
    add_batch(evidence, test, {canary.value_or(Tally{}), baseline.value_or(Tally{})});
    return canary && baseline ? Counted::batch : Counted::reset;
}

void add_batch(Evidence& evidence, const SequentialTest& test, const Counters& batch) {
    const auto exceeds = [](const Tally& sum, const Tally& more) { return sum.total() + more.total() > k_most_weighed; };
    if (exceeds(evidence.total.canary, batch.canary) || exceeds(evidence.total.baseline, batch.baseline)) return;
    add(evidence.log_worse, factors_of(test, evidence.total, batch, Claim::worse));
    add(evidence.log_good, factors_of(test, evidence.total, batch, Claim::good));
    add(evidence.total.canary, batch.canary);
    add(evidence.total.baseline, batch.baseline);
    if (batch.canary.total() > 0 && (!is_two_sided(test.kind) || batch.baseline.total() > 0)) evidence.last = batch;
}

double log_e(const SequentialTest& test, const Evidence& evidence, Claim claim) {
    switch (test.kind) {
        case TestKind::floor: return floor_log_e(test, evidence.total.canary, claim);
        case TestKind::paired: return paired_log_e(test, evidence.total.canary, claim);
        case TestKind::rate_ratio:
        case TestKind::two_proportions: return log_mean_exp(claim == Claim::worse ? evidence.log_worse : evidence.log_good);
    }
    return 0;
}

std::optional<double> samples_until(const SequentialTest& test, const Evidence& evidence, Claim claim, double log_target) {
    const auto& canary = evidence.total.canary;
    if (!is_two_sided(test.kind)) {
        // Before the first request a canary without failures is assumed.
        if (canary.total() == 0 && (test.kind == TestKind::paired || claim == Claim::worse)) return std::nullopt;
        const double rate = canary.total() == 0 ? 1 : canary.successes / canary.total();
        return first_at(log_target, [&](double more) {
            const Tally then{canary.successes + more * rate, canary.failures + more * (1 - rate)};
            return test.kind == TestKind::floor ? floor_log_e(test, then, claim) : paired_log_e(test, then, claim);
        });
    }
    if (evidence.last.canary.total() == 0) return std::nullopt;
    const auto batch = expected_batch(test, evidence);
    const auto growth = factors_of(test, evidence.total, batch, claim);
    const auto& logs = claim == Claim::worse ? evidence.log_worse : evidence.log_good;
    return first_at(log_target, [&](double more) {
        auto then = logs;
        for (std::size_t i = 0; i < then.size(); ++i) then[i] += growth[i] * more / batch.canary.total();
        return log_mean_exp(then);
    });
}

}  // namespace gitops::rollout
