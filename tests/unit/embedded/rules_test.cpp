// Parts without a cluster: schedules, rollout arithmetic, back-off, counts.
#include <catch2/catch.hpp>

#include "core/embedded/cron.hpp"
#include "core/embedded/documents.hpp"
#include "core/embedded/pod_status.hpp"
#include "core/embedded/rollout_math.hpp"
#include "core/doc/json.hpp"

using namespace gitops;
using namespace gitops::embedded;

namespace {

std::string next(std::string_view schedule, std::string_view from) {
    auto parsed = CronSchedule::parse(schedule);
    if (!parsed) return "no schedule";
    auto when = parsed->next_after(*base::parse_rfc3339(from));
    return when ? base::to_rfc3339(*when) : "never";
}

using Sizes = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("cron schedules") {
    struct Case {
        std::string_view schedule, from, expected;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"*/15 * * * *", "2026-01-01T00:14:59Z", "2026-01-01T00:15:00Z"},
             {"*/15 * * * *", "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"},
             {"30 2 * * *", "2026-01-01T03:00:00Z", "2026-01-02T02:30:00Z"},
             {"0 0 1 * *", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"},
             {"0 9 * * mon-fri", "2026-01-03T00:00:00Z", "2026-01-05T09:00:00Z"},
             {"0 9 * * sun", "2026-01-01T00:00:00Z", "2026-01-04T09:00:00Z"},
             {"0 9 * * 7", "2026-01-01T00:00:00Z", "no schedule"},  // a Sunday is 0
             {"0 0 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
             {"0 0 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
             {"0 0 30 2 *", "2026-01-01T00:00:00Z", "never"},
             {"@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"},
             {"5,10-12/2 0 * * *", "2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"},
             {"*/90 * * * *", "2026-01-01T00:05:00Z", "2026-01-01T01:00:00Z"},  // only the first value is left
             {"* * * *", "2026-01-01T00:00:00Z", "no schedule"},
             {"60 * * * *", "2026-01-01T00:00:00Z", "no schedule"},
             {"*/0 * * * *", "2026-01-01T00:00:00Z", "no schedule"},
             {"5-1 * * * *", "2026-01-01T00:00:00Z", "no schedule"},
             {"a * * * *", "2026-01-01T00:00:00Z", "no schedule"},
             {"", "2026-01-01T00:00:00Z", "no schedule"},
         }) {
        INFO(one.schedule);
        CHECK(next(one.schedule, one.from) == one.expected);
    }
}

TEST_CASE("the last scheduled minute before a moment") {
    auto hourly = *CronSchedule::parse("0 * * * *");
    auto at = [](std::string_view text) { return *base::parse_rfc3339(text); };
    CHECK(hourly.last_within(at("2026-01-01T00:30:00Z"), at("2026-01-01T05:59:00Z")) == at("2026-01-01T05:00:00Z"));
    CHECK(hourly.last_within(at("2026-01-01T05:00:00Z"), at("2026-01-01T05:59:00Z")) == std::nullopt);
}

TEST_CASE("rollout limits round maxSurge up and maxUnavailable down, and never stand still") {
    auto limits = [](std::string_view json, std::int64_t replicas) {
        RolloutLimits found = limits_of(doc::read_json(json), replicas);
        return Sizes{found.max_surge, found.max_unavailable};
    };
    CHECK(limits("{}", 10) == Sizes{3, 2});
    CHECK(limits("{}", 1) == Sizes{1, 0});
    CHECK(limits(R"({"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}})", 5) == Sizes{0, 1});
    CHECK(limits(R"({"strategy":{"rollingUpdate":{"maxSurge":"100%","maxUnavailable":"50%"}}})", 5) == Sizes{5, 2});
    CHECK(limits(R"({"strategy":{"rollingUpdate":{"maxSurge":"nonsense"}}})", 5) == Sizes{1, 1});
}

TEST_CASE("one step of a rolling update") {
    RolloutLimits limits{RolloutKind::rolling, 4, 1, 1};
    CHECK(plan_rollout({{4, 4, 4}, {0, 0, 0}}, limits) == Sizes{3, 1});
    CHECK(plan_rollout({{3, 3, 3}, {2, 2, 0}}, limits) == Sizes{3, 2});
    CHECK(plan_rollout({{3, 3, 3}, {2, 2, 2}}, limits) == Sizes{1, 2});
    // Broken old Pods go first: they cost nothing.
    CHECK(plan_rollout({{4, 4, 2}, {1, 1, 0}}, limits) == Sizes{3, 1});
    // Scaling down an old rollout.
    CHECK(plan_rollout({{0, 0, 0}, {6, 6, 6}}, limits) == Sizes{0, 4});
    RolloutLimits recreate{RolloutKind::recreate, 4, 0, 0};
    CHECK(plan_rollout({{4, 4, 4}, {0, 0, 0}}, recreate) == Sizes{0, 0});
    CHECK(plan_rollout({{0, 0, 0}, {0, 0, 0}}, recreate) == Sizes{0, 4});
}

TEST_CASE("back-off doubles to five minutes and can be asked for any moment") {
    auto after = [](std::int64_t seconds) {
        BackOff found = back_off_after(std::chrono::seconds(seconds));
        return Sizes{found.restarts, found.wait.count() / 1000, found.until.count() / 1000};
    };
    CHECK(after(0) == Sizes{1, 10, 10});
    CHECK(after(10) == Sizes{2, 20, 30});
    CHECK(after(309) == Sizes{5, 160, 310});
    CHECK(after(310) == Sizes{6, 300, 610});
    CHECK(after(610) == Sizes{7, 300, 910});
    CHECK(after(310 + 300 * 1000) == Sizes{1006, 300, 310 + 300 * 1001});
}

TEST_CASE("a condition keeps its transition time while its status stays") {
    doc::Value status = doc::Value::map();
    base::Time first = *base::parse_rfc3339("2026-01-01T00:00:00Z"), later = first + std::chrono::minutes(1);
    set_condition(status, {"Ready", "False", "Waiting", "one"}, first);
    set_condition(status, {"Ready", "False", "Waiting", "two"}, later);
    CHECK(doc::write_json(status) ==
          R"({"conditions":[{"type":"Ready","status":"False","lastTransitionTime":"2026-01-01T00:00:00Z",)"
          R"("reason":"Waiting","message":"two"}]})");
    set_condition(status, {"Ready", "True", "", ""}, later);
    CHECK(status.find("conditions")->items()[0].text_at("lastTransitionTime") == "2026-01-01T00:01:00Z");
}
