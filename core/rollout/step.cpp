#include "core/rollout/step.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/rollout/schedule.hpp"

namespace gitops::rollout {

namespace {

using base::Duration;
using Outcome = std::variant<Question, Decision>;

constexpr int k_whole = 100;
/// How often something that gets ready by itself is looked at, where no interval is prescribed.
constexpr Duration k_look_again{1'000};

/// Names of what failed, with the reasons: "latency-p99 180 > 150".
std::string failures_of(const Answer& answer) {
    std::string text;
    for (const auto& check : answer.checks) {
        if (check.verdict == Verdict::pass) continue;
        if (!text.empty()) text += "; ";
        text += check.detail.empty() ? check.name + " did not pass" : check.name + " " + check.detail;
    }
    return text.empty() ? "a check did not pass" : text;
}

bool has_verdict(const Answer& answer, Verdict verdict) {
    return std::ranges::any_of(answer.checks, [&](const CheckResult& check) { return check.verdict == verdict; });
}

class Tick {
  public:
    Tick(const CanarySpec& spec, const CanaryState& state, const Observation& seen, const Answers& answers, Compat compat)
        : m_spec(spec), m_seen(seen), m_answers(answers), m_compat(compat), m_next(state) {
        if (seen.split && is_running(state.phase)) m_next.split = *seen.split;
    }

    Outcome run() {
        if (m_next.command != Command::none) {
            const auto command = std::exchange(m_next.command, Command::none);
            if (auto done = serve(command)) return *done;
        }
        if (m_spec.suspend) {
            keep_command();
            return stay("suspended by its spec");
        }
        switch (m_next.phase) {
            case Phase::initializing: return initializing();
            case Phase::initialized:
            case Phase::succeeded:
            case Phase::failed: return idle();
            case Phase::waiting: return waiting();
            case Phase::progressing:
            case Phase::waiting_promotion: return progressing();
            case Phase::promoting: return promoting();
            case Phase::finalising: return finalising();
        }
        return stay("");
    }

  private:
    // Answers, or the question that is still open.

    const Answer* answer(Question question) {
        const auto found = m_answers.find(question);
        if (found != m_answers.end()) return &found->second;
        m_open = question;
        return nullptr;
    }

    // Endings of a tick.

    Outcome decide(Duration wake) {
        m_next.checked_at = m_seen.now;
        return Decision{std::move(m_next), std::move(m_entries), wake};
    }

    Duration usual_wake() const { return m_spec.analysis.interval; }
    /// Where ticks are counted nothing is looked at in between.
    Duration soon() const {
        return m_spec.dialect == Dialect::flagger ? m_spec.analysis.interval : std::min(m_spec.analysis.interval, k_look_again);
    }
    Duration at_once() const { return m_spec.dialect == Dialect::flagger ? m_spec.analysis.interval : Duration{0}; }

    Outcome stay(std::string message) {
        if (!message.empty()) m_next.message = std::move(message);
        return decide(usual_wake());
    }

    /// Told once, however long it lasts.
    Outcome hold(EntryKind kind, std::string message, Duration wake, const std::vector<CheckResult>& checks = {}) {
        if (message != m_next.message) tell(kind, message, checks);
        m_next.message = std::move(message);
        return decide(wake);
    }

    void tell(EntryKind kind, std::string message, std::vector<CheckResult> checks = {}) {
        m_next.message = message;
        m_entries.push_back({m_seen.now, m_next.tick, std::string(phase_name(m_next.phase)), m_next.split.canary, kind,
                             std::move(message), std::move(checks)});
    }

    void enter(Phase phase) {
        if (m_next.phase == phase) return;
        m_next.phase = phase;
        m_next.phase_at = m_seen.now;
        m_next.wait_at.reset();
    }

    /// Something that has to get ready: since when it is waited for is remembered until it is.
    Outcome wait_for(const char* who, const Side& side) {
        if (!m_next.wait_at) m_next.wait_at = m_seen.now;
        keep_command();
        return hold(EntryKind::note, fmt::format("waiting for {}: {}", who, side.reason), soon());
    }

    // Commands.

    std::string asker() const { return m_next.command_by.empty() ? "somebody" : m_next.command_by; }

    /// What was asked for cannot be done before something is ready: it stands.
    void keep_command() {
        if (m_is_told_to_promote) m_next.command = Command::promote;
        if (m_is_told_to_retry) m_next.command = Command::retry;
    }

    std::optional<Outcome> serve(Command command) {
        const auto by = asker();
        switch (command) {
            case Command::none: break;
            case Command::pause:
                m_next.paused = true;
                tell(EntryKind::command, "paused by " + by);
                break;
            case Command::resume:
                m_next.paused = false;
                tell(EntryKind::command, "resumed by " + by);
                break;
            case Command::abort:
                if (!is_running(m_next.phase)) break;
                return roll_back("aborted by " + by, {});
            case Command::promote:
                if (!is_running(m_next.phase)) break;
                m_next.paused = false;
                m_is_told_to_promote = true;
                break;
            case Command::retry: m_is_told_to_retry = true; break;
        }
        return std::nullopt;
    }

    // Phases.

    Outcome initializing() {
        if (!m_seen.target.exists) return hold(EntryKind::note, "the target " + m_spec.target.name + " does not exist", soon());
        // The primary is made from what the target is now; a revision that comes before it is ready is a new one.
        if (!m_seen.primary.exists || m_next.applied_revision.empty()) {
            m_next.applied_revision = m_seen.revision;
            m_next.configs = m_seen.configs;
        }
        if (!m_seen.primary.exists || !m_seen.primary.ready) return wait_for("the primary", m_seen.primary);
        enter(Phase::initialized);
        m_next.target_is_up = false;
        m_next.split = {};
        m_next.promoted_revision = m_next.applied_revision;
        m_next.promoted_configs = m_next.configs;
        tell(EntryKind::phase, "initialised: the primary serves, the target is scaled to zero");
        return decide(usual_wake());
    }

    bool is_new() const {
        if (m_seen.revision.empty()) return false;
        const bool was_tried = m_seen.revision == m_next.applied_revision && m_next.phase != Phase::waiting && !m_is_told_to_retry;
        return m_seen.revision != m_next.promoted_revision && !was_tried;
    }

    Outcome idle() {
        if (m_next.restores) return restoring();
        if (!m_seen.target.exists) return stay("the target " + m_spec.target.name + " does not exist");
        if (!is_new()) return decide(usual_wake());
        return begin_or_wait();
    }

    Outcome waiting() {
        if (!is_new()) {
            const bool is_promoted = m_next.applied_revision == m_next.promoted_revision;
            enter(!is_promoted ? Phase::failed : m_next.run == 0 ? Phase::initialized : Phase::succeeded);
            tell(EntryKind::note, "the new revision was withdrawn before it began");
            return decide(usual_wake());
        }
        if (auto outcome = wanted_back()) return *outcome;
        return begin_or_wait();
    }

    /// Rollback hooks are the other way round: one that passes rolls back, and without any nobody asked.
    std::optional<Outcome> wanted_back() {
        const auto* hooks = answer(Question::rollback_hooks);
        if (hooks == nullptr) return m_open;
        if (!hooks->passed || hooks->checks.empty()) return std::nullopt;
        return roll_back("a rollback hook asked for it", hooks->checks);
    }

    Outcome begin_or_wait() {
        if (!m_seen.primary.ready && !m_spec.skip_analysis) return wait_for("the primary", m_seen.primary);
        if (!m_is_told_to_promote || m_next.phase != Phase::waiting) {
            const auto* gate = answer(Question::confirm_rollout);
            if (gate == nullptr) return m_open;
            if (!gate->passed) return wait_at_gate(Phase::waiting, "confirm-rollout", *gate);
        } else {
            tell(EntryKind::command, "let through the gate by " + asker());
        }
        const bool was_tried = m_is_told_to_retry && m_seen.revision == m_next.applied_revision;
        begin(was_tried ? fmt::format("revision {} is tried again, asked for by {}", m_seen.revision, asker())
                                 : "new revision " + m_seen.revision + " detected");
        return decide(soon());
    }

    Outcome wait_at_gate(Phase phase, const char* gate, const Answer& answer) {
        const bool is_first = m_next.phase != phase;
        enter(phase);
        auto message = fmt::format("held by {}: {}", gate, failures_of(answer));
        if (is_first) tell(EntryKind::gate, message, answer.checks);
        m_next.message = std::move(message);
        return decide(usual_wake());
    }

    void begin(std::string message) {
        const int run = m_next.run + 1;
        const auto saved = m_next;
        m_next = CanaryState{};
        m_next.run = run;
        m_next.promoted_revision = saved.promoted_revision;
        m_next.promoted_configs = saved.promoted_configs;
        m_next.saved_template = m_seen.primary_template;
        m_next.applied_revision = m_seen.revision;
        m_next.configs = m_seen.configs;
        m_next.git_revision = m_seen.git_revision;
        m_next.started_at = m_seen.now;
        m_next.target_is_up = true;
        m_next.paused = saved.paused;
        enter(Phase::progressing);
        m_next.phase_at = m_seen.now;
        tell(EntryKind::phase, std::move(message));
    }

    /// A revision that changed under way. Flagger does not see that the promoted one came back.
    std::optional<Outcome> changed_under_way() {
        if (m_seen.revision.empty() || m_seen.revision == m_next.applied_revision) return std::nullopt;
        if (m_seen.revision != m_next.promoted_revision) {
            if (canary_alone_serves()) return waits_or_gives_up(m_seen.primary);
            begin("revision changed to " + m_seen.revision + ": the analysis starts again");
            return decide(soon());
        }
        if (m_compat == Compat::flagger) return std::nullopt;
        m_next.applied_revision = m_seen.revision;
        return roll_back("withdrawn: the target was put back to what is promoted", {});
    }

    Outcome progressing() {
        ++m_next.tick;
        if (auto outcome = changed_under_way()) return *outcome;
        m_unready = not_ready();
        if (m_unready != nullptr && !is_checked_anyway(*m_unready)) return waits_or_gives_up(*m_unready);
        if (m_unready == nullptr) m_next.wait_at.reset();
        if (m_spec.skip_analysis) return promote("analysis is skipped");
        if (m_is_told_to_promote) {
            tell(EntryKind::command, "promotion asked for by " + asker());
            return promote("told to");
        }
        if (auto outcome = wanted_back()) return *outcome;
        if (is_used_up()) return roll_back(used_up_text(), {});
        if (m_next.paused) return hold(EntryKind::gate, "paused", usual_wake());
        if (is_at_the_start()) return first_step();
        return check_and_go_on();
    }

    /// What is promoted without a look at the primary may be what repairs it.
    const Side* not_ready() const {
        if (!m_seen.target.ready) return &m_seen.target;
        if (!m_seen.primary.ready && !m_spec.skip_analysis && !m_is_told_to_promote) return &m_seen.primary;
        return nullptr;
    }

    /// Who has traffic is looked at also while a side is not ready, and goes no further then. Flagger only waits, for as long as
    /// the deadline allows.
    bool is_checked_anyway(const Side& side) const {
        return m_compat == Compat::none && !side.hopeless && !m_spec.skip_analysis && !m_is_told_to_promote && !m_next.paused &&
               !is_at_the_start();
    }

    /// The canary has traffic that the primary could not take.
    bool canary_alone_serves() const {
        return m_next.split.canary > 0 && m_seen.target.ready && !m_seen.primary.ready && !m_seen.primary.serves;
    }

    Outcome waits_or_gives_up(const Side& side) {
        const bool is_target = &side == &m_seen.target;
        const auto* who = is_target ? "the target" : "the primary";
        if (side.hopeless) return roll_back(fmt::format("{} does not get ready: {}", who, side.reason), {});
        return wait_for(who, side);
    }

    bool is_at_the_start() const { return m_next.split.canary == 0 && m_next.iterations == 0 && !m_next.split.mirrored; }

    /// Before any traffic: the pre-rollout hooks instead of metrics, of which there are none yet.
    Outcome first_step() {
        if (!m_next.prepared || m_compat == Compat::flagger) {
            const auto* ready = answer(Question::pre_rollout);
            if (ready == nullptr) return m_open;
            if (!ready->passed) return count_failure(*ready);
            m_next.prepared = true;
        }
        return advance({});
    }

    Outcome check_and_go_on() {
        const auto* checks = answer(Question::analysis);
        if (checks == nullptr) return m_open;
        if (!checks->evidence.is_null()) m_next.evidence = checks->evidence;
        if (!has_verdict(*checks, Verdict::no_data)) m_next.no_data = 0;
        if (!has_verdict(*checks, Verdict::unreachable)) m_next.unreachable = 0;
        if (checks->condemned) return roll_back(failures_of(*checks), checks->checks);
        if (has_verdict(*checks, Verdict::fail)) return count_failure(*checks);
        if (auto outcome = missing(*checks, Verdict::no_data, m_next.no_data, m_spec.analysis.budget.no_data, "without data"))
            return *outcome;
        if (auto outcome = missing(*checks, Verdict::unreachable, m_next.unreachable, m_spec.analysis.budget.unreachable,
                                   "without an answer of the metrics server"))
            return *outcome;
        if (has_verdict(*checks, Verdict::inconclusive)) {
            tell(EntryKind::halt, "not enough evidence yet: " + failures_of(*checks), checks->checks);
            return decide(usual_wake());
        }
        if (!checks->passed) return count_failure(*checks);
        return advance(checks->checks);
    }

    /// No value says nothing about the canary: it has a budget of its own, of ticks in a row. Without one it is a failure.
    std::optional<Outcome> missing(const Answer& checks, Verdict verdict, int& in_a_row, int budget, const char* what) {
        if (!has_verdict(checks, verdict)) return std::nullopt;
        if (budget == 0) return count_failure(checks);
        const auto why = failures_of(checks);
        if (++in_a_row > budget) return roll_back(fmt::format("{} checks in a row {}: {}", in_a_row, what, why), checks.checks);
        tell(EntryKind::halt, fmt::format("held, {} of {} checks {}: {}", in_a_row, budget, what, why), checks.checks);
        return decide(usual_wake());
    }

    bool is_used_up() const {
        return m_spec.dialect == Dialect::flagger ? m_next.failed_checks >= m_spec.analysis.threshold
                                                  : m_next.failed_checks > m_spec.analysis.max_failures;
    }

    std::string used_up_text() const {
        const auto count = base::count_of(static_cast<std::size_t>(m_next.failed_checks), "failed check");
        if (m_spec.dialect == Dialect::stages) return fmt::format("{}, {} tolerated", count, m_spec.analysis.max_failures);
        return count + (m_next.failed_checks == 1 ? " reaches the threshold" : " reach the threshold");
    }

    Outcome count_failure(const Answer& answer) {
        ++m_next.failed_checks;
        m_next.streak = 0;
        // Flagger looks at the count before it checks, so it rolls back one interval late.
        if (is_used_up() && (m_compat != Compat::flagger || m_spec.dialect == Dialect::stages))
            return roll_back(used_up_text() + ": " + failures_of(answer), answer.checks);
        tell(EntryKind::halt, "halted: " + failures_of(answer), answer.checks);
        return decide(usual_wake());
    }

    // Advancing.

    Outcome advance(const std::vector<CheckResult>& checks) {
        if (m_unready != nullptr) {
            auto outcome = waits_or_gives_up(*m_unready);
            std::get<Decision>(outcome).wake = usual_wake();  // checks are counted by their interval
            return outcome;
        }
        if (m_spec.dialect == Dialect::stages) return advance_stage(checks);
        switch (m_spec.analysis.strategy) {
            case Strategy::canary: return advance_weight(checks);
            case Strategy::blue_green: return advance_switch(checks);
            case Strategy::ab_testing: return advance_match(checks);
        }
        return stay("");
    }

    Outcome advance_weight(const std::vector<CheckResult>& checks) {
        const int weight = m_next.split.canary;
        if (weight == 0 && !m_next.split.mirrored && mirrors(m_spec)) {
            m_next.split = {0, true, false};
            return advanced("mirroring requests to the canary", checks);
        }
        if (weight >= last_weight(m_spec.analysis, m_compat)) return confirm_promotion(checks);
        const auto next = next_weight(m_spec.analysis, weight, m_compat);
        if (!next) return hold(EntryKind::halt, fmt::format("no step leads on from weight {}", weight), usual_wake());
        return raise_to(*next, checks);
    }

    Outcome raise_to(int weight, const std::vector<CheckResult>& checks) {
        if (!m_next.split.mirrored) {
            const auto* gate = answer(Question::confirm_traffic_increase);
            if (gate == nullptr) return m_open;
            if (!gate->passed) {
                auto message = "held by confirm-traffic-increase: " + failures_of(*gate);
                return hold(EntryKind::gate, std::move(message), usual_wake(), gate->checks);
            }
        }
        enter(Phase::progressing);
        m_next.split = {weight, false, false};
        return advanced(fmt::format("canary weight {}", weight), checks);
    }

    Outcome advanced(std::string message, const std::vector<CheckResult>& checks) {
        tell(EntryKind::advance, std::move(message), checks);
        return decide(usual_wake());
    }

    Outcome advance_stage(const std::vector<CheckResult>& checks) {
        const auto& stages = m_spec.analysis.stages;
        const bool is_first = m_next.split.canary == 0;
        if (is_first) {
            m_next.stage = 0;
            m_next.streak = 0;
            return raise_to(stages.front(), checks);
        }
        m_next.stage = std::clamp(m_next.stage, 0, static_cast<int>(stages.size()) - 1);
        m_next.streak = std::min(m_next.streak + 1, m_spec.analysis.successes);
        const auto streak = fmt::format("{} of {} at {} %", m_next.streak, m_spec.analysis.successes, m_next.split.canary);
        if (m_next.streak < m_spec.analysis.successes) {
            enter(Phase::progressing);  // a failure while promotion was held ended the streak
            return advanced("passed, " + streak, checks);
        }
        if (m_next.stage + 1 == static_cast<int>(stages.size())) return confirm_promotion(checks);
        const int weight = stages[static_cast<std::size_t>(m_next.stage) + 1];
        auto outcome = raise_to(weight, checks);
        if (auto* decision = std::get_if<Decision>(&outcome); decision != nullptr && decision->state.split.canary == weight) {
            ++decision->state.stage;
            decision->state.streak = 0;
        }
        return outcome;
    }

    /// Blue/green: checks while it gets no traffic, then all of it at once.
    Outcome advance_switch(const std::vector<CheckResult>& checks) {
        const int wanted = m_spec.analysis.iterations;
        if (m_next.iterations < wanted) {
            if (mirrors(m_spec)) m_next.split = {0, true, false};
            ++m_next.iterations;
            return advanced(fmt::format("iteration {} of {}", m_next.iterations, wanted), checks);
        }
        if (m_next.iterations > wanted) return confirm_promotion(checks);
        if (auto held = held_at_promotion()) return *held;
        ++m_next.iterations;
        enter(Phase::progressing);
        if (!is_routeless(m_spec)) m_next.split = {k_whole, false, false};
        return advanced(is_routeless(m_spec) ? "all iterations passed" : "all traffic goes to the canary", checks);
    }

    Outcome advance_match(const std::vector<CheckResult>& checks) {
        if (m_next.iterations >= m_spec.analysis.iterations) return confirm_promotion(checks);
        m_next.split = {k_whole, false, true};
        ++m_next.iterations;
        return advanced(fmt::format("iteration {} of {}, requests that match go to the canary", m_next.iterations,
                                    m_spec.analysis.iterations), checks);
    }

    std::optional<Outcome> held_at_promotion() {
        const auto* gate = answer(Question::confirm_promotion);
        if (gate == nullptr) return m_open;
        if (!gate->passed) return wait_at_gate(Phase::waiting_promotion, "confirm-promotion", *gate);
        return std::nullopt;
    }

    Outcome confirm_promotion(const std::vector<CheckResult>& checks) {
        if (auto held = held_at_promotion()) return *held;
        return promote("all checks passed", checks);
    }

    // The ends.

    Outcome promote(std::string_view why, const std::vector<CheckResult>& checks = {}) {
        enter(Phase::promoting);
        m_next.promotes = true;
        m_next.split.mirrored = false;
        tell(EntryKind::promote, fmt::format("promoting {}: {}", m_next.applied_revision, why), checks);
        return decide(at_once());
    }

    /// What passed is gone from the target before the primary had it.
    bool is_overtaken() const {
        return m_seen.revision != m_next.applied_revision && !m_next.saved_template.is_null() &&
               m_seen.primary_template == m_next.saved_template;
    }

    Outcome promoting() {
        ++m_next.tick;
        if (is_overtaken())
            if (auto outcome = changed_under_way()) return *outcome;
        if (!m_seen.primary.ready) {
            if (!m_seen.primary.hopeless) return wait_for("the primary to take over the new revision", m_seen.primary);
            if (canary_alone_serves()) m_next.split = {k_whole, false, false};
            return roll_back("the primary does not get ready with the new revision: " + m_seen.primary.reason, {});
        }
        m_next.wait_at.reset();
        const int step = m_spec.analysis.step_weight_promotion;
        if (step > 0 && m_next.split.canary > step && !m_next.split.matched) {
            m_next.split.canary -= step;
            return advanced(fmt::format("primary weight {}", k_whole - m_next.split.canary), {});
        }
        m_next.split = {};
        enter(Phase::finalising);
        tell(EntryKind::phase, "all traffic goes to the primary, which runs the new revision");
        return decide(at_once());
    }

    Outcome finalising() {
        ++m_next.tick;
        if (!m_seen.primary.ready) {
            if (!m_seen.primary.hopeless) return wait_for("the primary", m_seen.primary);
            return roll_back("the primary broke with the new revision: " + m_seen.primary.reason, {});
        }
        m_next.split = {};
        m_next.target_is_up = false;
        m_next.promotes = false;
        m_next.promoted_revision = m_next.applied_revision;
        m_next.promoted_configs = m_next.configs;
        m_next.saved_template = {};
        m_next.announces = true;
        enter(Phase::succeeded);
        tell(EntryKind::phase, "promoted " + m_next.applied_revision);
        return decide(usual_wake());
    }

    /// Traffic goes to the primary when it can serve. A primary that broke while it was being promoted gets its old
    /// template back first, and so long the canary, which has passed, has all of it.
    Outcome roll_back(std::string why, const std::vector<CheckResult>& checks) {
        const bool keeps_serving = canary_alone_serves();
        m_next.restores = m_next.promotes || keeps_serving;
        m_next.promotes = false;
        m_next.paused = false;
        if (!keeps_serving) m_next.split = {};
        m_next.target_is_up = keeps_serving;
        if (m_next.phase == Phase::waiting) {  // it did not begin, and yet has been tried
            m_next.applied_revision = m_seen.revision;
            m_next.configs = m_seen.configs;
            m_next.git_revision = m_seen.git_revision;
        }
        m_next.announces = true;
        enter(Phase::failed);
        tell(EntryKind::rollback, std::move(why), checks);
        return decide(m_next.restores ? soon() : usual_wake());
    }

    Outcome restoring() {
        keep_command();
        if (!m_seen.primary.ready) return wait_for("the primary to get its earlier revision back", m_seen.primary);
        m_next.restores = false;
        m_next.split = {};
        m_next.target_is_up = false;
        m_next.wait_at.reset();
        tell(EntryKind::note, "the primary runs its earlier revision again and has all traffic");
        return decide(usual_wake());
    }

    const CanarySpec& m_spec;
    const Observation& m_seen;
    const Answers& m_answers;
    Compat m_compat;
    CanaryState m_next;
    std::vector<JournalEntry> m_entries;
    Question m_open = Question::analysis;
    bool m_is_told_to_promote = false;
    bool m_is_told_to_retry = false;
    const Side* m_unready = nullptr;
};

}  // namespace

std::string_view question_name(Question question) {
    switch (question) {
        case Question::confirm_rollout: return "confirm-rollout";
        case Question::rollback_hooks: return "rollback";
        case Question::pre_rollout: return "pre-rollout";
        case Question::analysis: return "analysis";
        case Question::confirm_traffic_increase: return "confirm-traffic-increase";
        case Question::confirm_promotion: return "confirm-promotion";
    }
    return "";
}

std::variant<Question, Decision> step(const CanarySpec& spec, const CanaryState& state, const Observation& observation,
                                      const Answers& answers, Compat compat) {
    return Tick(spec, state, observation, answers, compat).run();
}

bool is_settled(const CanaryState& state) {
    if (state.command == Command::retry) return false;
    switch (state.phase) {
        case Phase::initialized:
        case Phase::succeeded: return !state.announces;
        case Phase::failed: return !state.restores && !state.announces;
        case Phase::initializing:
        case Phase::waiting:
        case Phase::progressing:
        case Phase::waiting_promotion:
        case Phase::promoting:
        case Phase::finalising: return false;
    }
    return false;
}

}  // namespace gitops::rollout
