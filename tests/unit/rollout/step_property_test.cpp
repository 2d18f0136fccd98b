// step() under weather: sides that come and go, answers of any kind, commands, edits of the route and new revisions.
#include "core/rollout/step.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "core/doc/json.hpp"
#include "core/rollout/schedule.hpp"
#include "step_lab.hpp"

using namespace step_lab;

namespace {

constexpr int k_runs = 2'000;
constexpr int k_stormy_ticks = 40;

class Weather {
  public:
    explicit Weather(unsigned seed) : m_random(seed) {}

    int upto(int most) { return std::uniform_int_distribution<int>(0, most)(m_random); }
    bool one_in(int count) { return upto(count - 1) == 0; }

    CanarySpec spec() {
        const auto number = [&](const char* key, int least, int most) {
            return std::string(", ") + key + ": " + std::to_string(least + upto(most - least));
        };
        const std::string common = number("stepWeightPromotion", 0, 60) + ", budget: {noData: " + std::to_string(upto(2)) +
                                   ", unreachable: " + std::to_string(upto(2)) + "}}";
        const std::string more = one_in(12) ? "  skipAnalysis: true\n" : one_in(8) ? "  provider: kubernetes\n" : "";
        const std::string mirror = one_in(3) ? ", mirror: true" : "";
        switch (upto(3)) {
            case 0: return flagger("{interval: 10s" + number("stepWeight", 5, 70) + number("maxWeight", 0, 100) + number("threshold", 1, 4) + mirror + common, more);
            case 1: return flagger("{stepWeights: [5, 20, 20, 100]" + number("threshold", 1, 4) + mirror + common, more);
            case 2: return flagger("{threshold: 2" + number("iterations", 1, 5) + mirror + (one_in(2) ? ", match: [{}]" : "") + common, more);
            default: return stages("{stages: [5, 25, 100]" + number("successes", 1, 3) + number("maxFailures", 0, 3) + common, one_in(12) ? "  skipAnalysis: true\n" : "");
        }
    }

    Side side() {
        Side side{true, !one_in(4)};
        side.hopeless = !side.ready && one_in(5);
        side.reason = "weather";
        return side;
    }

    Answer answer(Question question) {
        if (question == Question::rollback_hooks) return one_in(60) ? passes() : one_in(2) ? Answer{} : closed();
        if (question != Question::analysis) return one_in(4) ? closed() : Answer{};
        static const std::vector<Verdict> verdicts{Verdict::pass, Verdict::pass, Verdict::pass, Verdict::pass, Verdict::fail, Verdict::no_data,
                                                   Verdict::unreachable, Verdict::inconclusive};
        auto answer = says(verdicts[static_cast<std::size_t>(upto(7))], "weather");
        answer.condemned = answer.checks.front().verdict == Verdict::fail && one_in(10);
        return answer;
    }

    void change(Lab& lab) {
        lab.seen.target = side();
        lab.seen.primary = side();
        if (one_in(25)) lab.seen.revision = "r" + std::to_string(1 + upto(4));
        if (one_in(20)) lab.state.split.canary = upto(100);
        if (one_in(12)) lab.command(static_cast<Command>(upto(5)));
        for (const auto question : {Question::confirm_rollout, Question::rollback_hooks, Question::pre_rollout, Question::analysis,
                                    Question::confirm_traffic_increase, Question::confirm_promotion})
            lab.answers[question] = answer(question);
    }

  private:
    std::mt19937 m_random;
};

bool was_asked(const Lab& lab, Question question) { return std::ranges::find(lab.asked, question) != lab.asked.end(); }

bool has_failed(const Lab& lab) {
    for (const auto question : {Question::pre_rollout, Question::analysis})
        if (was_asked(lab, question))
            for (const auto& check : lab.answers.at(question).checks)
                if (check.verdict != Verdict::pass) return true;
    return false;
}

/// Share of the requests that each side answers, as far as weights say.
struct Shares {
    int canary;
    int primary;
};
Shares shares_of(const Split& split) { return {split.canary, split.matched ? 100 : 100 - split.canary}; }

/// What a tick must not do and did; "" when it kept every rule.
std::string broken_rule(const Lab& before, const Lab& after) {
    const auto was = shares_of(before.state.split);
    const auto is = shares_of(after.state.split);
    const auto& target = after.seen.target;
    const auto& primary = after.seen.primary;
    if (has_failed(after) && is.canary > was.canary) return "more for the canary with a failed check";
    if (!target.ready && primary.ready && is.canary > was.canary) return "more for the canary, which is not ready";
    if (!primary.ready && target.ready && is.primary > was.primary) return "more for the primary, which is not ready";
    if (is.canary < 0 || is.canary > 100) return "a weight that is no percentage";
    if (is.canary > 0 && !after.state.target_is_up) return "traffic for what is scaled to zero";
    if (after.state.promotes && after.state.restores) return "two templates for one primary";
    if (after.state.phase == Phase::promoting && !after.state.promotes) return "a promotion of nothing";
    return {};
}

}  // namespace

TEST_CASE("whatever happens, a tick takes no traffic where it must not go", "[rollout][step][property]") {
    for (unsigned seed = 1; seed <= k_runs; ++seed) {
        Weather weather(seed);
        Lab lab(weather.spec(), weather.one_in(3) ? Compat::flagger : Compat::none);
        CAPTURE(seed);
        for (int i = 0; i < k_stormy_ticks; ++i) {
            weather.change(lab);
            if (!lab.state.target_is_up) lab.state.split = {};  // an edit where there is nothing to route to
            Lab twin = lab;
            const Lab before = lab;
            const auto line = lab.tick();
            const bool is_same = twin.tick() == line && twin.state == lab.state;
            const auto broken = broken_rule(before, lab);
            if (broken.empty() && is_same) continue;
            INFO("before " << doc::write_json(to_value(before.state)) << "\nafter  " << line);
            CHECK(is_same);
            REQUIRE(broken == "");
        }
    }
}

TEST_CASE("every run ends when the weather settles", "[rollout][step][property]") {
    int succeeded = 0, failed = 0;
    for (unsigned seed = 1; seed <= k_runs; ++seed) {
        Weather weather(seed);
        Lab lab(weather.spec(), weather.one_in(3) ? Compat::flagger : Compat::none);
        if (lab.compat == Compat::flagger && !schedule_of(lab.spec, lab.compat).ticks) continue;  // a list that stalls
        CAPTURE(seed);
        for (int i = 0; i < weather.upto(k_stormy_ticks); ++i) {
            weather.change(lab);
            if (!lab.state.target_is_up) lab.state.split = {};
            lab.tick();
        }
        lab.answers.clear();
        if (weather.one_in(3)) lab.answers[Question::analysis] = fails();
        if (weather.one_in(8)) lab.answers[Question::analysis] = says(Verdict::no_data, "weather");
        lab.seen.target = lab.seen.primary = Side{true, true};
        lab.command(Command::resume);
        lab.seen.revision = "last";
        for (int i = 0; i < 200 && (lab.state.applied_revision != "last" || lab.state.phase == Phase::progressing ||
                                    lab.state.phase == Phase::promoting || lab.state.phase == Phase::finalising || lab.state.restores);
             ++i)
            lab.tick();
        INFO(doc::write_json(to_value(lab.state)));
        REQUIRE((lab.state.phase == Phase::succeeded || lab.state.phase == Phase::failed));
        REQUIRE(lab.state.applied_revision == "last");
        REQUIRE(lab.state.split == Split{});
        REQUIRE_FALSE(lab.state.target_is_up);
        REQUIRE(lab.state.promoted_revision == (lab.state.phase == Phase::succeeded ? "last" : lab.state.promoted_revision));
        ++(lab.state.phase == Phase::succeeded ? succeeded : failed);
    }
    CHECK(succeeded > k_runs / 3);
    CHECK(failed > k_runs / 6);
}

TEST_CASE("a run without trouble takes the ticks that the schedule says", "[rollout][step][property]") {
    for (unsigned seed = 1; seed <= k_runs; ++seed) {
        Weather weather(seed);
        Lab lab(weather.spec(), weather.one_in(3) ? Compat::flagger : Compat::none);
        if (lab.spec.dialect == Dialect::stages) continue;
        const auto schedule = schedule_of(lab.spec, lab.compat);
        CAPTURE(seed);
        int ticks = 0;
        std::vector<int> weights;
        while (lab.state.phase != Phase::succeeded && ticks < 200) {
            const int before = lab.state.split.canary;
            lab.tick();
            ++ticks;
            if (lab.state.phase == Phase::progressing && lab.state.split.canary != before) weights.push_back(lab.state.split.canary);
        }
        REQUIRE(schedule.ticks.value_or(200) == ticks);
        REQUIRE(schedule.weights == weights);
    }
}
