#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/rollout/analysis/analysis_e_values.hpp"

namespace gitops::rollout {

namespace {

/// "5,200".
std::string grouped(double count) {
    auto text = fmt::format("{:.0f}", count);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

/// Upwards to two digits: "57", "1,300".
std::string about(double count) {
    double unit = 1;
    while (count / unit >= 100) unit *= 10;
    return "about " + grouped(std::ceil(count / unit) * unit);
}

/// As many decimals as a share so near to 1 needs in percent: 1 up to 99 %, 2 for 99.9 %, 3 for 99.95 %.
int decimals_for(double share) {
    return std::clamp(1 + static_cast<int>(std::ceil(-std::log10((1 - share) * 100) - 1e-9)), 1, 6);
}

std::string percent(double share, int decimals) { return fmt::format("{:.{}f} %", share * 100, decimals); }

std::string percent_interval(const Judgement& judgement, int decimals) {
    if (!judgement.interval) return "";
    return fmt::format(" (95 %: {:.{}f}-{})", judgement.interval->low * 100, decimals, percent(judgement.interval->high, decimals));
}

std::string e_text(double e) {
    if (e >= 1e6) return "1,000,000+";
    return e < 10 ? fmt::format("{:.1f}", e) : grouped(std::floor(e));
}

std::string floor_text(const SequentialTest& test, const Judgement& judgement) {
    const int decimals = decimals_for(test.floor);
    const auto within = test.bucket ? fmt::format(" within {}", *test.bucket) : "";
    return fmt::format("{} of {}{}{}, floor {}", percent(judgement.estimate.value_or(0), decimals), grouped(judgement.samples),
                       within, percent_interval(judgement, decimals), percent(test.floor, decimals));
}

std::string ratio_text(const SequentialTest& test, const Evidence& evidence, const Judgement& judgement) {
    const auto& [canary, baseline] = evidence.total;
    const auto of = [](const Tally& tally) { return grouped(tally.failures) + " of " + grouped(tally.total()); };
    const auto tolerated = fmt::format(", tolerated {:.3g} times", test.ratio);
    if (!judgement.estimate) return fmt::format("{}, baseline {}{}", of(canary), of(baseline), tolerated);
    std::string interval;
    if (judgement.interval && std::isfinite(judgement.interval->high))
        interval = fmt::format(" (95 %: {:.1f}-{:.1f})", judgement.interval->low, judgement.interval->high);
    return fmt::format("{}, {:.1f} times the baseline's {}{}{}", of(canary), *judgement.estimate, of(baseline), interval,
                       tolerated);
}

std::string two_proportions_text(const Judgement& judgement) {
    const int decimals = decimals_for(judgement.baseline.value_or(0) < 1 ? judgement.baseline.value_or(0) : 0);
    const auto baseline = judgement.baseline ? percent(*judgement.baseline, decimals) : "not seen yet";
    return fmt::format("{} of {}{}, baseline {}", percent(judgement.estimate.value_or(0), decimals), grouped(judgement.samples),
                       percent_interval(judgement, decimals), baseline);
}

std::string paired_text(const Evidence& evidence, const Judgement& judgement) {
    return fmt::format("loses {} of {} disagreements{}", grouped(evidence.total.canary.failures), grouped(judgement.samples),
                       percent_interval(judgement, 1));
}

std::string finding(const SequentialTest& test, const Evidence& evidence, const Judgement& judgement) {
    switch (test.kind) {
        case TestKind::floor: return floor_text(test, judgement);
        case TestKind::rate_ratio: return ratio_text(test, evidence, judgement);
        case TestKind::two_proportions: return two_proportions_text(judgement);
        case TestKind::paired: return paired_text(evidence, judgement);
    }
    return "";
}

std::string undecided(const SequentialTest& test, const Judgement& judgement, const Outlook& outlook) {
    const bool until_worse = judgement.until_worse && (!judgement.needed || *judgement.until_worse < *judgement.needed);
    const auto& count = until_worse ? judgement.until_worse : judgement.needed;
    if (!count && judgement.underpowered) return "underpowered: more of the same would not settle it";
    if (!count) return "undecided, both sides need requests";
    if (judgement.underpowered) {
        const auto to_come = outlook.samples_to_come.value_or(0);
        return fmt::format("underpowered: needs {} more, {} can come", about(*count), to_come > 0 ? about(to_come) : "none");
    }
    if (judgement.samples < test.min_samples && *count <= test.min_samples - judgement.samples)
        return fmt::format("needs {} more, {} at least", about(*count), grouped(test.min_samples));
    if (until_worse) return fmt::format("undecided, {} more like these would roll back", about(*count));
    return fmt::format("undecided, needs {} more", about(*count));
}

}  // namespace

std::string sentence_of(const SequentialTest& test, const Evidence& evidence, const Judgement& judgement, const Outlook& outlook) {
    if (judgement.samples <= 0)
        return judgement.needed ? fmt::format("nothing to judge yet, needs {}", about(*judgement.needed)) : "nothing to judge yet";
    const auto found = finding(test, evidence, judgement);
    switch (judgement.conclusion) {
        case Conclusion::roll_back:
            return fmt::format("{}: worse (E={} >= {})", found, e_text(judgement.e_worse), grouped(judgement.needed_e));
        case Conclusion::good: return fmt::format("{}: good (E={} >= {})", found, e_text(judgement.e_good), grouped(1 / test.beta));
        case Conclusion::go_on: return found + ": " + undecided(test, judgement, outlook);
    }
    return found;
}

}  // namespace gitops::rollout
