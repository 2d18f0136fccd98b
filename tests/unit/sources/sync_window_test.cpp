#include "core/sources/sync_window.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>

#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/sources/app_project.hpp"

using namespace gitops;
using sources::Permission;
using sources::Starter;

namespace {

base::Time at(const std::string& text) { return base::parse_rfc3339(text).value(); }

std::vector<sources::SyncWindow> windows(const std::string& list) {
    std::vector<std::string> warnings;
    return sources::read_project(doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team}\n"
                                                    "spec: {syncWindows: [" + list + "]}"),
                                 "p.yaml", warnings)
        .windows;
}

const base::TimeZones& zones() {
    static const auto all = base::TimeZones::of_system();
    return all;
}

const sources::WindowSubject k_web{"web", "prod", {"local", "https://kubernetes.default.svc"}};

std::string told(const std::string& list, const std::string& now) {
    const auto all = windows(list);
    const auto verdict = sources::judge(all, k_web, at(now), zones());
    return std::string(sources::permission_text(verdict.permission)) + (verdict.reason.empty() ? "" : ": " + verdict.reason);
}

/// A window for everything, from `hour` on for two hours.
std::string daily(const std::string& kind, int hour, const std::string& more = "") {
    return "{kind: " + kind + ", schedule: '0 " + std::to_string(hour) + " * * *', duration: 2h, applications: ['*']" + more + "}";
}

}  // namespace

TEST_CASE("the five rules of evaluation", "[window]") {
    const std::string noon = "2026-06-01T12:30:00Z";
    const std::string manual = ", manualSync: true";
    CHECK(told("", noon) == "Sync Allowed");
    // 2. an open deny window blocks, whatever is allowed; manual only if every one says so
    CHECK(told(daily("deny", 12), noon) == "Sync Denied: inside the deny window \"0 12 * * *\" for 2h");
    CHECK(told(daily("deny", 12) + "," + daily("allow", 12), noon) == "Sync Denied: inside the deny window \"0 12 * * *\" for 2h");
    CHECK(told(daily("deny", 12, manual), noon) == "Manual Allowed: inside the deny window \"0 12 * * *\" for 2h");
    CHECK(told(daily("deny", 12, manual) + "," + daily("deny", 11), noon) ==
          "Sync Denied: inside the deny window \"0 11 * * *\" for 2h and the deny window \"0 12 * * *\" for 2h");
    CHECK(told(daily("deny", 12, manual) + "," + daily("deny", 3), noon) == "Manual Allowed: inside the deny window \"0 12 * * *\" for 2h");
    // 3. else an open allow window permits
    CHECK(told(daily("allow", 12) + "," + daily("allow", 3) + "," + daily("deny", 3), noon) == "Sync Allowed");
    // 4. else a closed allow window blocks; manual only if every one says so
    CHECK(told(daily("allow", 3), noon) == "Sync Denied: outside the allow window \"0 3 * * *\" for 2h");
    CHECK(told(daily("allow", 3, manual), noon) == "Manual Allowed: outside the allow window \"0 3 * * *\" for 2h");
    CHECK(told(daily("allow", 3, manual) + "," + daily("allow", 5), noon) ==
          "Sync Denied: outside the allow window \"0 3 * * *\" for 2h and the allow window \"0 5 * * *\" for 2h");
    // 5. closed deny windows alone do not block
    CHECK(told(daily("deny", 3), noon) == "Sync Allowed");
}

TEST_CASE("a window is open from its time until before its end", "[window]") {
    const auto all = windows(daily("deny", 12));
    const auto open = [&](const std::string& now) { return sources::is_open(all.front(), at(now), zones()); };
    CHECK_FALSE(open("2026-06-01T11:59:59.999Z"));
    CHECK(open("2026-06-01T12:00:00Z"));
    CHECK(open("2026-06-01T13:59:59.999Z"));
    CHECK_FALSE(open("2026-06-01T14:00:00Z"));
    const auto night = windows("{kind: deny, schedule: '0 22 * * *', duration: 8h, applications: ['*']}");
    CHECK(sources::is_open(night.front(), at("2026-06-02T05:59:00Z"), zones()));
    CHECK_FALSE(sources::is_open(night.front(), at("2026-06-02T06:00:00Z"), zones()));
    const auto long_one = windows("{kind: deny, schedule: '0 0 1 * *', duration: 240h, applications: ['*']}");
    CHECK(sources::is_open(long_one.front(), at("2026-06-10T23:00:00Z"), zones()));
    CHECK_FALSE(sources::is_open(long_one.front(), at("2026-06-11T00:00:00Z"), zones()));
}

TEST_CASE("windows in local time keep their hour on the wall over clock changes", "[window]") {
    const auto berlin = windows("{kind: deny, schedule: '0 8 * * *', duration: 1h, applications: ['*'], timeZone: Europe/Berlin}");
    CHECK(sources::is_open(berlin.front(), at("2026-03-28T07:30:00Z"), zones()));
    CHECK_FALSE(sources::is_open(berlin.front(), at("2026-03-29T07:30:00Z"), zones()));
    CHECK(sources::is_open(berlin.front(), at("2026-03-29T06:30:00Z"), zones()));
    // A length is time that passes: a night with a change is an hour longer or shorter on the wall.
    const auto night = windows("{kind: deny, schedule: '0 23 * * *', duration: 6h, applications: ['*'], timeZone: Europe/Berlin}");
    CHECK(sources::is_open(night.front(), at("2026-03-29T03:59:00Z"), zones()));  // 05:59 on the wall
    CHECK_FALSE(sources::is_open(night.front(), at("2026-03-29T04:00:00Z"), zones()));
    CHECK(sources::is_open(night.front(), at("2026-10-25T02:59:00Z"), zones()));  // 03:59 on the wall
    CHECK_FALSE(sources::is_open(night.front(), at("2026-10-25T03:00:00Z"), zones()));
    CHECK(told("{kind: allow, schedule: '0 8 * * *', duration: 1h, applications: ['*'], timeZone: America/New_York}", "2026-06-01T11:00:00Z") ==
          "Sync Denied: outside the allow window \"0 8 * * *\" for 1h in America/New_York");
}

TEST_CASE("whom a window concerns: any of its lists, or all that it has", "[window]") {
    struct Row {
        std::string lists;
        bool concerned;
    };
    for (const Row& row : {Row{"applications: ['we*']", true},
                           {"applications: [other]", false},
                           {"namespaces: [prod]", true},
                           {"namespaces: [prod-*]", false},
                           {"clusters: [local]", true},
                           {"clusters: ['https://*']", true},
                           {"clusters: [other]", false},
                           {"applications: [other], namespaces: [prod]", true},
                           {"applications: [other], namespaces: [prod], andOperator: true", false},
                           {"applications: [web], namespaces: [prod], andOperator: true", true},
                           {"applications: [web], namespaces: [prod], clusters: [x], andOperator: true", false},
                           {"applications: [web], andOperator: true", true}}) {
        CAPTURE(row.lists);
        CHECK(sources::concerns(windows("{kind: deny, schedule: '* * * * *', duration: 1h, " + row.lists + "}").front(), k_web) == row.concerned);
    }
}

TEST_CASE("the next time a sync is permitted", "[window]") {
    const auto next = [](const std::string& list, Starter starter, const std::string& now) {
        const auto found = sources::next_permission(windows(list), k_web, starter, at(now), zones());
        return found ? base::to_rfc3339(*found) : "never";
    };
    CHECK(next(daily("deny", 12), Starter::person, "2026-06-01T12:30:00Z") == "2026-06-01T14:00:00Z");
    CHECK(next(daily("deny", 12) + "," + daily("deny", 13), Starter::person, "2026-06-01T12:30:00Z") == "2026-06-01T15:00:00Z");
    CHECK(next(daily("allow", 3), Starter::automation, "2026-06-01T12:30:00Z") == "2026-06-02T03:00:00Z");
    CHECK(next(daily("allow", 3) + "," + daily("deny", 3), Starter::automation, "2026-06-01T12:30:00Z") == "never");
    CHECK(next(daily("allow", 3) + "," + daily("deny", 2), Starter::automation, "2026-06-01T12:30:00Z") == "2026-06-02T04:00:00Z");
    CHECK(next("{kind: allow, schedule: '0 9 1 1 *', duration: 1h, clusters: [local], timeZone: Europe/Berlin}", Starter::person,
               "2026-06-01T12:30:00Z") == "2027-01-01T08:00:00Z");
    CHECK(next("{kind: allow, schedule: '0 0 30 2 *', duration: 1h, clusters: [local]}", Starter::person, "2026-06-01T12:30:00Z") == "never");
}

TEST_CASE("a sync that began when it was permitted may overrun where every blocking window says so", "[window]") {
    const std::string overrun = ", syncOverrun: true";
    const auto goes_on = [](const std::string& list, const std::string& began, const std::string& now) {
        return sources::may_go_on(windows(list), k_web, Starter::automation, at(began), at(now), zones());
    };
    const std::string before = "2026-06-01T11:59:00Z";
    const std::string noon = "2026-06-01T12:30:00Z";
    const std::string after = "2026-06-01T14:01:00Z";
    CHECK_FALSE(goes_on(daily("deny", 12), before, noon));
    CHECK(goes_on(daily("deny", 12, overrun), before, noon));
    CHECK_FALSE(goes_on(daily("deny", 12, overrun), noon, noon));  // began inside
    CHECK_FALSE(goes_on(daily("deny", 12, overrun) + "," + daily("deny", 11, ""), before, noon));
    CHECK_FALSE(goes_on(daily("allow", 12), noon, after));
    CHECK(goes_on(daily("allow", 12, overrun), noon, after));
    CHECK_FALSE(goes_on(daily("allow", 12, overrun), after, after));
    CHECK(goes_on(daily("allow", 12, overrun) + "," + daily("allow", 3), noon, after));  // the other was closed then
    CHECK_FALSE(goes_on(daily("allow", 12, overrun) + "," + daily("allow", 11), noon, after));
}

TEST_CASE("the order of windows is irrelevant", "[window]") {
    std::mt19937 random(3);
    std::vector<std::string> list{daily("deny", 12, ", manualSync: true"), daily("deny", 3), daily("allow", 11), daily("allow", 18)};
    for (const char* now : {"2026-06-01T12:30:00Z", "2026-06-01T11:30:00Z", "2026-06-01T03:30:00Z", "2026-06-01T22:00:00Z"}) {
        const auto expected = told(base::join(list, ","), now);
        for (int i = 0; i < 10; ++i) {
            std::ranges::shuffle(list, random);
            CHECK(told(base::join(list, ","), now) == expected);
        }
    }
}
