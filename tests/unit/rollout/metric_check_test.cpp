#include "core/rollout/metric_check.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace gitops::rollout;
using Kind = Reading::Kind;

namespace {

constexpr double k_inf = std::numeric_limits<double>::infinity(), k_nan = std::numeric_limits<double>::quiet_NaN();

MetricCheck check(Range range, const std::string& name = "accuracy") {
    MetricCheck made;
    made.name = name;
    made.range = range;
    return made;
}

/// "fail 97.2: 97.20 < 99.00"
std::string told(Range range, const Reading& reading, bool whole_millis = false) {
    const MetricQuery query{QueryOrigin::builtin, "q", whole_millis};
    const auto result = judge(check(range), query, reading);
    CHECK(result.name == "accuracy");
    CHECK(result.query == "q");
    std::string text(verdict_name(result.verdict));
    if (result.value) text += " " + std::to_string(*result.value).substr(0, 5);
    return text + ": " + result.detail;
}

Reading value(double number, const std::string& detail = "") { return {Kind::value, number, detail}; }

PartReading part(QueryPart::Role role, const std::string& text, Kind kind, double number = 0) {
    return {{role, text}, {kind, number, ""}};
}

std::string why(const std::vector<PartReading>& parts, const std::string& name = "errors", QueryOrigin origin = QueryOrigin::written) {
    return explain_no_data(check({}, name), {origin, "q"}, parts);
}

}  // namespace

TEST_CASE("a value is held against its range, and a bound that is met passes", "[metric_check]") {
    CHECK(told({99, {}}, value(97.2)) == "fail 97.20: 97.20 < 99.00");
    CHECK(told({99, {}}, value(99)) == "pass 99.00: ");
    CHECK(told({{}, 500}, value(500)) == "pass 500.0: ");
    CHECK(told({{}, 500}, value(500.5)) == "fail 500.5: 500.50 > 500.00");
    CHECK(told({1, 2}, value(0.5)) == "fail 0.500: 0.50 < 1.00");
    CHECK(told({1, 2}, value(3)) == "fail 3.000: 3.00 > 2.00");
    CHECK(told({}, value(-1e9)) == "pass -1000: ");
}

TEST_CASE("decimals suffice to show the difference", "[metric_check]") {
    CHECK(told({99, {}}, value(98.999)) == "fail 98.99: 98.999 < 99.000");
    CHECK(told({{}, 0}, value(0.0000004)) == "fail 0.000: 0.0000004 > 0.0000000");
    CHECK(told({{}, 1}, value(std::nextafter(1.0, 2.0))) == "fail 1.000: 1.000000000 > 1.000000000");
}

TEST_CASE("infinity is a value, NaN is none", "[metric_check]") {
    CHECK(told({{}, 500}, value(k_inf)) == "fail inf: inf > 500.00");
    CHECK(told({99, {}}, value(k_inf)) == "pass inf: ");
    CHECK(told({99, {}}, value(k_nan)) == "noData: NaN: no sample to divide by");
    CHECK(told({99, {}}, {Kind::not_a_number, 0, ""}) == "noData: NaN: no sample to divide by");
}

TEST_CASE("no data, no answer and a refusal are told apart from a failure", "[metric_check]") {
    CHECK(told({99, {}}, {Kind::no_data, 0, ""}) == "noData: no series matches");
    CHECK(told({99, {}}, {Kind::no_data, 0, "no traffic"}) == "noData: no traffic");
    CHECK(told({99, {}}, {Kind::unreachable, 0, "cannot connect"}) == "unreachable: cannot connect");
    CHECK(told({99, {}}, {Kind::refused, 0, "parse error"}) == "unreachable: parse error");
    CHECK(told({99, {}}, {Kind::refused, 0, ""}) == "unreachable: no answer");
}

TEST_CASE("what is odd about a value is kept", "[metric_check]") {
    CHECK(told({99, {}}, value(99, "3 series; the last one counts")) == "pass 99.00: 3 series; the last one counts");
    CHECK(told({99, {}}, value(1, "3 series; the last one counts")) ==
          "fail 1.000: 1.00 < 99.00 (3 series; the last one counts)");
}

TEST_CASE("whole milliseconds cut value and bounds", "[metric_check]") {
    CHECK(told({{}, 500}, value(500.9), true) == "pass 500.0: ");
    CHECK(told({{}, 500}, value(500.9)) == "fail 500.9: 500.90 > 500.00");
    CHECK(told({{}, 0.5}, value(0.9), true) == "pass 0.000: ");
    CHECK(told({{}, 0.5}, value(1.2), true) == "fail 1.000: 1.00 > 0.00");
    CHECK(told({0.9, {}}, value(0.1), true) == "pass 0.000: ");
}

TEST_CASE("why there is no data is read off the parts of the query", "[metric_check]") {
    const auto above = QueryPart::Role::numerator, below = QueryPart::Role::denominator;
    CHECK(why({part(above, "a", Kind::no_data), part(below, "b", Kind::value, 3)}, "request-success-rate", QueryOrigin::builtin) ==
          "the numerator has no series: the canary answers only 5xx");
    CHECK(why({part(above, "a", Kind::no_data), part(below, "b", Kind::value, 3)}, "request-success-rate") ==
          "the numerator has no series: a");
    CHECK(why({part(above, "a", Kind::no_data), part(below, "b", Kind::no_data)}) ==
          "no traffic, or other labels: neither numerator nor denominator has a series");
    CHECK(why({part(above, "a", Kind::value, 1), part(below, "b", Kind::no_data)}) ==
          "no traffic, or other labels: the denominator has no series: b");
    CHECK(why({part(above, "a", Kind::value, 0), part(below, "b", Kind::value, 0)}) ==
          "no traffic: the denominator is 0 over the whole window");
    CHECK(why({part(above, "a", Kind::no_data), part(below, "b", Kind::value, 0)}, "request-success-rate", QueryOrigin::builtin) ==
          "no traffic: the denominator is 0 over the whole window");
    CHECK(why({part(above, "a", Kind::value, 1), part(below, "b", Kind::value, 1)}) ==
          "numerator and denominator have series, but of different labels, so that none match");
    CHECK(why({part(above, "a", Kind::no_data), part(below, "b", Kind::unreachable)}) == "");
    CHECK(why({}) == "");
}
