#include <fmt/format.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/rollout/analysis/analysis_e_values.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr double k_most_count = 4e15;  ///< below 2^53
constexpr int k_most_skewed = 100;

Value list_of(const std::vector<double>& numbers) {
    auto list = Value::list();
    for (const double number : numbers) list.push_back(number);
    return list;
}

/// Four whole numbers: successes and failures of the canary, then of the baseline.
Value counts_value(const Counters& counters) {
    return list_of({counters.canary.successes, counters.canary.failures, counters.baseline.successes, counters.baseline.failures});
}

/// What the logs of e-values are about. Another floor is another null hypothesis; alpha and beta are only limits.
Value subject_value(const SequentialTest& test) {
    auto value = Value::map();
    value.set("kind", test_name(test.kind));
    value.set("floor", test.floor);
    value.set("margin", test.margin);
    value.set("ratio", test.ratio);
    return value;
}

base::Error damaged(std::string_view key) {
    return base::Error(base::Code::invalid, "the evidence of a canary is damaged at \"" + std::string(key) + "\"")
        .hint("abort the run and start it again");
}

std::vector<double> numbers_at(const Value& map, std::string_view key, std::size_t size) {
    const auto* list = map.find(key);
    if (list == nullptr || !list->is_list() || list->size() != size) throw damaged(key);
    std::vector<double> numbers;
    for (const auto& item : list->items()) {
        const auto number = item.to_double();
        if (!number || !std::isfinite(*number)) throw damaged(key);
        numbers.push_back(*number);
    }
    return numbers;
}

Counters counts_at(const Value& map, std::string_view key) {
    const auto counts = numbers_at(map, key, 4);
    for (const double count : counts)
        if (count < 0 || count > k_most_count || count != std::trunc(count)) throw damaged(key);
    return {{counts[0], counts[1]}, {counts[2], counts[3]}};
}

std::size_t alternatives(const SequentialTest& test, Claim claim) {
    switch (test.kind) {
        case TestKind::floor:
        case TestKind::paired: return 0;
        case TestKind::rate_ratio: return rate_ratio_grid(test, claim).size();
        case TestKind::two_proportions: return two_proportions_guesses(claim);
    }
    return 0;
}

/// None yet, or one for each alternative.
std::vector<double> logs_at(const Value& map, std::string_view key, std::size_t size) {
    const auto* list = map.find(key);
    return numbers_at(map, key, list != nullptr && list->is_list() && list->empty() ? 0 : size);
}

/// To so many digits; null for nothing and for infinity.
Value rounded(std::optional<double> number, int digits) {
    if (!number || !std::isfinite(*number)) return {};
    return doc::parse_double(fmt::format("{:.{}g}", *number, digits)).value_or(*number);
}
Value share(std::optional<double> number) { return rounded(number, 6); }
Value whole(std::optional<double> number) { return rounded(number, 17); }

}  // namespace

Value to_value(const Evidence& evidence, const SequentialTest& test) {
    auto value = Value::map();
    value.set("test", subject_value(test));
    value.set("total", counts_value(evidence.total));
    value.set("last", counts_value(evidence.last));
    value.set("logWorse", list_of(evidence.log_worse));
    value.set("logGood", list_of(evidence.log_good));
    value.set("seen", evidence.seen ? counts_value(*evidence.seen) : Value());
    value.set("skewed", evidence.skewed);
    return value;
}

std::optional<Evidence> read_evidence(const Value& value, const SequentialTest& test) {
    if (value.is_null()) return std::nullopt;
    const auto* subject = value.find("test");
    if (subject == nullptr || !subject->is_map()) throw damaged("test");
    if (*subject != subject_value(test)) return std::nullopt;
    Evidence evidence;
    evidence.total = counts_at(value, "total");
    evidence.last = counts_at(value, "last");
    evidence.log_worse = logs_at(value, "logWorse", alternatives(test, Claim::worse));
    evidence.log_good = logs_at(value, "logGood", alternatives(test, Claim::good));
    if (const auto* seen = value.find("seen"); seen != nullptr && !seen->is_null()) evidence.seen = counts_at(value, "seen");
    const auto* skewed = value.find("skewed");
    const auto times = skewed == nullptr ? std::nullopt : skewed->to_int();
    if (!times || *times < 0 || *times > k_most_skewed) throw damaged("skewed");
    evidence.skewed = static_cast<int>(*times);
    return evidence;
}

Value to_value(const Judgement& judgement) {
    auto value = Value::map();
    value.set("conclusion", conclusion_name(judgement.conclusion));
    value.set("samples", judgement.samples);
    value.set("estimate", share(judgement.estimate));
    value.set("baseline", share(judgement.baseline));
    auto interval = Value();
    if (judgement.interval) {
        interval = Value::map();
        interval.set("low", share(judgement.interval->low));
        interval.set("high", share(judgement.interval->high));
    }
    value.set("interval", std::move(interval));
    value.set("eWorse", rounded(judgement.e_worse, 4));
    value.set("eGood", rounded(judgement.e_good, 4));
    value.set("neededE", rounded(judgement.needed_e, 4));
    value.set("needed", whole(judgement.needed));
    value.set("untilWorse", whole(judgement.until_worse));
    value.set("underpowered", judgement.underpowered);
    value.set("sentence", judgement.sentence);
    return value;
}

}  // namespace gitops::rollout
