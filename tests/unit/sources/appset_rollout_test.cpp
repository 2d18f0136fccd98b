#include "core/sources/appset_rollout.hpp"

#include <catch2/catch.hpp>

#include "core/doc/yaml_read.hpp"

using namespace gitops;
using sources::SetStep;

namespace {

std::vector<SetStep> steps(const std::string& max_update = "") {
    return {{{{"env", true, {"dev"}}}, ""}, {{{"env", true, {"prod"}}, {"canary", false, {"no"}}}, max_update}};
}

/// "dev-1 env=dev synced healthy", one per line.
std::vector<sources::MemberPlan> plans(const std::vector<SetStep>& steps, const std::string& lines) {
    std::vector<sources::MemberFacts> members;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        sources::MemberFacts member;
        std::string label, word;
        words >> member.name >> label;
        member.labels = doc::read_yaml_one("{env: " + label + "}");
        while (words >> word) {
            member.synced |= word == "synced";
            member.healthy |= word == "healthy";
            member.busy |= word == "busy";
            member.failed |= word == "failed";
        }
        members.push_back(std::move(member));
    }
    return plan_rollout(steps, members);
}

/// "dev-1 1 Healthy", one per line.
std::string planned(const std::vector<SetStep>& steps, const std::string& lines) {
    std::string out;
    for (const auto& plan : plans(steps, lines))
        out += plan.name + " " + std::to_string(plan.step) + " " + std::string(member_phase_name(plan.phase)) + "\n";
    return out;
}

}  // namespace

TEST_CASE("a step begins when those before are healthy", "[rollout]") {
    CHECK(planned(steps(), "d1 dev\nd2 dev\np1 prod\nx other") == "d1 1 Pending\nd2 1 Pending\np1 2 Waiting\nx 0 Waiting\n");
    CHECK(planned(steps(), "d1 dev synced\nd2 dev synced healthy\np1 prod") == "d1 1 Progressing\nd2 1 Healthy\np1 2 Waiting\n");
    CHECK(planned(steps(), "d1 dev synced healthy\nd2 dev synced healthy\np1 prod\np2 prod") ==
          "d1 1 Healthy\nd2 1 Healthy\np1 2 Pending\np2 2 Pending\n");
    CHECK(planned(steps(), "d1 dev busy\np1 prod synced healthy") == "d1 1 Progressing\np1 2 Healthy\n");
    CHECK(planned(steps(), "d1 dev failed\np1 prod") == "d1 1 Progressing\np1 2 Waiting\n");
    CHECK(planned(steps(), "p1 prod") == "p1 2 Pending\n");
}

TEST_CASE("at most maxUpdate are under way", "[rollout]") {
    const std::string four = "p1 prod\np2 prod synced\np3 prod\np4 prod";
    CHECK(planned(steps("1"), four) == "p1 2 Waiting\np2 2 Progressing\np3 2 Waiting\np4 2 Waiting\n");
    CHECK(planned(steps("2"), four) == "p1 2 Pending\np2 2 Progressing\np3 2 Waiting\np4 2 Waiting\n");
    CHECK(planned(steps("75%"), four) == "p1 2 Pending\np2 2 Progressing\np3 2 Pending\np4 2 Waiting\n");
    CHECK(planned(steps("0"), "p1 prod") == "p1 2 Waiting\n");
    CHECK(sources::most_at_once({{}, "10%"}, 5) == 1);
    CHECK(sources::most_at_once({{}, "0%"}, 5) == 0);
    CHECK(sources::most_at_once({{}, "99"}, 5) == 5);
    CHECK(sources::most_at_once({{}, "50%"}, 5) == 2);
}

TEST_CASE("what a rolling sync waits for is told", "[rollout]") {
    const auto standing = [](const std::vector<SetStep>& steps, const std::string& lines) {
        return rollout_standing(steps, plans(steps, lines)).value_or("through");
    };
    CHECK(standing(steps(), "d1 dev synced healthy\np1 prod synced healthy\nx other") == "through");
    CHECK(standing(steps(), "d1 dev\np1 prod") == "the rolling sync is at step 1 of 2: d1 is to be synced now");
    CHECK(standing(steps("1"), "p0 prod\np1 prod synced\nd1 dev synced healthy") ==
          "the rolling sync is at step 2 of 2: p1 synced, not healthy yet");
    CHECK(standing(steps("0"), "d1 dev synced healthy\np1 prod") ==
          "the rolling sync is at step 2 of 2, which has maxUpdate: 0: nothing of it is synced");
    CHECK(plans(steps("0%"), "p1 prod").at(0).message == "its step has maxUpdate: 0%, so that nothing of it is synced");
    CHECK(plans(steps("1"), "p1 prod\np2 prod").at(1).message == "waits for others of its step: maxUpdate is 1");
    CHECK(plans(steps("0"), "d1 dev\np1 prod").at(1).message == "waits for the steps before");
}
