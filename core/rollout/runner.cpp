#include "core/rollout/runner.hpp"

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Duration;
using base::Error;

/// A runner shows that it lives at least this often.
constexpr Duration k_sign_of_life{20'000};
/// What was written and has to take effect is looked at again so soon.
constexpr Duration k_effect{200};

/// The run of the state's number, made when it is not there.
RunRecord& run_of(CanaryRecord& record) {
    const int number = record.state.run;
    if (record.runs.empty() || record.runs.back().number != number) {
        RunRecord run;
        run.number = number;
        record.runs.push_back(std::move(run));
    }
    return record.runs.back();
}

bool is_over(Phase phase) { return phase == Phase::succeeded || phase == Phase::failed; }

/// Equal but for when and how often it was looked at.
bool says_the_same(CanaryState a, const CanaryState& b) {
    a.checked_at = b.checked_at;
    a.tick = b.tick;
    return a == b;
}

/// The cluster is meant to be the same.
bool wants_the_same(const CanaryState& a, const CanaryState& b) {
    return a.phase == b.phase && a.split == b.split && a.target_is_up == b.target_is_up && a.promotes == b.promotes &&
           a.restores == b.restores && a.applied_revision == b.applied_revision && a.saved_template == b.saved_template;
}

}  // namespace

CanaryRunner::CanaryRunner(const RunnerPorts& ports, CanarySpec spec, RunSettings settings)
    : m_ports(ports),
      m_spec(std::move(spec)),
      m_store(ports.cluster, ports.clock, m_spec.ns, m_spec.name, ports.actor),
      m_stage(ports.cluster, ports.clock, m_spec, settings.compat) {
    m_record.name = m_spec.name;
    m_record.ns = m_spec.ns;
    m_record.settings = std::move(settings);
}

CanaryRunner::~CanaryRunner() {
    try {
        m_store.release(m_record);
    } catch (const std::exception&) {
        return;  // that the process is gone is seen by the next one
    }
}

void CanaryRunner::start(Claim claim) {
    m_claim = claim;
    m_record.manifest = m_spec.document;
    if (claim == Claim::when_needed) return;
    auto settings = m_record.settings;
    if (auto stored = m_store.load()) m_record = std::move(*stored);
    m_record.manifest = m_spec.document;
    m_record.settings = std::move(settings);
    m_store.claim(m_record);
}

/// Reads what others have left; false while one of them is at it.
bool CanaryRunner::is_free() {
    auto stored = m_store.load();
    if (!stored) return true;
    const auto known = m_record.resource_version;
    auto settings = m_record.settings;
    m_record = std::move(*stored);
    m_record.manifest = m_spec.document;
    m_record.settings = std::move(settings);
    if (m_record.resource_version != known) m_is_enforced = false;
    return !CanaryStore::runner_of(m_record).has_value();
}

void CanaryRunner::retry() {
    if (m_record.command != Command::none) return;
    m_record.command = Command::retry;
    m_record.command_by = m_ports.actor;
}

void CanaryRunner::save() {
    if (!is_ours()) {
        m_store.claim(m_record);
        m_has_claimed = true;
        return;
    }
    if (!m_store.save(m_record)) m_store.save(m_record);
}

Moment CanaryRunner::moment(const Observation& seen) const {
    const auto& state = m_record.state;
    return {seen.now, state.started_at ? seen.now - *state.started_at : Duration{0}, state.split.canary, seen.revision,
            m_stage.target_image()};
}

Decision CanaryRunner::decide(const Observation& seen, std::stop_token stop) {
    auto state = m_record.state;
    if (m_record.command != Command::none) {  // otherwise what the state has is an earlier one that has to wait for Pods
        state.command = m_record.command;
        state.command_by = m_record.command_by;
    }
    CheckRound round(m_spec, m_record.state, m_ports.checks, m_record.settings.compat, moment(seen), stop);
    Answers answers;
    while (true) {
        auto outcome = step(m_spec, state, seen, answers, m_record.settings.compat);
        if (auto* decision = std::get_if<Decision>(&outcome)) return std::move(*decision);
        const auto question = std::get<Question>(outcome);
        if (answers.contains(question)) throw Error(Code::internal, "asked twice: " + std::string(question_name(question)));
        answers.emplace(question, round.answer(question));
    }
}

void CanaryRunner::begin_run(const Observation& seen) {
    auto& run = run_of(m_record);
    run.from_revision = m_record.state.promoted_revision;
    run.to_revision = seen.revision;
    run.from_image = m_stage.primary_image();
    run.to_image = m_stage.target_image();
    run.started_at = seen.now;
}

/// Run 0 is what is before the first revision is rolled out.
void CanaryRunner::describe_beginning(RunRecord& run, const Decision& decision, const Observation& seen) const {
    if (run.entries.empty()) run.started_at = seen.now;
    run.to_revision = decision.state.promoted_revision;
    run.to_image = m_stage.primary_image();
    if (decision.state.phase == Phase::initializing) return;
    run.ended_at = seen.now;
    run.outcome = phase_name(decision.state.phase);
    run.reason = "the primary serves";
}

void CanaryRunner::keep(const Decision& decision, const Observation& seen) {
    const bool begins = decision.state.run != m_record.state.run;
    const bool ends = is_over(decision.state.phase) && !is_over(m_record.state.phase) && decision.state.run > 0;
    m_record.state = decision.state;
    m_record.command = Command::none;
    m_record.command_by.clear();
    if (begins) begin_run(seen);
    if (m_record.state.run > 0 || !decision.entries.empty()) {
        auto& run = run_of(m_record);
        if (run.number == 0) describe_beginning(run, decision, seen);
        run.entries.insert(run.entries.end(), decision.entries.begin(), decision.entries.end());
        if (ends) {
            run.ended_at = seen.now;
            run.outcome = phase_name(decision.state.phase);
            run.reason = decision.state.message;
        }
    }
}

void CanaryRunner::tell(const std::vector<JournalEntry>& entries, std::stop_token stop) {
    CheckRound round(m_spec, m_record.state, m_ports.checks, m_record.settings.compat, {}, stop);
    for (const auto& entry : entries) {
        const bool is_bad = entry.kind == EntryKind::halt || entry.kind == EntryKind::rollback;
        m_ports.events.emit({is_bad ? base::Level::warning : base::Level::info, "canary", m_spec.name, entry.message,
                             {{"phase", entry.phase}, {"weight", std::to_string(entry.weight)},
                              {"decision", std::string(entry_kind_name(entry.kind))}}});
        round.announce(entry);
    }
}

void CanaryRunner::announce_end(std::stop_token stop) {
    CheckRound(m_spec, m_record.state, m_ports.checks, m_record.settings.compat, {}, stop).announce_end();
    m_record.state.announces = false;
    save();
}

TickReport CanaryRunner::tick(std::stop_token stop) {
    if (!is_ours() && !is_free()) return {true, false, m_spec.analysis.interval, {}};
    if (!is_ours() && !is_settled(m_record.state)) save();  // there is something to do
    auto seen = m_stage.observe(m_record.state);
    auto enforced = Enforced::done;
    // What a person asks for does not wait until what was wanted before has come true.
    const bool is_tried = is_ours() && m_record.command == Command::none && (!m_is_enforced || m_stage.has_strayed());
    if (is_tried) {
        enforced = m_stage.enforce(m_record.state);
        m_is_enforced = enforced == Enforced::done && !is_kept_up();
        if (enforced == Enforced::again) return wait_for_effect();
        if (m_stage.is_stale()) seen = m_stage.observe(m_record.state);
    }
    auto decision = decide(seen, stop);
    const auto before = m_record.state;
    const auto command = m_record.command;
    keep(decision, seen);
    const auto silent_for = before.checked_at ? seen.now - *before.checked_at : k_sign_of_life;
    const bool is_news = !says_the_same(before, m_record.state);
    if (command != Command::none || is_news || (is_ours() && silent_for >= k_sign_of_life)) {
        save();
    } else {
        m_record.state.checked_at = before.checked_at;
        if (is_ours()) m_store.refresh(m_record);
        else return {is_settled(m_record.state), false, decision.wake, {}};
    }
    if (!wants_the_same(before, m_record.state) || (!m_is_enforced && !is_tried)) {
        m_stage.expire();  // checks may have taken their time
        enforced = m_stage.enforce(m_record.state);
    }
    m_is_enforced = enforced == Enforced::done && !is_kept_up();
    tell(decision.entries, stop);
    if (m_record.state.announces) announce_end(stop);
    auto wake = m_record.command != Command::none ? Duration{0} : decision.wake;
    if (enforced != Enforced::done) wake = std::min(wake, k_effect);
    const bool settled = is_settled(m_record.state) && enforced == Enforced::done;
    if (settled && m_has_claimed) {
        m_store.release(m_record);
        m_has_claimed = false;
    }
    const bool ended = is_over(m_record.state.phase) && !is_over(before.phase);
    return {settled, ended, wake, std::move(decision.entries)};
}

TickReport CanaryRunner::wait_for_effect() {
    if (is_ours()) m_store.refresh(m_record);
    return {false, false, k_effect, {}};
}

/// Shares of Pods follow the Pods that are ready, so they are looked after in every tick.
bool CanaryRunner::is_kept_up() const { return m_spec.provider == "replicas" && is_running(m_record.state.phase); }

void CanaryRunner::wait(Duration span, std::stop_token stop) {
    m_store.wait_for_command(m_record, m_ports.clock.now() + span, std::move(stop));
}

}  // namespace gitops::rollout
