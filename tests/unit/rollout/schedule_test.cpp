#include "core/rollout/schedule.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "step_lab.hpp"

using namespace step_lab;

namespace {

/// "20 40 60 | 7 ticks | 7m".
std::string told(const CanarySpec& spec, Compat compat = Compat::none) {
    const auto schedule = schedule_of(spec, compat);
    std::string text;
    for (const int weight : schedule.weights) text += std::to_string(weight) + " ";
    text += schedule.ticks ? fmt::format("| {} ticks", *schedule.ticks) : "| never ends";
    return text + (schedule.worst_case ? " | " + base::format_duration(*schedule.worst_case) : "");
}

}  // namespace

TEST_CASE("weights along a line, a list, and past the end", "[rollout][schedule]") {
    struct Row {
        const char* analysis;
        const char* by_default;
        const char* as_flagger;
    };
    const std::vector<Row> rows{
        {"{stepWeight: 20, maxWeight: 50}", "20 40 60 | 7 ticks | 7m", "20 40 60 | 7 ticks | 7m"},
        {"{stepWeight: 50, maxWeight: 100}", "50 100 | 6 ticks | 6m", "50 100 | 6 ticks | 6m"},
        {"{stepWeight: 50}", "50 100 | 6 ticks | 6m", "50 100 | 6 ticks | 6m"},
        {"{stepWeight: 30}", "30 60 90 100 | 8 ticks | 8m", "30 60 90 100 | 8 ticks | 8m"},
        {"{stepWeights: [1, 2, 10, 80]}", "1 2 10 80 | 8 ticks | 8m", "1 2 10 80 | 8 ticks | 8m"},
        {"{stepWeights: [1, 2, 10, 200]}", "1 2 10 100 | 8 ticks | 8m", "1 2 10 100 | 8 ticks | 8m"},
        {"{stepWeights: [5, 10, 25, 50, 100]}", "5 10 25 50 100 | 9 ticks | 9m", "5 10 25 50 100 | 9 ticks | 9m"},
        {"{stepWeights: [5, 5, 10]}", "5 10 | 6 ticks | 6m", "5 | never ends"},
        {"{stepWeights: [20, 10, 50]}", "20 50 | 6 ticks | 6m", "20 | never ends"},
        {"{stepWeights: [0, 50]}", "50 | 5 ticks | 5m", "| never ends"},
        {"{stepWeights: [10, 50, 20]}", "10 50 | 6 ticks | 6m", "10 50 | 6 ticks | 6m"},
        {"{stepWeight: 10, stepWeights: [1, 2, 30]}", "10 20 30 | 7 ticks | 7m", "10 20 30 | 7 ticks | 7m"},
        {"{stepWeights: [1, 2, 30], maxWeight: 2}", "1 2 30 | 7 ticks | 7m", "1 2 30 | 7 ticks | 7m"},
        {"{maxWeight: 50}", "| never ends", "| never ends"},
        {"{stepWeight: 50, threshold: 5, interval: 30s}", "50 100 | 6 ticks | 5m", "50 100 | 6 ticks | 5m"},
        {"{stepWeight: 20, maxWeight: 50, mirror: true}", "20 40 60 | 8 ticks | 8m", "20 40 60 | 8 ticks | 8m"},
        {"{stepWeight: 50, stepWeightPromotion: 40}", "50 100 | 8 ticks | 8m", "50 100 | 8 ticks | 8m"},
        {"{stepWeight: 20, maxWeight: 50, stepWeightPromotion: 20}", "20 40 60 | 9 ticks | 9m", "20 40 60 | 9 ticks | 9m"},
        {"{iterations: 10}", "100 | 15 ticks | 15m", "100 | 15 ticks | 15m"},
        {"{iterations: 10, mirror: true}", "100 | 15 ticks | 15m", "100 | 15 ticks | 15m"},
        {"{iterations: 10, match: [{headers: {x: {exact: y}}}]}", "100 | 14 ticks | 14m", "100 | 14 ticks | 14m"},
        {"{iterations: 2, match: [{headers: {x: {exact: y}}}], stepWeightPromotion: 10}", "100 | 6 ticks | 6m", "100 | 6 ticks | 6m"},
    };
    for (const auto& row : rows) {
        INFO(row.analysis);
        CHECK(told(flagger(row.analysis)) == row.by_default);
        CHECK(told(flagger(row.analysis), Compat::flagger) == row.as_flagger);
    }
}

TEST_CASE("a weight that the list does not name", "[rollout][schedule]") {
    const auto analysis = flagger("{stepWeights: [5, 10, 50]}").analysis;
    CHECK(next_weight(analysis, 7, Compat::none) == 10);
    CHECK(next_weight(analysis, 7, Compat::flagger) == 100);
    CHECK(next_weight(analysis, 60, Compat::none) == std::nullopt);
    CHECK(next_weight(analysis, 60, Compat::flagger) == 100);
}

TEST_CASE("stages count checks", "[rollout][schedule]") {
    CHECK(told(stages("{successes: 3}")) == "5 10 25 50 100 | 15 ticks | 15m");
    CHECK(told(stages("{stages: [10, 100], successes: 3, maxFailures: 2, interval: 10s}")) == "10 100 | 6 ticks | 2m");
    CHECK(told(stages("{stages: [50], stepWeightPromotion: 20, interval: 500ms}")) == "50 | 1 ticks | 1.5s");
    CHECK(told(stages("{stages: [1], successes: 100000, maxFailures: 100000, interval: 8760h}")) == "1 | 100000 ticks");
}

TEST_CASE("what cannot shift weights is checked as often, and what is skipped is not", "[rollout][schedule]") {
    CHECK(told(flagger("{stepWeight: 10}", "  provider: kubernetes\n")) == "| 15 ticks | 15m");
    CHECK(told(flagger("{iterations: 3, stepWeightPromotion: 10}", "  provider: kubernetes\n")) == "| 8 ticks | 8m");
    CHECK(told(flagger("{stepWeight: 10}", "  skipAnalysis: true\n")) == "| 4 ticks | 4m");
    CHECK(told(stages("{}", "  skipAnalysis: true\n")) == "| 0 ticks | 0s");
}

TEST_CASE("who mirrors", "[rollout][schedule]") {
    const auto mirrored = [](const char* provider, const char* analysis) {
        return mirrors(flagger(analysis, std::string("  provider: ") + provider + "\n"));
    };
    CHECK(mirrored("istio", "{stepWeight: 10, mirror: true}"));
    CHECK_FALSE(mirrored("gatewayapi:v1", "{stepWeight: 10, mirror: true}"));
    CHECK(mirrored("gatewayapi:v1", "{iterations: 10, mirror: true}"));
    CHECK_FALSE(mirrored("gatewayapi", "{iterations: 10, mirror: true}"));
    CHECK_FALSE(mirrored("nginx", "{iterations: 10, mirror: true}"));
    CHECK_FALSE(mirrored("istio", "{iterations: 10, mirror: true, match: [{}]}"));
    CHECK_FALSE(mirrored("istio", "{iterations: 10}"));
}
