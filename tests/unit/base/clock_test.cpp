#include "core/base/clock.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"

using namespace gitops::base;
using namespace std::chrono_literals;

namespace {
Time at(std::int64_t millis) { return Time(Duration(millis)); }
}  // namespace

TEST_CASE("times are written in UTC") {
    CHECK(to_rfc3339(at(0)) == "1970-01-01T00:00:00Z");
    CHECK(to_rfc3339(at(1'795'379'645'999)) == "2026-11-22T20:34:05Z");
    CHECK(to_rfc3339_millis(at(1'795'379'645'123)) == "2026-11-22T20:34:05.123Z");
    CHECK(to_rfc3339_millis(at(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("times are read in any zone and with any fraction") {
    CHECK(parse_rfc3339("2026-11-22T20:34:05Z") == at(1'795'379'645'000));
    CHECK(parse_rfc3339("2026-11-22t20:34:05.1z") == at(1'795'379'645'100));
    CHECK(parse_rfc3339("2026-11-22T20:34:05.123999999Z") == at(1'795'379'645'123));
    CHECK(parse_rfc3339("2026-11-22T22:04:05+01:30") == at(1'795'379'645'000));
    CHECK(parse_rfc3339("2026-11-22T19:34:05-01:00") == at(1'795'379'645'000));
    CHECK(parse_rfc3339("2024-02-29T00:00:00Z") == at(1'709'164'800'000));
}

TEST_CASE("what is not RFC 3339") {
    const char* const text = GENERATE("", "2026-11-22", "2026-11-22 20:34:05Z", "2026-11-22T20:34:05", "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T20:60:00Z", "2026-11-22T20:34:60Z",
                                      "2026-11-22T20:34:05.Z", "2026-11-22T20:34:05+0100", "2026-11-22T20:34:05+25:00",
                                      "2026-11-22T20:34:05Zx", "+026-11-22T20:34:05Z", "2026-1-22T20:34:05Z");
    CHECK(parse_rfc3339(text) == std::nullopt);
}

TEST_CASE("durations are read as Go reads them, and bare numbers as seconds") {
    CHECK(parse_duration("90s") == 90s);
    CHECK(parse_duration("1h30m") == 90min);
    CHECK(parse_duration("1.5h") == 90min);
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration(".5s") == 500ms);
    CHECK(parse_duration("1.s") == 1s);
    CHECK(parse_duration("1500us") == 1ms);
    CHECK(parse_duration("2000\u00b5s") == 2ms);
    CHECK(parse_duration("180") == 180s);
    CHECK(parse_duration("0") == 0s);
    CHECK(parse_duration("-1m") == -1min);
    CHECK(parse_duration("+5s") == 5s);
    CHECK(parse_duration("0.123456789123456789s") == 123ms);
}

TEST_CASE("what is no duration is named in the error") {
    const char* const text = GENERATE("", "-", "s", "1x", "1.5", "5m3", "1 s", ".s", "1h-5m", "9999999999h",
                                      "99999999999999999999", "1d", "five");
    CAPTURE(text);
    CHECK_THROWS_AS(parse_duration(text), Error);
    try {
        parse_duration(text);
    } catch (const Error& error) {
        CHECK(error.code() == Code::invalid);
        CHECK(error.message() == "\"" + std::string(text) + "\" is not a duration");
    }
}

TEST_CASE("durations are written in their shortest form") {
    const auto [span, text] = GENERATE(table<Duration, std::string>({{0ms, "0s"},
                                                                     {250ms, "250ms"},
                                                                     {45s, "45s"},
                                                                     {1500ms, "1.5s"},
                                                                     {90s, "1m30s"},
                                                                     {1h, "1h"},
                                                                     {90min, "1h30m"},
                                                                     {1h + 1s + 1ms, "1h1.001s"},
                                                                     {-90s, "-1m30s"}}));
    CHECK(format_duration(span) == text);
    CHECK(parse_duration(text) == span);
}

TEST_CASE("the manual clock moves when told and when somebody sleeps") {
    ManualClock clock(at(1000));
    clock.advance(500ms);
    CHECK(clock.now() == at(1500));
    CHECK(clock.sleep_for(1s, {}));
    CHECK(clock.now() == at(2500));
    CHECK(clock.sleep_until(at(100), {}));
    CHECK(clock.now() == at(2500));
}

TEST_CASE("a stopped sleep does not take time") {
    std::stop_source source;
    source.request_stop();
    ManualClock manual(at(1000));
    CHECK_FALSE(manual.sleep_for(1h, source.get_token()));
    CHECK(manual.now() == at(1000));
    SystemClock system;
    CHECK_FALSE(system.sleep_until(Time::max(), source.get_token()));
    CHECK(system.sleep_until(system.now() - 1h, {}));
}
