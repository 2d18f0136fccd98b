#include "core/base/cron.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

using namespace gitops;
using base::Cron;
using base::Instant;

namespace {

Instant at(const std::string& text) { return std::chrono::floor<std::chrono::seconds>(base::parse_rfc3339(text).value()); }

std::string text(const std::optional<Instant>& instant) { return instant ? base::to_rfc3339(base::Time(*instant)) : "never"; }

const base::TimeZones& zones() {
    static const auto all = base::TimeZones::of_system();
    return all;
}

/// The next `count` times after `from`, in UTC.
std::string times(const std::string& schedule, const std::string& zone, const std::string& from, int count = 1) {
    const Cron cron(schedule);
    std::vector<std::string> found;
    auto instant = at(from);
    for (int i = 0; i < count; ++i) {
        const auto next = cron.next(instant, zones().zone(zone));
        found.push_back(text(next));
        if (!next) break;
        CHECK(cron.last(*next, *next - std::chrono::hours(1), zones().zone(zone)) == next);
        instant = *next;
    }
    return base::join(found, " ");
}

std::string refusal(const std::string& schedule) {
    try {
        Cron{schedule};
    } catch (const base::Error& error) {
        return error.message() + (error.hint_text().empty() ? "" : " [" + error.hint_text() + "]");
    }
    return "accepted";
}

}  // namespace

TEST_CASE("schedules: lists, ranges, steps, names", "[cron]") {
    struct Row {
        std::string schedule, from, next;
    };
    for (const Row& row : {
             Row{"* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
             {"* * * * *", "2026-01-01T00:00:59Z", "2026-01-01T00:01:00Z"},
             {"30 4 * * *", "2026-01-01T04:30:00Z", "2026-01-02T04:30:00Z"},
             {"*/20 * * * *", "2026-01-01T00:41:00Z", "2026-01-01T01:00:00Z"},
             {"5/20 * * * *", "2026-01-01T00:26:00Z", "2026-01-01T00:45:00Z"},
             {"10-30/10 * * * *", "2026-01-01T00:30:00Z", "2026-01-01T01:10:00Z"},
             {"0,15,45 8-10 * * *", "2026-01-01T10:45:00Z", "2026-01-02T08:00:00Z"},
             {"0 0 1 JAN,jul *", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"},
             {"0 22 * * Mon-Fri", "2026-11-27T22:00:00Z", "2026-11-30T22:00:00Z"},
             {"0 22 ? * sun", "2026-11-28T00:00:00Z", "2026-11-29T22:00:00Z"},
             {"0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
             {"0 0 30 2 *", "2026-01-01T00:00:00Z", "never"},
             {"0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"},
             // Two restricted days: either. A star or a step of one does not restrict, a larger step does.
             {"0 0 13 * fri", "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z"},
             {"0 0 13 * *", "2026-11-01T00:00:00Z", "2026-11-13T00:00:00Z"},
             {"0 0 */1 * fri", "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z"},
             {"0 0 */16 * fri", "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z"},
             {"0 0 */16 * fri", "2026-11-13T00:00:00Z", "2026-11-17T00:00:00Z"},
         }) {
        CAPTURE(row.schedule, row.from);
        CHECK(times(row.schedule, "", row.from) == row.next);
    }
}

TEST_CASE("what is no schedule", "[cron]") {
    const std::string hint = " [minute, hour, day of month, month, day of week: \"0 22 * * mon-fri\"]";
    CHECK(refusal("0 22 * * ") == "a schedule has five fields, \"0 22 * * \" has 4" + hint);
    CHECK(refusal("@daily") == "a schedule has five fields, \"@daily\" has 1" + hint);
    CHECK(refusal("CRON_TZ=UTC 0 22 * * *") == "a schedule has five fields, \"CRON_TZ=UTC 0 22 * * *\" has 6" + hint);
    CHECK(refusal("60 * * * *") == "the minute \"60\" is not between 0 and 59");
    CHECK(refusal("-1 * * * *") == "the minute \"-1\" is no number");
    CHECK(refusal("* 5-3 * * *") == "the hour \"5-3\" begins after its end");
    CHECK(refusal("* * 0 * *") == "the day of month \"0\" is not between 1 and 31");
    CHECK(refusal("* * * 13 *") == "the month \"13\" is not between 1 and 12");
    CHECK(refusal("* * * * 7") == "the day of week \"7\" is not between 0 and 6 [Sunday is 0 or sun]");
    CHECK(refusal("* * * * mo") == "the day of week \"mo\" is no number");
    CHECK(refusal("*/0 * * * *") == "the minute \"*/0\" has no step of 1 or more");
    CHECK(refusal("*/2/3 * * * *") == "the minute \"*/2/3\" has two steps");
    CHECK(refusal("1,,2 * * * *") == "the minute \"\" is no number");
    CHECK(refusal("1-2-3 * * * *") == "the minute \"1-2-3\" is no range");
}

TEST_CASE("Europe/Berlin: the clock skips 02:00-03:00 on 29 March 2026 and repeats it on 25 October", "[cron]") {
    // An ordinary time of the day keeps its place on the wall.
    CHECK(times("0 9 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3) ==
          "2026-03-28T08:00:00Z 2026-03-29T07:00:00Z 2026-03-30T07:00:00Z");
    // Skipped: at the moment of the change, several together once.
    CHECK(times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3) ==
          "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
    CHECK(times("*/20 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2) == "2026-03-29T01:00:00Z 2026-03-30T00:00:00Z");
    // By the running clock nothing is made up for.
    CHECK(times("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3) ==
          "2026-03-29T00:30:00Z 2026-03-29T01:30:00Z 2026-03-29T02:30:00Z");
    // Repeated: the first time only; by the running clock both.
    CHECK(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2) == "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
    CHECK(times("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 3) ==
          "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T02:30:00Z");
    // Beyond the years the database lists.
    CHECK(times("30 2 * * *", "Europe/Berlin", "2060-03-27T12:00:00Z", 2) == "2060-03-28T01:00:00Z 2060-03-29T00:30:00Z");
}

TEST_CASE("America/New_York: 02:00-03:00 skipped on 8 March 2026, 01:00-02:00 repeated on 1 November", "[cron]") {
    CHECK(times("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2) == "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z");
    CHECK(times("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2) == "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z");
    CHECK(times("15 * * * *", "America/New_York", "2026-11-01T05:00:00Z", 3) ==
          "2026-11-01T05:15:00Z 2026-11-01T06:15:00Z 2026-11-01T07:15:00Z");
    CHECK(times("0 0 * * *", "America/New_York", "2026-11-01T00:00:00Z", 3) ==
          "2026-11-01T04:00:00Z 2026-11-02T05:00:00Z 2026-11-03T05:00:00Z");
}

TEST_CASE("other places: no summer time, half hours, the southern year, a change at midnight", "[cron]") {
    CHECK(times("0 9 * * *", "Asia/Tokyo", "2026-06-01T00:00:00Z") == "2026-06-02T00:00:00Z");
    CHECK(times("0 9 * * *", "Asia/Kolkata", "2026-06-01T00:00:00Z") == "2026-06-01T03:30:00Z");
    CHECK(times("0 9 * * *", "Australia/Sydney", "2050-01-10T12:00:00Z") == "2050-01-10T22:00:00Z");
    CHECK(times("0 9 * * *", "Australia/Sydney", "2050-07-10T12:00:00Z") == "2050-07-10T23:00:00Z");
    CHECK(times("30 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", 2) == "2026-09-06T04:00:00Z 2026-09-07T03:30:00Z");
}

TEST_CASE("zones that are not there", "[cron]") {
    const auto told = [](const base::TimeZones& all, const std::string& name) {
        try {
            all.zone(name);
        } catch (const base::Error& error) {
            return error.message() + " [" + error.hint_text() + "]";
        }
        return std::string("there");
    };
    const base::TimeZones none(nullptr);
    CHECK(told(none, "") == "there");
    CHECK(told(none, "UTC") == "there");
    CHECK(told(none, "Europe/Berlin") ==
          "there is no tz database on this machine, which the time zone Europe/Berlin needs [install the package tzdata]");
    CHECK(told(zones(), "Europe/Berln") ==
          "the tz database has no time zone Europe/Berln [name one as Europe/Berlin; a newer package tzdata may know it]");
    CHECK(told(zones(), "../passwd") == "\"../passwd\" is no name of a time zone []");
    const auto files = std::make_shared<base::MemoryTree>(
        std::map<std::string, std::string>{{"Bad", "TZif2"}, {"Worse", "no zone"}, {"Empty", ""}});
    for (const char* name : {"Bad", "Worse", "Empty"})
        CHECK(told(base::TimeZones(files), name) == "the tz database's file of " + std::string(name) + " cannot be read []");
}

TEST_CASE("files of zones that are cut anywhere are refused, not read beyond their end", "[cron]") {
    const auto whole = base::DiskTree("/usr/share/zoneinfo").read("Europe/Berlin");
    int read = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
        try {
            const base::TimeZone zone(std::string_view(whole).substr(0, length), "x");
            ++read;
        } catch (const base::Error&) {
            continue;
        }
    }
    CHECK(read == 0);
}
