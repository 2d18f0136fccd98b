#include "core/rollout/replay/replay.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using namespace gitops::rollout;
using test::thrown;
using Kind = Reading::Kind;

namespace {

const base::Time k_start = *base::parse_rfc3339("2026-01-01T00:00:00Z");

std::string text_of(const Reading& reading) {
    switch (reading.kind) {
        case Kind::value: return fmt::format("{}", reading.value) + reading.detail;
        case Kind::no_data: return "no data: " + reading.detail;
        case Kind::not_a_number: return "NaN: " + reading.detail;
        case Kind::unreachable: return "unreachable: " + reading.detail;
        case Kind::refused: return "refused: " + reading.detail;
    }
    return "";
}

std::string ask(MetricsProvider& metrics, const std::string& name, Moment moment) {
    return text_of(metrics.read({name, name, {"file", "play"}, std::move(moment)}, {}));
}

std::string at(MetricsProvider& metrics, const std::string& name, int millis) {
    return ask(metrics, name, {k_start + base::Duration(millis), base::Duration(millis)});
}

std::string refusal(const std::string& table) {
    const auto error = thrown([&] { play_back(table, "play.csv"); });
    return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message();
}

std::string refused_script(const std::string& script) {
    const auto error = thrown([&] { rehearse(script, "play.yaml"); });
    return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message();
}

}  // namespace

TEST_CASE("the last row at or before the moment counts", "[replay]") {
    const auto metrics = play_back("# measured in May\ntime, accuracy ,latency\n0,99.5,120\n\n30s,,NaN\r\n"
                                   "1m30s,unreachable,+Inf\n120.5,98,-1e3\n",
                                   "play.csv");
    CHECK(at(*metrics, "accuracy", 0) == "99.5");
    CHECK(at(*metrics, "accuracy", 29'999) == "99.5");
    CHECK(at(*metrics, "accuracy", 30'000) == "no data: no value at play.csv:5");
    CHECK(at(*metrics, "latency", 30'000) == "NaN: NaN at play.csv:5");
    CHECK(at(*metrics, "accuracy", 90'000) == "unreachable: unreachable at play.csv:6");
    CHECK(at(*metrics, "latency", 90'000) == "inf");
    CHECK(at(*metrics, "latency", 120'500) == "-1000");
    CHECK(at(*metrics, "accuracy", 9'000'000) == "98");
    CHECK(at(*metrics, "acuracy", 0) == "refused: play.csv has no metric acuracy (did you mean accuracy?)");
    CHECK(at(*metrics, "x", 0) == "refused: play.csv has no metric x; it has accuracy, latency");
}

TEST_CASE("times of the clock are compared with the clock", "[replay]") {
    const auto metrics = play_back("accuracy,time\n1,2026-01-01T00:00:10Z\n2,2026-01-01T01:00:20+01:00\n", "play.csv");
    CHECK(at(*metrics, "accuracy", 9'999) == "no data: play.csv begins later");
    CHECK(at(*metrics, "accuracy", 10'000) == "1");
    CHECK(at(*metrics, "accuracy", 20'000) == "2");
}

TEST_CASE("cells may be quoted", "[replay]") {
    const auto metrics = play_back("\xEF\xBB\xBFtime,\"a,\"\"b\"\"\nc\",d\r\n0,\"7\",8", "play.csv");
    CHECK(at(*metrics, "a,\"b\"\nc", 0) == "7");
    CHECK(at(*metrics, "d", 0) == "8");
}

TEST_CASE("a table may be JSON", "[replay]") {
    const auto metrics = play_back(" [{\"time\": 0, \"a\": 1.5, \"b\": null},\n"
                                   " {\"time\": \"10s\", \"a\": \"NaN\"},\n {\"time\": 20, \"b\": 3}]", "play.json");
    CHECK(at(*metrics, "a", 0) == "1.5");
    CHECK(at(*metrics, "b", 0) == "no data: no value at play.json:1");
    CHECK(at(*metrics, "a", 10'000) == "NaN: NaN at play.json:2");
    CHECK(at(*metrics, "b", 10'000) == "no data: no value at play.json:2");
    CHECK(at(*metrics, "b", 20'000) == "3");
}

TEST_CASE("what is no table is refused with its line", "[replay]") {
    CHECK(refusal("") == "play.csv:0: the table is empty");
    CHECK(refusal("when,a\n") == "play.csv:1: there is no column named time");
    CHECK(refusal("time,a,time\n") == "play.csv:1: two columns are named time");
    CHECK(refusal("time,a,a\n") == "play.csv:1: two columns are named a");
    CHECK(refusal("time,\n") == "play.csv:1: a column has no name");
    CHECK(refusal("time,a\n0,1\n5,1,2\n") == "play.csv:3: expected 2 cells, found 3");
    CHECK(refusal("time,a\n0,1\n\n# x\nsoon,1\n") == "play.csv:5: \"soon\" is no time");
    CHECK(refusal("time,a\n-5,1\n") == "play.csv:2: \"-5\" is no time");
    CHECK(refusal("time,a\n1e300,1\n") == "play.csv:2: \"1e300\" is no time");
    CHECK(refusal("time,a\nnan,1\n") == "play.csv:2: \"nan\" is no time");
    CHECK(refusal("time,a\n10,1\n5,1\n") == "play.csv:3: the time goes back");
    CHECK(refusal("time,a\n0,1\n2026-01-01T00:00:00Z,1\n") ==
          "play.csv:3: times since the start and times of the clock are mixed");
    CHECK(refusal("time,a\n0,many\n") == "play.csv:2: \"many\" is no value of a");
    CHECK(refusal("time,a\n0,\"1\n") == "play.csv:2: a quote is never closed");
    CHECK(refusal("time,a\n0,\"1\"2\n") == "play.csv:2: expected a comma after the closing quote");
    CHECK(refusal("{\"time\": 1}") == "play.csv:1: expected a list of maps");
    CHECK(refusal("[{\"time\": 1},\n {\"a\": 1}]") == "play.csv:2: a row has no time");
    CHECK(refusal("[{\"time\": 1},\n 5]") == "play.csv:2: a row has no time");
    CHECK(refusal("[{\"time\": 1, \"a\": [1]}]") == "play.csv:1: \"list\" is no value of a");
    CHECK(refusal("[{\"time\": 1, \"a\": true}]") == "play.csv:1: \"true\" is no value of a");
    std::string wide = "time";
    for (int i = 0; i <= 1000; ++i) wide += ",m" + std::to_string(i);
    CHECK(refusal(wide) == "play.csv:1: the table has more than 1000 columns");
}

TEST_CASE("of a script's rules the first that matches counts", "[replay]") {
    const auto metrics = rehearse("metrics:\n"
                                  "  accuracy:\n"
                                  "    - {revision: \"*v3.0*\", value: 98.1}\n"
                                  "    - {image: \"*:v4\", value: unreachable}\n"
                                  "    - {weight: \">=50\", after: 30s, value: 96.0}\n"
                                  "    - {weight: 25, value: noData}\n"
                                  "    - {weight: \"<10\", value: NaN}\n"
                                  "    - {after: 60, value: .nan}\n"
                                  "    - 99.5\n"
                                  "  latency: 120\n"
                                  "  silent: noData\n"
                                  "  none: []\n",
                                  "play.yaml");
    const auto accuracy = [&](int weight, int seconds, const std::string& revision = "v1", const std::string& image = "") {
        return ask(*metrics, "accuracy", {k_start, base::Duration(seconds * 1000), weight, revision, image});
    };
    CHECK(accuracy(50, 30, "app/v3.0.1") == "98.1");
    CHECK(accuracy(50, 30, "v1", "shop/web:v4") == "unreachable: unreachable at play.yaml:4");
    CHECK(accuracy(50, 30) == "96");
    CHECK(accuracy(100, 31) == "96");
    CHECK(accuracy(49, 31) == "99.5");
    CHECK(accuracy(50, 29) == "99.5");
    CHECK(accuracy(25, 99) == "no data: no value at play.yaml:6");
    CHECK(accuracy(9, 0) == "NaN: NaN at play.yaml:7");
    CHECK(accuracy(10, 60) == "NaN: NaN at play.yaml:8");
    CHECK(accuracy(10, 59) == "99.5");
    CHECK(at(*metrics, "latency", 0) == "120");
    CHECK(at(*metrics, "silent", 0) == "no data: no value at play.yaml:11");
    CHECK(at(*metrics, "none", 0) == "no data: no rule of play.yaml matches");
    CHECK(at(*metrics, "latenzy", 0) == "refused: play.yaml has no metric latenzy (did you mean latency?)");
}

TEST_CASE("bounds of the weight", "[replay]") {
    const auto holds = [](const std::string& bound, int weight) {
        const auto metrics = rehearse("metrics: {a: [{weight: '" + bound + "', value: 1}, 0]}", "play.yaml");
        return ask(*metrics, "a", {k_start, base::Duration(0), weight}) == "1";
    };
    CHECK((holds("50", 50) && !holds("50", 51)));
    CHECK((holds("==50%", 50) && !holds("= 50", 49)));
    CHECK((holds(">50", 51) && !holds(">50", 50)));
    CHECK((holds("<=50", 50) && !holds("<=50", 51)));
    CHECK((holds("< 50", 49) && !holds("< 50", 50)));
    CHECK((holds(">= 50", 50) && !holds(">= 50", 49)));
}

TEST_CASE("what is no script is refused with its line", "[replay]") {
    CHECK(refused_script("a: 1") == "play.yaml:1: expected a map named metrics");
    CHECK(refused_script("metrics: {a: 1}\nmetric: 1") == "play.yaml:1: metric (did you mean metrics?) is not known");
    CHECK(refused_script("metrics:\n  a: often") ==
          "play.yaml:2: metrics.a: expected a number, noData, NaN, unreachable or a rule");
    CHECK(refused_script("metrics:\n  a:\n    - 1\n    - [2]") ==
          "play.yaml:4: metrics.a[1]: expected a number, noData, NaN, unreachable or a rule");
    CHECK(refused_script("metrics:\n  a:\n    - {weight: 5}") == "play.yaml:3: a rule has no value");
    CHECK(refused_script("metrics:\n  a:\n    - {value: 5,\n       weight: some}") ==
          "play.yaml:4: metrics.a[0].weight: expected a percentage, or a bound such as \">=50\"");
    CHECK(refused_script("metrics:\n  a:\n    - {value: 5, after: later}") ==
          "play.yaml:3: metrics.a[0].after: expected a duration such as 30s");
    CHECK(refused_script("metrics:\n  a:\n    - {value: x}") ==
          "play.yaml:3: metrics.a[0].value: expected a number, noData, NaN or unreachable");
    CHECK(refused_script("metrics:\n  a:\n    - {value: 1, wait: 5}") == "play.yaml:3: metrics.a[0].wait is not known");
    CHECK(refused_script("metrics:\n  a: ]").starts_with("play.yaml:2: "));
    CHECK(refused_script("").starts_with("play.yaml:0: expected a map named metrics"));
}

TEST_CASE("a stop ends a rehearsal too", "[replay]") {
    std::stop_source source;
    source.request_stop();
    const auto table = play_back("time,a\n0,1\n", "play.csv");
    const auto script = rehearse("metrics: {a: 1}", "play.yaml");
    for (MetricsProvider* metrics : {table.get(), script.get()})
        CHECK(thrown([&] { metrics->read({"a", "a", {}, {}}, source.get_token()); }).code() == base::Code::cancelled);
}
