#include <catch2/catch.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/rollout/analysis/analysis.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

using Readings = std::map<std::string, double>;

SequentialTest test_of(TestKind kind, double margin = 0.02) {
    SequentialTest test;
    test.kind = kind;
    test.floor = kind == TestKind::floor ? 0.99 : 0;
    test.ratio = kind == TestKind::rate_ratio ? 1.2 : 0;
    test.margin = margin;
    return test;
}

std::string told(const std::optional<Counters>& counters) {
    if (!counters) return "none";
    const auto& [canary, baseline] = *counters;
    const auto text = [](double count) { return std::to_string(static_cast<long>(count)); };
    return text(canary.successes) + "+" + text(canary.failures) + " " + text(baseline.successes) + "+" + text(baseline.failures);
}

/// One tick of each pair {good, total}, and what it came to.
std::string ticks(Evidence& evidence, const std::vector<std::pair<double, double>>& readings) {
    std::string lines;
    for (const auto& [good, total] : readings) {
        const auto counted = advance(evidence, test_of(TestKind::floor), {{good, total - good}, {}});
        lines += told(evidence.total) + " " + std::string(counted_text(counted)) + "\n";
    }
    return lines;
}

constexpr std::array k_kinds{TestKind::floor, TestKind::rate_ratio, TestKind::two_proportions, TestKind::paired};

/// The evidence as a program sees it that was killed and started again.
Evidence reborn(const Evidence& evidence, const SequentialTest& test) {
    const auto back = read_evidence(doc::read_json(doc::write_json(to_value(evidence, test))), test);
    REQUIRE(back);
    return *back;
}

}  // namespace

TEST_CASE("the counters of each test", "[analysis]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(told(counters_from(TestKind::floor, {{"good", 95}, {"total", 100}})) == "95+5 0+0");
    CHECK(told(counters_from(TestKind::floor, {{"good", 94.9999999}, {"total", 100.0000001}})) == "95+5 0+0");
    const Readings errors{{"bad", 2}, {"total", 10}, {"baselineBad", 3}, {"baselineTotal", 90}};
    CHECK(told(counters_from(TestKind::rate_ratio, errors)) == "8+2 87+3");
    const Readings both{{"good", 9}, {"total", 10}, {"baselineGood", 80}, {"baselineTotal", 90}};
    CHECK(told(counters_from(TestKind::two_proportions, both)) == "9+1 80+10");
    CHECK(told(counters_from(TestKind::paired, {{"canaryOnly", 7}, {"baselineOnly", 4}})) == "7+4 0+0");
    for (const auto& broken : {Readings{{"good", 95}}, Readings{{"good", 101}, {"total", 100}}, Readings{{"good", -1}, {"total", 100}},
                               Readings{{"good", nan}, {"total", 100}}, Readings{{"good", 1}, {"total", 1e300}}})
        CHECK(told(counters_from(TestKind::floor, broken)) == "none");
}

TEST_CASE("an increment of two readings", "[analysis]") {
    const auto more = increment({90, 10}, {150, 11});
    REQUIRE(more);
    CHECK(more->successes == 60);
    CHECK(more->failures == 1);
    CHECK(increment({90, 10}, {90, 10})->total() == 0);
    CHECK_FALSE(increment({90, 10}, {89, 10}));
    CHECK_FALSE(increment({90, 10}, {95, 9}));
}

TEST_CASE("evidence begins with the second reading and survives restarts of Pods", "[analysis]") {
    Evidence evidence;
    CHECK(ticks(evidence, {{900, 1000}, {1090, 1200}, {1090, 1200}, {400, 410}, {500, 515}}) ==
          "0+0 0+0 counting begins here\n"
          "190+10 0+0 \n"
          "190+10 0+0 \n"
          "190+10 0+0 a counter went backwards: counting begins anew here\n"
          "290+15 0+0 \n");
}

TEST_CASE("counters that were read at different instants are put off, but not for ever", "[analysis]") {
    Evidence evidence;
    // 20 more successes than trials for one tick: the next reading settles it, no request is lost.
    CHECK(ticks(evidence, {{0, 0}, {90, 100}, {195, 200}, {285, 300}}) ==
          "0+0 0+0 counting begins here\n"
          "90+10 0+0 \n"
          "90+10 0+0 successes and trials do not fit together yet\n"
          "285+15 0+0 \n");
    // One Pod of many restarted: its failures never come back.
    Evidence other;
    CHECK(ticks(other, {{0, 0}, {500, 900}, {600, 901}, {700, 1002}, {800, 1103}, {900, 1204}, {1000, 1305}}) ==
          "0+0 0+0 counting begins here\n"
          "500+400 0+0 \n"
          "500+400 0+0 successes and trials do not fit together yet\n"
          "500+400 0+0 successes and trials do not fit together yet\n"
          "500+400 0+0 successes and trials do not fit together yet\n"
          "500+400 0+0 a counter went backwards: counting begins anew here\n"
          "600+401 0+0 \n");
}

TEST_CASE("absurd counts are not weighed", "[analysis]") {
    const auto test = test_of(TestKind::floor);
    Evidence evidence;
    advance(evidence, test, {{0, 0}, {}});
    CHECK(advance(evidence, test, {{1e15, 0}, {}}) == Counted::batch);
    CHECK(told(evidence.total) == "0+0 0+0");
    advance(evidence, test, {{1e15 + 100, 0}, {}});
    CHECK(told(evidence.total) == "100+0 0+0");
    add_batch(evidence, test, {{9.9e11 - 100, 1e10}, {}});
    CHECK(weigh(test, evidence).samples == 1e12);
}

TEST_CASE("a reset of one side says nothing about the ratio, and the other side is still learned from", "[analysis]") {
    const auto test = test_of(TestKind::two_proportions);
    Evidence evidence;
    advance(evidence, test, {{0, 0}, {0, 0}});
    advance(evidence, test, {{90, 10}, {90, 10}});
    advance(evidence, test, {{180, 20}, {180, 20}});
    const auto before = evidence.log_worse;
    CHECK(advance(evidence, test, {{1, 0}, {280, 20}}) == Counted::reset);
    CHECK(evidence.log_worse == before);
    CHECK(told(evidence.total) == "180+20 280+20");
}

TEST_CASE("a killed program goes on with the same evidence, bit for bit", "[analysis]") {
    for (const auto kind : k_kinds) {
        const auto test = test_of(kind);
        CAPTURE(test_name(kind));
        std::mt19937_64 random(7);
        Evidence steady;
        Evidence killed;
        Counters counters;
        for (int tick = 0; tick < 300; ++tick) {
            counters.canary.successes += static_cast<double>(random() % 50);
            counters.canary.failures += static_cast<double>(random() % 3);
            counters.baseline.successes += static_cast<double>(random() % 400);
            counters.baseline.failures += static_cast<double>(random() % 9);
            advance(steady, test, counters);
            killed = reborn(killed, test);
            advance(killed, test, counters);
        }
        CHECK(killed.log_worse == steady.log_worse);
        CHECK(killed.log_good == steady.log_good);
        CHECK(doc::write_json(to_value(reborn(killed, test), test)) == doc::write_json(to_value(steady, test)));
        CHECK(weigh(test, killed).sentence == weigh(test, steady).sentence);
    }
}

TEST_CASE("any finite double reads back as it was", "[analysis]") {
    const auto test = test_of(TestKind::rate_ratio);
    std::mt19937_64 random(11);
    Evidence evidence;
    evidence.log_good.assign(5, 0.0);
    for (int i = 0; i < 20'000; ++i) {
        const auto number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) continue;
        evidence.log_worse.assign(5, number);
        REQUIRE(std::bit_cast<std::uint64_t>(reborn(evidence, test).log_worse[0]) == std::bit_cast<std::uint64_t>(number));
    }
}

TEST_CASE("stored evidence", "[analysis]") {
    Evidence evidence;
    const auto test = test_of(TestKind::paired, 0.1);
    advance(evidence, test, {{1, 2}, {}});
    advance(evidence, test, {{4, 7}, {}});
    const std::string expected =
        R"({"test":{"kind":"paired","floor":0,"margin":0.1,"ratio":0},"total":[3,5,0,0],"last":[3,5,0,0],)"
        R"("logWorse":[],"logGood":[],"seen":[4,7,0,0],"skewed":0})";
    CHECK(doc::write_json(to_value(evidence, test)) == expected);

    SECTION("of another null hypothesis begins anew; other limits do not matter") {
        auto other = test;
        other.margin = 0.2;
        CHECK_FALSE(read_evidence(doc::read_json(expected), other));
        other = test;
        other.alpha = 0.01;
        CHECK(read_evidence(doc::read_json(expected), other));
        CHECK_FALSE(read_evidence(doc::read_json(expected), test_of(TestKind::floor)));
        CHECK_FALSE(read_evidence({}, test));
    }
    SECTION("that was damaged is refused") {
        const auto refused = [&](std::string_view from, std::string_view to) {
            auto text = expected;
            text.replace(text.find(from), from.size(), to);
            try {
                read_evidence(doc::read_json(text), test);
            } catch (const base::Error& error) {
                return error.message();
            }
            return std::string("accepted");
        };
        const auto at = [](const std::string& key) { return "the evidence of a canary is damaged at \"" + key + "\""; };
        CHECK(refused("[3,5,0,0]", "[3,5,0]") == at("total"));
        CHECK(refused("[3,5,0,0]", "[3,-5,0,0]") == at("total"));
        CHECK(refused("[3,5,0,0]", "[3,0.5,0,0]") == at("total"));
        CHECK(refused("[3,5,0,0]", "[3,1e300,0,0]") == at("total"));
        CHECK(refused("[3,5,0,0]", "null") == at("total"));
        CHECK(refused("\"logGood\":[]", "\"logGood\":[1]") == at("logGood"));
        CHECK(refused("[4,7,0,0]", "[\"4\",7,0,0]") == at("seen"));
        CHECK(refused("\"skewed\":0", "\"skewed\":-1") == at("skewed"));
        CHECK(refused("\"test\":{\"kind\"", "\"tset\":{\"kind\"") == at("test"));
    }
}
