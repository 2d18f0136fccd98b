#include "step_lab.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

namespace step_lab {

namespace {

CanarySpec read(const std::string& version, const std::string& analysis, const std::string& more) {
    const std::string text = "apiVersion: " + version + "\nkind: Canary\nmetadata: {name: web, namespace: prod}\nspec:\n" +
                             "  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  service: {port: 80}\n" + more +
                             "  analysis: " + analysis + "\n";
    return read_canary(doc::read_yaml_one(text), "canary.yaml");
}

}  // namespace

CanarySpec flagger(const std::string& analysis, const std::string& more) { return read("flagger.app/v1beta1", analysis, more); }
CanarySpec stages(const std::string& analysis, const std::string& more) { return read("gitopsctl.io/v1", analysis, more); }

Answer passes() { return {true, {{"latency", Verdict::pass, 120.0, {}, {}, {}}}, false, {}}; }
Answer says(Verdict verdict, const std::string& detail) {
    return {verdict == Verdict::pass || verdict == Verdict::inconclusive, {{"latency", verdict, {}, {}, {}, detail}}, false, {}};
}
Answer closed(const std::string& detail) { return {false, {{"gate", Verdict::fail, {}, {}, {}, detail}}, false, {}}; }

Lab::Lab(CanarySpec the_spec, Compat the_compat) : spec(std::move(the_spec)), compat(the_compat) {
    state.phase = Phase::initialized;
    state.applied_revision = state.promoted_revision = "r1";
    seen.now = *base::parse_rfc3339("2026-11-28T10:00:00Z");
    seen.target = seen.primary = Side{true, true};
    seen.revision = "r2";
}

std::string Lab::tick() {
    asked.clear();
    seen.split = state.split;
    Answers given;
    for (;;) {
        auto outcome = step(spec, state, seen, given, compat);
        if (const auto* question = std::get_if<Question>(&outcome)) {
            if (given.size() > 6) FAIL("the same question again");
            asked.push_back(*question);
            const auto found = answers.find(*question);
            given[*question] = found == answers.end() ? Answer{} : found->second;
            continue;
        }
        auto& decision = std::get<Decision>(outcome);
        state = read_state(doc::read_json(doc::write_json(to_value(decision.state))));
        if (!(state == decision.state)) FAIL("a state that does not come back: " << doc::write_json(to_value(decision.state)));
        for (auto& entry : decision.entries) entries.push_back(std::move(entry));
        seen.now += decision.wake;
        break;
    }
    return fmt::format("{} {}{}{} {} | {}", phase_name(state.phase), state.split.canary, state.split.mirrored ? "m" : "",
                       state.split.matched ? "x" : "", state.failed_checks, state.message);
}

std::string Lab::ticks(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += tick() + "\n";
    return text;
}

std::string Lab::race(int most) {
    std::string text;
    Split last = state.split;
    for (int i = 1; i <= most; ++i) {
        tick();
        if (!(state.split == last)) text += fmt::format("{}{}{} ", state.split.canary, state.split.mirrored ? "m" : "", state.split.matched ? "x" : "");
        last = state.split;
        if (state.phase == Phase::succeeded || state.phase == Phase::failed)
            return fmt::format("{}{} in {}", text, phase_name(state.phase), i);
    }
    return fmt::format("{}{} for ever: {}", text, phase_name(state.phase), state.message);
}

void Lab::command(Command command) {
    state.command = command;
    state.command_by = "ann";
}

std::string Lab::asked_names() const {
    std::string text;
    for (const auto question : asked) text += (text.empty() ? "" : " ") + std::string(question_name(question));
    return text;
}

}  // namespace step_lab
