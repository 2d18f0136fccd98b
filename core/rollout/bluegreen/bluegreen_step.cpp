#include "core/rollout/bluegreen/bluegreen_step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace gitops::rollout {

namespace {

using base::Duration;
using Outcome = std::variant<Question, BlueGreenDecision>;

constexpr int k_whole = 100;
/// How often something that gets ready by itself is looked at.
constexpr Duration k_look_again{500};
/// The same for what was just written.
constexpr Duration k_effect{200};

bool has_verdict(const Answer& answer, Verdict verdict) {
    return std::ranges::any_of(answer.checks, [&](const CheckResult& check) { return check.verdict == verdict; });
}

std::string failures_of(const Answer& answer) {
    std::vector<std::string> failures;
    for (const auto& check : answer.checks)
        if (check.verdict != Verdict::pass) failures.push_back(check.name + " " + (check.detail.empty() ? "did not pass" : check.detail));
    return failures.empty() ? "a check did not pass" : base::join(failures, "; ");
}

class Tick {
  public:
    Tick(const BlueGreenSpec& spec, const BlueGreenState& state, const BlueGreenSeen& seen, const Answers& answers)
        : m_spec(spec), m_seen(seen), m_answers(answers), m_next(state) {}

    Outcome run(Command command, const std::string& by) {
        if (command == Command::abort) {
            if (auto outcome = give_up(by.empty() ? "somebody" : by)) return *outcome;
        }
        if (command == Command::promote && is_before_switch()) {
            m_next.skips_smoke = true;
            tell(EntryKind::command, "switch without smoke tests asked for by " + by);
        }
        switch (m_next.phase) {
            case BlueGreenPhase::preparing: return preparing();
            case BlueGreenPhase::smoking: return smoking();
            case BlueGreenPhase::switching: return switching();
            case BlueGreenPhase::monitoring: return monitoring();
            case BlueGreenPhase::returning: return returning();
            case BlueGreenPhase::finalising: return finalising();
            case BlueGreenPhase::idle:
            case BlueGreenPhase::succeeded:
            case BlueGreenPhase::rolled_back:
            case BlueGreenPhase::failed: break;
        }
        return decide(k_look_again);
    }

    BlueGreenDecision begin(const BlueGreenPlan& plan) {
        const auto run = m_next.run + 1;
        const auto replaced = m_next.replaced_revision;
        m_next = {};
        m_next.run = run;
        m_next.replaced_revision = replaced;
        m_next.from = m_seen.routed;
        m_next.to = other(m_seen.routed);
        m_next.image = plan.image;
        m_next.skips_smoke = plan.skips_smoke;
        m_next.skips_monitoring = plan.skips_monitoring;
        m_next.started_at = m_seen.now;
        enter(BlueGreenPhase::preparing);
        const auto what = plan.image.empty() ? std::string() : " with " + plan.image;
        tell(EntryKind::phase, fmt::format("{} is prepared{}; {} has the traffic", to_name(), what, from_name()));
        return std::get<BlueGreenDecision>(decide(Duration{0}));
    }

  private:
    const BlueGreenSide& to() const { return m_seen.side(m_next.to); }
    const BlueGreenSide& from() const { return m_seen.side(m_next.from); }
    std::string to_name() const { return std::string(color_name(m_next.to)); }
    std::string from_name() const { return std::string(color_name(m_next.from)); }
    bool is_routed() const { return m_seen.routed == m_next.to; }
    bool is_before_switch() const { return m_next.phase == BlueGreenPhase::preparing || m_next.phase == BlueGreenPhase::smoking; }

    const Answer* answer(Question question) {
        const auto found = m_answers.find(question);
        if (found != m_answers.end()) return &found->second;
        m_open = question;
        return nullptr;
    }

    // Endings of a tick.

    Outcome decide(Duration wake) {
        m_next.checked_at = m_seen.now;
        return BlueGreenDecision{std::move(m_next), std::move(m_entries), std::max(wake, Duration{0})};
    }

    /// Told once, however long it lasts.
    Outcome hold(EntryKind kind, std::string message, Duration wake, const std::vector<CheckResult>& checks = {}) {
        if (message != m_next.message) tell(kind, std::move(message), checks);
        return decide(wake);
    }

    void tell(EntryKind kind, std::string message, std::vector<CheckResult> checks = {}) {
        m_next.message = message;
        const bool has_traffic = is_routed();
        m_entries.push_back({m_seen.now, m_next.tick, std::string(phase_name(m_next.phase)), has_traffic ? k_whole : 0, kind,
                             std::move(message), std::move(checks)});
    }

    void enter(BlueGreenPhase phase) {
        m_next.phase = phase;
        m_next.phase_at = m_seen.now;
        m_next.wait_at.reset();
    }

    Outcome end(BlueGreenPhase phase, EntryKind kind, std::string message, const std::vector<CheckResult>& checks = {}) {
        enter(phase);
        m_next.announces = true;
        m_next.look_at.reset();
        tell(kind, std::move(message), checks);
        return decide(Duration{0});
    }

    Duration waited() {
        if (!m_next.wait_at) m_next.wait_at = m_seen.now;
        return m_seen.now - *m_next.wait_at;
    }

    // Commands.

    std::optional<Outcome> give_up(const std::string& by) {
        if (m_next.phase == BlueGreenPhase::returning) return std::nullopt;
        if (is_before_switch() || (m_next.phase == BlueGreenPhase::switching && !is_routed()))
            return end(BlueGreenPhase::failed, EntryKind::command, "stopped by " + by + "; " + from_name() + " kept the traffic");
        if (!has_switched(m_next.phase)) return std::nullopt;
        if (!from().serves()) {
            tell(EntryKind::note, fmt::format("the roll-back that {} asked for is refused: {} has no ready Pods", by, from_name()));
            return std::nullopt;
        }
        m_next.scales_down = false;
        return take_back("rolled back by " + by, {});
    }

    // Before the switch.

    Outcome preparing() {
        if (!to().exists) return end(BlueGreenPhase::failed, EntryKind::halt, "Deployment " + m_spec.deployment(m_next.to) + " does not exist");
        if (!to().ready) {
            const bool is_late = waited() >= m_spec.progress_deadline;
            if (to().hopeless || is_late)
                return end(BlueGreenPhase::failed, EntryKind::halt,
                           fmt::format("{} does not get ready: {}; {} kept the traffic", to_name(), to().reason, from_name()));
            return hold(EntryKind::note, fmt::format("waiting for {}: {}", to_name(), to().reason), k_look_again);
        }
        m_next.revision = to().revision;
        enter(BlueGreenPhase::smoking);
        tell(EntryKind::phase, fmt::format("{} is ready: {}", to_name(), to().image));
        return decide(Duration{0});
    }

    Outcome prepare_again(const std::string& why) {
        enter(BlueGreenPhase::preparing);
        tell(EntryKind::halt, why);
        return decide(k_effect);
    }

    Outcome smoking() {
        if (!to().ready) return prepare_again(fmt::format("{} is no longer ready: {}", to_name(), to().reason));
        if (to().revision != m_next.revision) return prepare_again(to_name() + " was changed while it was tested: it is tested again");
        std::vector<CheckResult> checks;
        if (!m_next.skips_smoke) {
            const auto* tests = answer(Question::pre_rollout);
            if (tests == nullptr) return m_open;
            if (!tests->passed)
                return end(BlueGreenPhase::failed, EntryKind::halt,
                           fmt::format("smoke test failed: {}; {} kept the traffic", failures_of(*tests), from_name()), tests->checks);
            checks = tests->checks;
        }
        const auto* gate = answer(Question::confirm_promotion);
        if (gate == nullptr) return m_open;
        if (!gate->passed)
            return hold(EntryKind::gate, "the switch is held: " + failures_of(*gate), m_spec.monitor.interval, gate->checks);
        enter(BlueGreenPhase::switching);
        const auto why = m_next.skips_smoke ? "smoke tests are skipped" : checks.empty() ? "there are no smoke tests" : "smoke tests passed";
        tell(EntryKind::promote, fmt::format("switching from {} to {}: {}", from_name(), to_name(), why), checks);
        return decide(Duration{0});
    }

    Outcome switching() {
        if (!is_routed()) {
            if (!to().ready) return prepare_again(fmt::format("{} is no longer ready: {}", to_name(), to().reason));
            return decide(k_effect);
        }
        m_next.switched_at = m_seen.now;
        if (m_next.skips_monitoring || m_spec.monitor.duration == Duration{0}) return keep_new_side("all traffic goes to " + to_name());
        enter(BlueGreenPhase::monitoring);
        m_next.look_at = m_seen.now + std::min(m_spec.monitor.interval, m_spec.monitor.duration);
        tell(EntryKind::advance, fmt::format("all traffic goes to {}, watched for {}", to_name(), base::format_duration(m_spec.monitor.duration)));
        return decide(until_look());
    }

    // After it.

    Duration until_look() const { return m_next.look_at ? *m_next.look_at - m_seen.now : Duration{0}; }

    Outcome monitoring() {
        if (!is_routed()) return taken_by_others();
        if (!to().serves() && from().serves()) return take_back(to_name() + " has no ready Pods: " + to().reason, {});
        if (until_look() > Duration{0}) return decide(std::min(until_look(), k_look_again));
        return look();
    }

    Outcome look() {
        const auto* wish = answer(Question::rollback_hooks);
        if (wish == nullptr) return m_open;
        if (wish->passed) return take_back("a rollback hook asked for it", wish->checks);
        const auto* checks = answer(Question::analysis);
        if (checks == nullptr) return m_open;
        ++m_next.tick;
        m_next.look_at = m_seen.now + m_spec.monitor.interval;
        if (!checks->evidence.is_null()) m_next.evidence = checks->evidence;
        if (!has_verdict(*checks, Verdict::no_data)) m_next.no_data = 0;
        if (!has_verdict(*checks, Verdict::unreachable)) m_next.unreachable = 0;
        if (checks->condemned) return take_back(failures_of(*checks), checks->checks);
        if (!to().ready) return count_failure(to_name() + " is not ready: " + to().reason, checks->checks);
        if (has_verdict(*checks, Verdict::fail)) return count_failure(failures_of(*checks), checks->checks);
        if (auto outcome = blind(*checks, Verdict::no_data, m_next.no_data, m_spec.monitor.budget.no_data, "without data")) return *outcome;
        if (auto outcome = blind(*checks, Verdict::unreachable, m_next.unreachable, m_spec.monitor.budget.unreachable,
                                 "without an answer of the metrics server"))
            return *outcome;
        return looked_well(*checks);
    }

    Outcome looked_well(const Answer& answer) {
        const auto watched = m_seen.now - *m_next.switched_at;
        if (watched >= m_spec.monitor.duration) {
            const auto failed = base::count_of(static_cast<std::size_t>(m_next.failed_checks), "check");
            return keep_new_side(fmt::format("{} was watched for {}: {} failed, {} tolerated", to_name(), base::format_duration(watched),
                                             failed, m_spec.monitor.max_failures),
                                 answer.checks);
        }
        const bool undecided = has_verdict(answer, Verdict::inconclusive);
        tell(undecided ? EntryKind::halt : EntryKind::advance,
             undecided ? "not enough evidence yet: " + failures_of(answer)
                       : fmt::format("{} is well after {} of {}", to_name(), base::format_duration(watched),
                                     base::format_duration(m_spec.monitor.duration)),
             answer.checks);
        return wait_for_look();
    }

    /// The last look is at the end of the time, whatever the interval.
    Outcome wait_for_look() {
        const auto ends = *m_next.switched_at + m_spec.monitor.duration;
        if (m_seen.now < ends) m_next.look_at = std::min(*m_next.look_at, ends);
        return decide(std::min(until_look(), k_look_again));
    }

    Outcome count_failure(const std::string& why, const std::vector<CheckResult>& checks) {
        ++m_next.failed_checks;
        const auto count = base::count_of(static_cast<std::size_t>(m_next.failed_checks), "failed check");
        const auto text = fmt::format("{}, {} tolerated: {}", count, m_spec.monitor.max_failures, why);
        if (m_next.failed_checks > m_spec.monitor.max_failures) return take_back(text, checks);
        tell(EntryKind::halt, text, checks);
        return m_seen.now >= *m_next.switched_at + m_spec.monitor.duration ? decide(m_spec.monitor.interval) : wait_for_look();
    }

    /// No value says nothing about the new side: a look that saw nothing is never the last one.
    std::optional<Outcome> blind(const Answer& checks, Verdict verdict, int& in_a_row, int budget, const char* what) {
        if (!has_verdict(checks, verdict)) return std::nullopt;
        const auto why = failures_of(checks);
        if (++in_a_row > budget) {
            const auto looks = base::count_of(static_cast<std::size_t>(in_a_row), "look");
            return take_back(fmt::format("{} in a row {}: {}", looks, what, why), checks.checks);
        }
        tell(EntryKind::halt, fmt::format("{} of {} looks {}: {}", in_a_row, budget, what, why), checks.checks);
        return decide(std::min(m_spec.monitor.interval, k_look_again));
    }

    Outcome keep_new_side(const std::string& message, const std::vector<CheckResult>& checks = {}) {
        m_next.replaced_revision = from().revision;
        m_next.look_at.reset();
        if (!m_spec.scale_down_delay) return end(BlueGreenPhase::succeeded, EntryKind::phase, message, checks);
        enter(BlueGreenPhase::finalising);
        m_next.look_at = m_seen.now + *m_spec.scale_down_delay;
        const auto delay = base::format_duration(*m_spec.scale_down_delay);
        tell(EntryKind::phase, fmt::format("{}; {} is scaled down in {}", message, from_name(), delay), checks);
        return decide(std::min(until_look(), k_look_again));
    }

    Outcome finalising() {
        if (!is_routed()) return taken_by_others();
        if (until_look() > Duration{0}) return decide(std::min(until_look(), k_look_again));
        if (!m_next.scales_down) {
            m_next.scales_down = true;
            return decide(k_effect);
        }
        if (from().exists && from().replicas > 0) return decide(k_effect);
        return end(BlueGreenPhase::succeeded, EntryKind::phase, fmt::format("{} has all traffic, {} is scaled down", to_name(), from_name()));
    }

    // Back.

    Outcome taken_by_others() {
        return end(BlueGreenPhase::rolled_back, EntryKind::rollback, "somebody else gave the traffic back to " + from_name());
    }

    Outcome take_back(const std::string& reason, const std::vector<CheckResult>& checks) {
        enter(BlueGreenPhase::returning);
        m_next.reason = reason;
        m_next.look_at.reset();
        tell(EntryKind::rollback, fmt::format("back to {}: {}", from_name(), reason), checks);
        return decide(Duration{0});
    }

    Outcome returning() {
        if (!is_routed())
            return end(BlueGreenPhase::rolled_back, EntryKind::phase,
                       fmt::format("{} has all traffic again: {}", from_name(), m_next.reason));
        if (from().serves()) return decide(k_effect);
        if (waited() >= m_spec.progress_deadline)
            return end(BlueGreenPhase::failed, EntryKind::halt,
                       fmt::format("{} cannot take the traffic back: {}; {} keeps it: {}", from_name(), from().reason, to_name(), m_next.reason));
        return hold(EntryKind::halt, fmt::format("{} has no ready Pods to go back to: {}", from_name(), from().reason), k_effect);
    }

    const BlueGreenSpec& m_spec;
    const BlueGreenSeen& m_seen;
    const Answers& m_answers;
    BlueGreenState m_next;
    std::vector<JournalEntry> m_entries;
    Question m_open = Question::pre_rollout;
};

/// "IMAGE" of "CONTAINER=IMAGE".
std::string image_of(const std::string& text) { return text.substr(text.find('=') == std::string::npos ? 0 : text.find('=') + 1); }

}  // namespace

std::string nothing_new(const BlueGreenSpec& spec, const BlueGreenState& state, const BlueGreenSeen& seen, const BlueGreenPlan& plan) {
    if (plan.takes_any) return {};
    const auto& active = seen.side(seen.routed);
    const auto& idle = seen.side(other(seen.routed));
    const std::string active_name(color_name(seen.routed)), idle_name(color_name(other(seen.routed)));
    if (!plan.image.empty()) return active.image == image_of(plan.image) ? active_name + " runs " + active.image + " already" : std::string();
    if (state.replaced_revision.empty() || idle.revision != state.replaced_revision) return {};
    return fmt::format("{} runs what {} has replaced; `gitopsctl bluegreen switch {}` goes back to it", idle_name, active_name, spec.name);
}

BlueGreenDecision begin_bluegreen(const BlueGreenSpec& spec, const BlueGreenState& state, const BlueGreenSeen& seen, const BlueGreenPlan& plan) {
    const Answers none;
    return Tick(spec, state, seen, none).begin(plan);
}

Outcome bluegreen_step(const BlueGreenSpec& spec, const BlueGreenState& state, const BlueGreenSeen& seen, const Answers& answers,
                       Command command, const std::string& command_by) {
    return Tick(spec, state, seen, answers).run(command, command_by);
}

bool is_settled(const BlueGreenState& state) { return !is_running(state.phase) && !state.announces; }

}  // namespace gitops::rollout
