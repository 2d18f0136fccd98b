#include <algorithm>
#include <cmath>

#include "core/rollout/analysis/analysis_e_values.hpp"

namespace gitops::rollout {

namespace {

constexpr double k_most_e = 1e6;

double capped(double log_e) { return log_e >= std::log(k_most_e) ? k_most_e : std::exp(log_e); }

std::optional<double> rate_of(double part, double total) { return total > 0 ? std::optional(part / total) : std::nullopt; }

/// The ratio of rates is s/(1-s) nb/nc with the canary's share s of all events, for which Wilson's interval is.
void estimate_ratio(const Evidence& evidence, Judgement& judgement) {
    const auto& [canary, baseline] = evidence.total;
    judgement.baseline = rate_of(baseline.failures, baseline.total());
    if (canary.total() <= 0 || baseline.total() <= 0) return;
    const double odds = baseline.total() / canary.total();
    if (baseline.failures > 0) judgement.estimate = canary.failures / baseline.failures * odds;
    const auto share = wilson_interval(canary.failures, canary.failures + baseline.failures);
    if (!share) return;
    judgement.interval = Interval{share->low / (1 - share->low) * odds, share->high / (1 - share->high) * odds};
}

void estimate(const SequentialTest& test, const Evidence& evidence, Judgement& judgement) {
    const auto& [canary, baseline] = evidence.total;
    const bool loses = test.kind == TestKind::paired;
    switch (test.kind) {
        case TestKind::rate_ratio: estimate_ratio(evidence, judgement); return;
        case TestKind::two_proportions: judgement.baseline = rate_of(baseline.successes, baseline.total()); [[fallthrough]];
        case TestKind::floor:
        case TestKind::paired:
            judgement.estimate = rate_of(loses ? canary.failures : canary.successes, canary.total());
            judgement.interval = wilson_interval(loses ? canary.failures : canary.successes, canary.total());
    }
}

Conclusion conclude(const SequentialTest& test, const Judgement& judgement) {
    if (judgement.samples < test.min_samples) return Conclusion::go_on;
    // Between p0 - margin and p0 both may be: then it is not good enough.
    if (judgement.log_e_worse >= std::log(judgement.needed_e)) return Conclusion::roll_back;
    if (judgement.log_e_good >= -std::log(test.beta)) return Conclusion::good;
    return Conclusion::go_on;
}

void look_ahead(const SequentialTest& test, const Evidence& evidence, const Outlook& outlook, Judgement& judgement) {
    const double missing = std::max(0.0, test.min_samples - judgement.samples);
    judgement.needed = samples_until(test, evidence, Claim::good, -std::log(test.beta));
    judgement.until_worse = samples_until(test, evidence, Claim::worse, std::log(judgement.needed_e));
    for (auto* count : {&judgement.needed, &judgement.until_worse})
        if (*count) *count = std::max(**count, missing);
    if (evidence.last.canary.total() <= 0) return;  // nothing is known of the rates
    const auto comes = [&](const std::optional<double>& count) {
        return count && (!outlook.samples_to_come || *count <= *outlook.samples_to_come);
    };
    judgement.underpowered = !comes(judgement.needed) && !comes(judgement.until_worse);
}

}  // namespace

std::string_view conclusion_name(Conclusion conclusion) {
    switch (conclusion) {
        case Conclusion::roll_back: return "rollBack";
        case Conclusion::good: return "good";
        case Conclusion::go_on: return "goOn";
    }
    return "";
}

Verdict verdict_of(Conclusion conclusion) {
    switch (conclusion) {
        case Conclusion::roll_back: return Verdict::fail;
        case Conclusion::good: return Verdict::pass;
        case Conclusion::go_on: return Verdict::inconclusive;
    }
    return Verdict::inconclusive;
}

Judgement weigh(const SequentialTest& test, const Evidence& evidence, const Outlook& outlook) {
    Judgement judgement;
    judgement.samples = evidence.total.canary.total();
    judgement.needed_e = std::max(outlook.tests_together, 1) / test.alpha;
    judgement.log_e_worse = log_e(test, evidence, Claim::worse);
    judgement.log_e_good = log_e(test, evidence, Claim::good);
    judgement.e_worse = capped(judgement.log_e_worse);
    judgement.e_good = capped(judgement.log_e_good);
    estimate(test, evidence, judgement);
    judgement.conclusion = conclude(test, judgement);
    if (judgement.conclusion == Conclusion::go_on) look_ahead(test, evidence, outlook, judgement);
    judgement.sentence = sentence_of(test, evidence, judgement, outlook);
    return judgement;
}

}  // namespace gitops::rollout
