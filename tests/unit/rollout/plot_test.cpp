#include "core/rollout/plot/plot.hpp"

#include <catch2/catch.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <regex>
#include <sstream>

#include "core/rollout/plot/plot_series.hpp"

using namespace gitops;
using namespace gitops::rollout;

namespace {

base::Time after(int seconds) { return *base::parse_rfc3339("2026-11-28T10:00:00Z") + base::Duration(std::int64_t{seconds} * 1000); }

std::vector<CheckResult> checks(double accuracy, std::optional<double> latency) {
    return {{"load-test", Verdict::pass, {}, {}, "", ""},
            {"accuracy", accuracy < 98.9 ? Verdict::fail : Verdict::pass, accuracy, {98.9, {}}, "avg(accuracy{app=\"p\"})", ""},
            {"latency-p99", latency ? Verdict::pass : Verdict::no_data, latency, {{}, 150.0}, "latency",
             latency ? "" : "no series matches"}};
}

/// 5 % and 10 %, one tick without data, one halt, and back.
RunRecord failed_run() {
    RunRecord run;
    run.number = 3;
    run.from_image = "registry.example/farm/predictor:v1";
    run.to_image = "registry.example/farm/predictor:v2";
    run.started_at = after(0);
    run.ended_at = after(120);
    run.outcome = "Failed";
    run.reason = "3 failed checks, 2 tolerated: accuracy 98.10 < 98.90";
    run.entries = {{after(0), 0, "Progressing", 0, EntryKind::phase, "new revision 7b8d detected", {}},
                   {after(20), 1, "Progressing", 5, EntryKind::advance, "canary weight 5", {}},
                   {after(40), 2, "Progressing", 5, EntryKind::advance, "passed, 1 of 2 at 5 %", checks(99.4, 120)},
                   {after(60), 3, "Progressing", 10, EntryKind::advance, "canary weight 10", checks(99.1, 125)},
                   {after(80), 4, "Progressing", 10, EntryKind::halt, "held, 1 of 3 checks without data", checks(99.0, {})},
                   {after(100), 5, "Progressing", 10, EntryKind::halt, "halted: accuracy 98.50 < 98.90", checks(98.5, 131)},
                   {after(110), 6, "Progressing", 10, EntryKind::halt, "halted: accuracy 98.60 < 98.90", checks(98.6, 133)},
                   {after(120), 7, "Failed", 0, EntryKind::rollback, run.reason, checks(98.1, 128)}};
    return run;
}

std::size_t count_of(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

/// The file, which was reviewed; with GITOPS_REWRITE=1 it becomes what is now.
std::string golden(const std::string& name, const std::string& now) {
    const auto path = std::string(GITOPS_SOURCE_DIR) + "/tests/data/rollout/" + name;
    if (std::getenv("GITOPS_REWRITE") != nullptr) std::ofstream(path) << now;
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Every tag that is opened is closed, in order; only what XML allows stands in texts.
bool is_well_formed(const std::string& svg) {
    std::vector<std::string> open;
    static const std::regex tag("<(/?)([a-z]+)([^<>]*?)(/?)>");
    std::size_t characters = 0;
    for (auto found = std::sregex_iterator(svg.begin(), svg.end(), tag); found != std::sregex_iterator(); ++found) {
        ++characters;
        if ((*found)[4].length() > 0) continue;
        if ((*found)[1].length() == 0) {
            open.push_back((*found)[2]);
        } else {
            if (open.empty() || open.back() != (*found)[2].str()) return false;
            open.pop_back();
        }
    }
    return open.empty() && characters > 0 && count_of(svg, "<") == characters && count_of(svg, "&") == count_of(svg, "&amp;") + count_of(svg, "&lt;") +
           count_of(svg, "&gt;") + count_of(svg, "&quot;") + count_of(svg, "&#39;");
}

RunRecord hostile_run() {
    auto run = failed_run();
    const std::string bad = "</text><script>alert('1')</script>&\x1b[2J\xFF\u202E\"";
    run.reason = run.from_image = run.to_image = run.outcome = bad;
    for (auto& entry : run.entries) {
        entry.message = entry.phase = bad;
        for (auto& check : entry.checks) check.name = check.query = check.detail = bad;
    }
    return run;
}

}  // namespace

TEST_CASE("a run on a terminal", "[plot]") {
    const auto text = plot_text(failed_run(), "farm/predictor", {.width = 80, .glyphs = Glyphs::unicode, .paint = {}});
    CHECK(text == golden("plot_unicode.txt", text));
}

TEST_CASE("a run where only ASCII is shown", "[plot]") {
    const auto text = plot_text(failed_run(), "farm/predictor", {.width = 50, .glyphs = Glyphs::ascii, .paint = {}});
    CHECK(text == golden("plot_ascii.txt", text));
}

TEST_CASE("a run as a picture is the one that was looked at", "[plot]") {
    const auto svg = plot_svg(failed_run(), "farm/predictor");
    CHECK(svg == golden("plot_failed_run.svg", svg));
}

TEST_CASE("a picture has a panel per check, its limits, what failed and what was decided", "[plot]") {
    const auto svg = plot_svg(failed_run(), "farm/predictor");
    CHECK(is_well_formed(svg));
    CHECK(count_of(svg, "class=\"name\"") == 4);  // weight, accuracy, latency-p99, hooks
    CHECK(count_of(svg, "class=\"limit\"") == 2);
    CHECK(count_of(svg, ">min 98.9</text>") == 1);
    CHECK(count_of(svg, ">max 150</text>") == 1);
    CHECK(count_of(svg, "class=\"fail\"") == 4);    // three, and the key
    CHECK(count_of(svg, "class=\"absent\"") == 2);  // one, and the key
    CHECK(count_of(svg, "class=\"event\"") == 6);   // two halts of one cause in a row are one
    CHECK(count_of(svg, "2 times, the last: halted: accuracy 98.60 &lt; 98.90</text>") == 1);
    CHECK(count_of(svg, "prefers-color-scheme:dark") == 1);
    CHECK(count_of(svg, "href") + count_of(svg, "url(") == 0);
}

TEST_CASE("texts of a record stay texts", "[plot]") {
    const auto run = hostile_run();
    const auto svg = plot_svg(run, run.reason);
    CHECK(is_well_formed(svg));
    const auto html = plot_html(run, run.reason);
    const auto text = plot_text(run, run.reason);
    for (const auto& page : {svg, html, text}) {
        CHECK(count_of(page, "\x1b") == 0);
        CHECK(count_of(page, "\xFF") == 0);
        CHECK(count_of(page, "\u202E") == 0);
    }
    CHECK(count_of(svg, "<script") == 0);
    CHECK(count_of(html, "<script") == 0);
    CHECK(count_of(html, "&lt;script&gt;") > 0);
}

TEST_CASE("a page has the picture, every entry and every query, and needs nothing else", "[plot]") {
    const auto html = plot_html(failed_run(), "farm/predictor");
    CHECK(html.find(plot_svg(failed_run(), "farm/predictor")) != std::string::npos);
    CHECK(count_of(html, "<tr>") == 1 + 8 + 1 + 2);
    CHECK(count_of(html, "<td class=\"t\" title=\"2026-11-28T10:01:40.000Z\">00:01:40</td><td class=\"n\">5</td><td>Progressing</td>"
                         "<td class=\"n\">10 %</td><td><b class=\"bad\">halt</b> halted: accuracy 98.50 &lt; 98.90</td>"
                         "<td><ul><li class=\"good\">\u2714 load-test: passed</li><li class=\"bad\">\u2716 accuracy 98.50 &lt; 98.9</li>"
                         "<li class=\"good\">\u2714 latency-p99 131 \u2264 150</li></ul></td>") == 1);
    CHECK(count_of(html, "<td>accuracy</td><td class=\"t\">\u2265 98.9</td><td><code>avg(accuracy{app=&quot;p&quot;})</code></td>") == 1);
    CHECK(count_of(html, "<script") + count_of(html, "href") + count_of(html, "src=") == 0);
}

TEST_CASE("no line is wider than what was asked for, and color changes nothing else", "[plot]") {
    for (const std::size_t width : {40U, 80U, 200U}) {
        std::istringstream lines(plot_text(failed_run(), std::string(300, 'x'), {.width = width, .glyphs = Glyphs::unicode, .paint = {}}));
        for (std::string line; std::getline(lines, line);) CHECK(length_of(line) <= width);
    }
    const Painter paint = [](Tone tone, std::string_view text) { return tone == Tone::bad ? "<" + std::string(text) + ">" : std::string(text); };
    auto painted = plot_text(failed_run(), "p", {.width = 80, .glyphs = Glyphs::ascii, .paint = paint});
    CHECK(count_of(painted, "<x>") == 3);
    CHECK(count_of(painted, "<rollback>") == 1);
    const auto plain = plot_text(failed_run(), "p", {.width = 80, .glyphs = Glyphs::ascii, .paint = {}});
    CHECK(std::ranges::all_of(plain, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

TEST_CASE("a run that has just begun, and values beyond all bounds, are drawn", "[plot]") {
    RunRecord fresh;
    fresh.number = 1;
    fresh.started_at = after(0);
    CHECK(is_well_formed(plot_svg(fresh, "p")));
    CHECK(plot_text(fresh, "p", {.width = 40, .glyphs = Glyphs::ascii, .paint = {}}).starts_with("p  run 1  under way\nunknown -> unknown"));
    auto run = failed_run();
    const double infinity = std::numeric_limits<double>::infinity();
    run.entries[2].checks[1].value = infinity;
    run.entries[3].checks[1].value = -1e300;
    run.entries[4].checks[1].range = {-infinity, 1e300};
    run.entries[6].checks[1].value = run.entries[6].checks[1].range.min = std::numeric_limits<double>::quiet_NaN();
    run.entries[5].at = after(-100'000'000);
    const auto svg = plot_svg(run, "p");
    CHECK(is_well_formed(svg));
    CHECK(count_of(svg, "=\"nan") + count_of(svg, "=\"inf") + count_of(svg, "=\"-inf") + count_of(svg, "-922337") == 0);
    CHECK_FALSE(plot_text(run, "p").empty());
}

TEST_CASE("of very many decisions and checks the first and the last are drawn", "[plot]") {
    RunRecord run;
    run.started_at = after(0);
    for (int i = 0; i < 100; ++i) run.entries.push_back({after(i), i, "Progressing", i, EntryKind::advance, "weight", {}});
    for (int i = 0; i < 30; ++i) run.entries.back().checks.push_back({"check " + std::to_string(i), Verdict::pass, 1.0, {}, "q", ""});
    const auto series = plot_series(run);
    CHECK(series.marks.size() == 36);
    CHECK(series.marks[17].number == 18);
    CHECK(series.marks[18].number == 83);
    CHECK(series.marks_left_out == 64);
    CHECK(series.metrics.size() == 12);
    CHECK(series.panels_left_out == 18);
    const auto svg = plot_svg(run, "p");
    CHECK(count_of(svg, ">64 decisions in between are not drawn<") == 1);
    CHECK(count_of(svg, ">18 more checks are not drawn<") == 1);
}

TEST_CASE("ticks are round", "[plot]") {
    using namespace std::chrono_literals;
    CHECK(time_ticks(140s, 10) == std::vector<base::Duration>{0s, 15s, 30s, 45s, 60s, 75s, 90s, 105s, 120s, 135s});
    CHECK(time_ticks(90min, 6) == std::vector<base::Duration>{0min, 15min, 30min, 45min, 60min, 75min, 90min});
    CHECK(time_ticks(24h * 4000, 10).size() <= 11);
    const auto scale = scale_of({"a", false, {99.0, {}}, {{after(0), 99.6, Verdict::pass}, {after(1), 98.7, Verdict::fail}}, 1}, 4);
    CHECK(scale.low < 98.7);
    CHECK(scale.high > 99.6);
    std::vector<std::string> texts;
    for (const auto tick : scale.ticks) texts.push_back(tick_text(tick, scale.step));
    CHECK(texts == std::vector<std::string>{"99.0", "99.5"});
    CHECK(scale_of({"one value", false, {}, {{after(0), 5.0, Verdict::pass}}, 0}, 4).low < 5);
}
