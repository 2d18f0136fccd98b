#include "core/rollout/journal.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/rollout/check_text.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

base::Time at(std::string_view time) { return *base::parse_rfc3339(time); }

RunRecord sample() {
    RunRecord run;
    run.number = 3;
    run.from_revision = "5d9f";
    run.to_revision = "7b8d";
    run.to_image = "registry.example/predictor:v2";
    run.started_at = at("2026-11-28T10:00:00.250Z");
    run.entries.push_back({at("2026-11-28T10:00:20Z"), 1, "Progressing", 10, EntryKind::advance, "canary weight 10",
                           {{"success-rate", Verdict::pass, 99.6, {99.0, {}}, "ok / all", ""},
                            {"burst", Verdict::fail, std::numeric_limits<double>::infinity(), {{}, 5.0}, "burst", "too much"}}});
    return run;
}

RunRecord again(const RunRecord& run) { return read_run(doc::read_json(doc::write_json(to_value(run)), "run")); }

std::string json(const RunRecord& run) { return doc::write_json(to_value(run)); }

std::string read_text(std::string_view json_text) { return json(read_run(doc::read_json(json_text, "run"))); }

}  // namespace

TEST_CASE("a run is written with null for what is not known", "[journal]") {
    CHECK(json(sample()) ==
          R"({"number":3,"fromRevision":"5d9f","toRevision":"7b8d","fromImage":null,"toImage":"registry.example/predictor:v2",)"
          R"("startedAt":"2026-11-28T10:00:00.250Z","endedAt":null,"outcome":null,"reason":null,"entries":[)"
          R"({"at":"2026-11-28T10:00:20.000Z","tick":1,"phase":"Progressing","weight":10,"kind":"advance","message":"canary weight 10","checks":[)"
          R"({"name":"success-rate","verdict":"pass","value":99.6,"min":99,"max":null,"query":"ok / all","detail":null},)"
          R"({"name":"burst","verdict":"fail","value":"+Inf","min":null,"max":5,"query":"burst","detail":"too much"}]}]})");
}

TEST_CASE("what was written is read again as it was", "[journal]") {
    auto run = sample();
    CHECK(json(again(run)) == json(run));
    run.ended_at = at("2026-11-28T10:01:00Z");
    run.outcome = "Failed";
    run.reason = "a check failed";
    run.entries.front().checks.front().value = -std::numeric_limits<double>::infinity();
    CHECK(json(again(run)) == json(run));
    CHECK(again(run).ended_at == run.ended_at);
    CHECK(again(run).entries.front().checks.front().value == run.entries.front().checks.front().value);
    CHECK(json(again({})) == json({}));
}

TEST_CASE("every kind and every verdict has a name that is read again", "[journal]") {
    for (const auto kind : {EntryKind::phase, EntryKind::advance, EntryKind::halt, EntryKind::rollback, EntryKind::promote,
                            EntryKind::gate, EntryKind::command, EntryKind::note})
        for (const auto verdict : {Verdict::pass, Verdict::fail, Verdict::no_data, Verdict::unreachable, Verdict::inconclusive}) {
            RunRecord run;
            run.entries.push_back({{}, 0, "", 0, kind, "", {{"a", verdict, {}, {}, "", ""}}});
            CHECK(again(run).entries.front().kind == kind);
            CHECK(again(run).entries.front().checks.front().verdict == verdict);
        }
}

TEST_CASE("NaN is no value", "[journal]") {
    auto run = sample();
    run.entries.front().checks.front().value = std::numeric_limits<double>::quiet_NaN();
    CHECK_FALSE(again(run).entries.front().checks.front().value);
}

TEST_CASE("a run of another make is read as far as it can be understood", "[journal]") {
    CHECK(read_text(R"({"number":-4,"startedAt":"yesterday","endedAt":7,"entries":[
              {"at":"2026-11-28T10:00:20Z","tick":"x","weight":4000,"kind":"dance","checks":[{"name":"a","verdict":"maybe","value":"much","min":[1]}]},
              "no entry"], "more": {}})") ==
          R"({"number":0,"fromRevision":null,"toRevision":null,"fromImage":null,"toImage":null,"startedAt":"2026-11-28T10:00:20.000Z",)"
          R"("endedAt":null,"outcome":null,"reason":null,"entries":[)"
          R"({"at":"2026-11-28T10:00:20.000Z","tick":0,"phase":"","weight":100,"kind":"note","message":"","checks":[)"
          R"({"name":"a","verdict":"inconclusive","value":null,"min":null,"max":null,"query":null,"detail":null}]},)"
          R"({"at":"1970-01-01T00:00:00.000Z","tick":0,"phase":"","weight":0,"kind":"note","message":"","checks":[]}]})");
    CHECK(read_run(doc::Value::map({{"entries", "none"}})).entries.empty());
}

TEST_CASE("what is no map is no run", "[journal]") {
    CHECK_THROWS_WITH(read_run(doc::Value::list()), "a run of a canary is a map, found a list");
    CHECK_THROWS_AS(read_run(doc::Value("text")), base::Error);
}

TEST_CASE("a record that was blown up is cut to size", "[journal]") {
    RunRecord run;
    run.reason.assign(4095, 'x');
    run.reason += "\u00e9 and more";
    run.entries.resize(20'010);
    run.entries.back().tick = 7;
    run.entries.back().checks.resize(150);
    const auto read = read_run(to_value(run));
    CHECK(read.reason == std::string(4095, 'x'));
    CHECK(read.entries.size() == 20'000);
    CHECK(read.entries.back().tick == 7);
    CHECK(read.entries.back().checks.size() == 100);
}

TEST_CASE("numbers have the decimals it takes to see why", "[journal]") {
    CHECK(number_text(125) == "125");
    CHECK(number_text(-0.0) == "0");
    CHECK(number_text(99.6) == "99.60");
    CHECK(number_text(98.99999, {99.0, {}}) == "98.99999");
    CHECK(number_text(150.0004, {{}, 150.0}) == "150.0004");
    CHECK(number_text(0.004) == "0.004");
    CHECK(number_text(0.012345) == "0.0123");
    CHECK(number_text(3e20) == "3e+20");
    CHECK(number_text(std::numeric_limits<double>::infinity()) == "+Inf");
}

TEST_CASE("a check is one phrase", "[journal]") {
    const auto said = [](std::optional<double> value, Verdict verdict, Range range, std::string detail = "") {
        return check_text({"errors", verdict, value, range, "q", std::move(detail)}, Glyphs::ascii);
    };
    CHECK(said(99.6, Verdict::pass, {99.0, {}}) == "errors 99.60 >= 99");
    CHECK(said(99, Verdict::pass, {99.0, {}}) == "errors 99 >= 99");
    CHECK(said(97.2, Verdict::fail, {98.9, {}}) == "errors 97.20 < 98.9");
    CHECK(said(180, Verdict::fail, {{}, 150.0}) == "errors 180 > 150");
    CHECK(said(1, Verdict::pass, {0.5, 2.0}) == "errors 1 in 0.5 to 2");
    CHECK(said(7, Verdict::pass, {}) == "errors 7");
    CHECK(said({}, Verdict::no_data, {{}, 150.0}, "no series matches") == "errors: no data, no series matches");
    CHECK(said(1.2, Verdict::inconclusive, {}, "needs about 120 more samples") == "errors 1.20: undecided, needs about 120 more samples");
    CHECK(check_text({"load-test", Verdict::fail, {}, {}, "", "status 500"}, Glyphs::ascii) == "load-test: failed, status 500");
    CHECK(check_text({"rate", Verdict::pass, 99.6, {99.0, {}}, "q", ""}, Glyphs::unicode) == "rate 99.60 \u2265 99");
}

TEST_CASE("times, images and texts are short and harmless", "[journal]") {
    CHECK(elapsed_text(base::Duration(80'999)) == "00:01:20");
    CHECK(elapsed_text(base::Duration(-5)) == "00:00:00");
    CHECK(elapsed_text(base::Duration(100LL * 3'600'000)) == "100:00:00");
    CHECK(span_text(base::Duration(140'400)) == "2m20s");
    CHECK(span_text(base::Duration(3'659'000)) == "1h1m");
    CHECK(span_text(base::Duration(90'000'000)) == "1d1h");
    CHECK(span_text(base::Duration(250)) == "250ms");
    CHECK(short_image("registry.example:5000/farm/predictor:v2") == "predictor:v2");
    CHECK(short_image("farm/predictor@sha256:0123456789abcdef0123") == "predictor@0123456789ab");
    CHECK(clean_text("a\nb\x1b[31m\u202Ec\xFF", 40) == "a b?[31m?c\uFFFD");
    CHECK(clean_text("\u00e9\u00e9\u00e9\u00e9\u00e9", 4) == "\u00e9\u00e9\u00e9\u2026");
    CHECK(clean_text("abcdef", 5, Glyphs::ascii) == "ab...");
    CHECK(clean_text("abcde", 5, Glyphs::ascii) == "abcde");
    CHECK(wrapped("one two three four", 9, 2) == std::vector<std::string>{"one two", "three fo\u2026"});
    CHECK(wrapped("onetwothreefour", 6, 5) == std::vector<std::string>{"onetwo", "threef", "our"});
}
