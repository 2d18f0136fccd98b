#include "core/rollout/bluegreen/bluegreen_runner.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Duration;
using base::Error;

constexpr int k_whole = 100;
/// A runner shows that it lives at least this often.
constexpr Duration k_sign_of_life{20'000};
/// What was written and has to take effect is looked at again so soon.
constexpr Duration k_effect{200};

/// Equal but for when it was looked at.
bool says_the_same(BlueGreenState a, const BlueGreenState& b) {
    a.checked_at = b.checked_at;
    return a == b;
}

/// What hooks are told of the phase, in the words that receivers made for canaries know.
CanaryState as_canary(const BlueGreenState& state) {
    CanaryState canary;
    canary.applied_revision = state.revision;
    canary.evidence = state.evidence;
    canary.run = state.run;
    canary.started_at = state.started_at;
    switch (state.phase) {
        case BlueGreenPhase::idle: canary.phase = Phase::initialized; break;
        case BlueGreenPhase::preparing:
        case BlueGreenPhase::smoking: canary.phase = Phase::progressing; break;
        case BlueGreenPhase::switching:
        case BlueGreenPhase::monitoring: canary.phase = Phase::promoting; break;
        case BlueGreenPhase::finalising: canary.phase = Phase::finalising; break;
        case BlueGreenPhase::succeeded: canary.phase = Phase::succeeded; break;
        case BlueGreenPhase::returning:
        case BlueGreenPhase::rolled_back:
        case BlueGreenPhase::failed: canary.phase = Phase::failed; break;
    }
    return canary;
}

}  // namespace

BlueGreenRunner::BlueGreenRunner(const RunnerPorts& ports, BlueGreenSpec spec, RunSettings settings, CommitSwitch commit)
    : m_ports(ports),
      m_spec(std::move(spec)),
      m_commit(std::move(commit)),
      m_store(ports.cluster, ports.clock, m_spec.ns, m_spec.name, ports.actor),
      m_stage(ports.cluster, ports.clock, m_spec) {
    m_record.name = m_spec.name;
    m_record.ns = m_spec.ns;
    m_record.settings = std::move(settings);
}

BlueGreenRunner::~BlueGreenRunner() {
    try {
        m_store.release(m_record);
    } catch (const std::exception&) {
        return;  // that the process is gone is seen by the next one
    }
}

void BlueGreenRunner::start() {
    auto settings = m_record.settings;
    if (auto stored = m_store.load()) m_record = std::move(*stored);
    m_record.manifest = m_spec.document;
    m_record.settings = std::move(settings);
    m_store.claim(m_record);
}

void BlueGreenRunner::save() {
    if (!m_store.save(m_record)) m_store.save(m_record);
}

void BlueGreenRunner::command(Command command) {
    m_record.command = command;
    m_record.command_by = m_ports.actor;
}

Begun BlueGreenRunner::begin(const BlueGreenPlan& plan) {
    auto& state = m_record.state;
    if (is_running(state.phase)) {
        const bool is_tested = has_switched(state.phase);
        if (is_tested && !plan.image.empty() && plan.image != state.image)
            throw Error(Code::conflict, "blue-green " + m_spec.name + " is " + std::string(phase_name(state.phase)) +
                                            " with another version")
                .hint("let it end with `gitopsctl bluegreen run` without --image, or take it back with `gitopsctl bluegreen "
                      "rollback " + m_spec.name + "`");
        if (!plan.image.empty() && plan.image != state.image) {
            state.image = plan.image;
            state.phase = BlueGreenPhase::preparing;
        }
        state.skips_smoke |= plan.skips_smoke;
        save();
        return Begun::resumed;
    }
    m_record.command = Command::none;  // of a run that is over
    const auto seen = m_stage.observe(state);
    m_nothing_new = rollout::nothing_new(m_spec, state, seen, plan);
    if (!m_nothing_new.empty()) return Begun::nothing;
    auto decision = begin_bluegreen(m_spec, state, seen, plan);
    state = std::move(decision.state);
    begin_run(seen);
    auto& run = m_record.runs.back();
    for (const auto& entry : decision.entries) run.entries.push_back(entry);
    save();
    m_is_enforced = false;
    tell(decision.entries, {});
    return Begun::new_run;
}

void BlueGreenRunner::begin_run(const BlueGreenSeen& seen) {
    const auto& state = m_record.state;
    RunRecord run;
    run.number = state.run;
    run.from_revision = seen.side(state.from).revision;
    run.from_image = seen.side(state.from).image;
    run.to_revision = seen.side(state.to).revision;
    run.to_image = seen.side(state.to).image;
    run.started_at = seen.now;
    m_record.runs.push_back(std::move(run));
}

BlueGreenDecision BlueGreenRunner::decide(const BlueGreenSeen& seen, std::stop_token stop) {
    const auto& state = m_record.state;
    const auto checks = checks_of(m_spec, state.to);
    const auto subject = as_canary(state);
    const Moment moment{seen.now, state.switched_at ? seen.now - *state.switched_at : Duration{0}, seen.routed == state.to ? k_whole : 0,
                        seen.side(state.to).revision, seen.side(state.to).image};
    CheckRound round(checks, subject, m_ports.checks, Compat::none, moment, stop);
    Answers answers;
    while (true) {
        auto outcome = bluegreen_step(m_spec, state, seen, answers, m_record.command, m_record.command_by);
        if (auto* decision = std::get_if<BlueGreenDecision>(&outcome)) return std::move(*decision);
        const auto question = std::get<Question>(outcome);
        if (answers.contains(question)) throw Error(Code::internal, "asked twice: " + std::string(question_name(question)));
        answers.emplace(question, round.answer(question));
    }
}

void BlueGreenRunner::note_end(const BlueGreenSeen& seen) {
    if (m_record.runs.empty()) return;
    auto& run = m_record.runs.back();
    const auto& state = m_record.state;
    run.to_image = seen.side(state.to).image;
    run.to_revision = seen.side(state.to).revision;
    if (is_running(state.phase)) {
        run.ended_at.reset();
        run.outcome.clear();
        return;
    }
    run.ended_at = seen.now;
    run.outcome = phase_name(state.phase);
    run.reason = state.message;
}

/// Saves what was decided. False when something was asked for meanwhile: then nothing of the decision counts.
bool BlueGreenRunner::keep(BlueGreenDecision& decision, const BlueGreenSeen& seen) {
    const auto before = m_record;
    m_record.state = decision.state;
    m_record.command = Command::none;
    if (!m_record.runs.empty())
        for (const auto& entry : decision.entries) m_record.runs.back().entries.push_back(entry);
    note_end(seen);
    const auto silent_for = before.state.checked_at ? seen.now - *before.state.checked_at : k_sign_of_life;
    if (before.command == Command::none && says_the_same(before.state, m_record.state) && silent_for < k_sign_of_life) {
        m_record = before;
        m_store.refresh(m_record);
        return true;
    }
    if (m_store.save(m_record)) return true;
    const auto command = m_record.command;
    const auto by = m_record.command_by;
    const auto version = m_record.resource_version;
    m_record = before;
    m_record.command = command == Command::none ? before.command : command;
    m_record.command_by = command == Command::none ? before.command_by : by;
    m_record.resource_version = version;
    return false;
}

/// With Git it says so first; that may take its time, so the Service is only written after another look.
Enforced BlueGreenRunner::enforce() {
    auto& state = m_record.state;
    if (state.phase == BlueGreenPhase::switching && m_commit && state.git_commit.empty()) {
        state.git_commit = m_commit(state);
        if (!m_store.save(m_record)) {
            save();
            if (m_record.command != Command::none) return Enforced::again;
        }
    }
    return m_stage.enforce(state);
}

void BlueGreenRunner::tell(const std::vector<JournalEntry>& entries, std::stop_token stop) {
    const auto checks = checks_of(m_spec, m_record.state.to);
    const auto subject = as_canary(m_record.state);
    CheckRound round(checks, subject, m_ports.checks, Compat::none, {}, stop);
    for (const auto& entry : entries) {
        const bool is_bad = entry.kind == EntryKind::halt || entry.kind == EntryKind::rollback;
        m_ports.events.emit({is_bad ? base::Level::warning : base::Level::info, "bluegreen", m_spec.name, entry.message,
                             {{"phase", entry.phase}, {"weight", std::to_string(entry.weight)},
                              {"decision", std::string(entry_kind_name(entry.kind))}}});
        round.announce(entry);
    }
}

void BlueGreenRunner::announce_end(std::stop_token stop) {
    const auto checks = checks_of(m_spec, m_record.state.to);
    const auto subject = as_canary(m_record.state);
    CheckRound(checks, subject, m_ports.checks, Compat::none, {}, stop).announce_end();
    m_record.state.announces = false;
    save();
}

TickReport BlueGreenRunner::tick(std::stop_token stop) {
    auto seen = m_stage.observe(m_record.state);
    if (!m_is_enforced && m_record.command == Command::none) {
        const auto enforced = is_running(m_record.state.phase) ? enforce() : Enforced::done;
        m_is_enforced = enforced == Enforced::done;
        if (enforced == Enforced::again) return {false, false, Duration{0}, {}};
        seen = m_stage.observe(m_record.state);
    }
    auto decision = decide(seen, stop);
    const auto before = m_record.state;
    if (!keep(decision, seen)) return {false, false, Duration{0}, {}};
    auto enforced = Enforced::done;
    if (!says_the_same(before, m_record.state)) {
        m_is_enforced = false;  // until it has been done
        enforced = enforce();
        m_is_enforced = enforced == Enforced::done;
    }
    tell(decision.entries, stop);
    if (m_record.state.announces) announce_end(stop);
    auto wake = m_record.command != Command::none ? Duration{0} : decision.wake;
    if (enforced == Enforced::held) wake = std::max(wake, k_effect);
    const bool ended = is_running(before.phase) && !is_running(m_record.state.phase);
    return {is_settled(m_record.state), ended, wake, std::move(decision.entries)};
}

void BlueGreenRunner::wait(Duration span, std::stop_token stop) {
    m_store.wait_for_command(m_record, m_ports.clock.now() + span, std::move(stop));
}

}  // namespace gitops::rollout
