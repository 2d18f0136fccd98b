#include "core/rollout/check_round.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/rollout/analysis/analysis.hpp"
#include "core/rollout/metric_check.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

HookType type_of(Question question) {
    switch (question) {
        case Question::confirm_rollout: return HookType::confirm_rollout;
        case Question::rollback_hooks: return HookType::rollback;
        case Question::pre_rollout: return HookType::pre_rollout;
        case Question::analysis: return HookType::rollout;
        case Question::confirm_traffic_increase: return HookType::confirm_traffic_increase;
        case Question::confirm_promotion: return HookType::confirm_promotion;
    }
    return HookType::rollout;
}

bool is_shared(QueryOrigin origin) { return origin == QueryOrigin::shared; }

}  // namespace

CheckRound::CheckRound(const CanarySpec& spec, const CanaryState& state, CheckPorts& ports, Compat compat, Moment moment,
                       std::stop_token stop)
    : m_spec(spec), m_state(state), m_ports(ports), m_compat(compat), m_moment(std::move(moment)), m_stop(std::move(stop)) {}

Answer CheckRound::answer(Question question) {
    return question == Question::analysis ? analyse() : ask_hooks(type_of(question));
}

Answer CheckRound::ask_hooks(HookType type) {
    Answer answer;
    const bool one_is_enough = type == HookType::rollback;
    bool any = false;
    for (const auto& hook : m_spec.analysis.webhooks) {
        if (hook.type != type) continue;
        const auto said = m_ports.hooks.call(call_of(hook, hook_body(m_spec, hook, subject())), m_stop);
        any |= said.passed;
        answer.checks.push_back({hook.name, said.passed ? Verdict::pass : Verdict::fail, {}, {}, "", said.detail});
        if (said.passed == one_is_enough) break;
    }
    answer.passed = one_is_enough ? any : std::ranges::all_of(answer.checks, [](const CheckResult& check) {
        return check.verdict == Verdict::pass;
    });
    return answer;
}

HookSubject CheckRound::subject() const {
    return {std::string(phase_name(m_state.phase)), hook_checksum(m_state.applied_revision, m_state.configs)};
}

void CheckRound::announce_end() {
    for (const auto& hook : m_spec.analysis.webhooks)
        if (hook.type == HookType::post_rollout) (void)m_ports.hooks.call(call_of(hook, hook_body(m_spec, hook, subject())), m_stop);
}

void CheckRound::announce(const JournalEntry& entry) {
    const bool is_bad = entry.kind == EntryKind::halt || entry.kind == EntryKind::rollback;
    const auto type = is_bad ? EventType::warning : EventType::normal;
    for (const auto& hook : m_spec.analysis.webhooks)
        if (hook.type == HookType::event)
            (void)m_ports.hooks.call(call_of(hook, event_body(m_spec, hook, subject(), entry.message, type, entry.at)), m_stop);
}

Answer CheckRound::analyse() {
    auto answer = ask_hooks(HookType::rollout);
    if (!answer.passed) return answer;
    ask_metrics(answer);
    answer.passed = std::ranges::all_of(answer.checks, [](const CheckResult& check) { return check.verdict == Verdict::pass; });
    return answer;
}

/// Flagger's order: what is built in or written down first, then what MetricTemplates say.
void CheckRound::ask_metrics(Answer& answer) {
    const auto& metrics = m_spec.analysis.metrics;
    std::size_t together = 0;
    for (const auto& check : metrics) together += tests_of(check).size();
    for (const auto origin : {QueryOrigin::written, QueryOrigin::shared})
        for (const auto& check : metrics)
            if (!ask_one(check, origin, answer, together) && m_compat == Compat::flagger) return;
}

/// A template or Secret that vanished under way is no reason to leave the canary alone: it is told as no answer.
bool CheckRound::ask_one(const MetricCheck& check, QueryOrigin origin, Answer& answer, std::size_t judged_together) {
    try {
        if (check.kind == MetricKind::threshold) return ask_metric(check, origin, answer);
        if (!is_shared(origin)) ask_sequentially(check, answer, judged_together);
        return true;
    } catch (const Error& error) {
        if (error.code() != Code::invalid && error.code() != Code::not_found && error.code() != Code::denied) throw;
        answer.checks.push_back({check.name, Verdict::unreachable, {}, check.range, "", error.message()});
        return false;
    }
}

void CheckRound::require_askable() {
    for (const auto& check : m_spec.analysis.metrics) {
        if (check.kind != MetricKind::threshold) {
            (void)tests_of(check);
            (void)counter_queries(m_spec, check, query_settings());
            require_sequential(check);
            continue;
        }
        const auto shared = shared_template(check);
        for (const auto& query : queries_of(m_spec, check, shared ? &*shared : nullptr, query_settings()))
            (void)source_for(check, query, shared ? &*shared : nullptr);
    }
}

QuerySettings CheckRound::query_settings() const {
    QuerySettings settings;
    settings.compat = m_compat;
    if (m_ports.plays_back) settings.answers = AnsweredBy::played_back;
    return settings;
}

/// The questions of one check that are (or are not) shared; false when one was not passed.
bool CheckRound::ask_metric(const MetricCheck& check, QueryOrigin origin, Answer& answer) {
    const auto shared = shared_template(check);
    bool passed = true;
    for (const auto& query : queries_of(m_spec, check, shared ? &*shared : nullptr, query_settings())) {
        if (is_shared(query.origin) != is_shared(origin)) continue;
        answer.checks.push_back(measure(check, query, source_for(check, query, shared ? &*shared : nullptr)));
        passed &= answer.checks.back().verdict == Verdict::pass;
        if (!passed && m_compat == Compat::flagger) return false;
    }
    return passed;
}

CheckResult CheckRound::measure(const MetricCheck& check, const MetricQuery& query, const MetricSource& source) {
    const auto reading = m_ports.metrics.read({check.name, query.text, source, m_moment}, m_stop);
    auto result = judge(check, query, reading);
    if (result.verdict == Verdict::no_data && !m_ports.plays_back)
        if (auto why = explain(check, query, source); !why.empty()) result.detail = std::move(why);
    return result;
}

/// Each part of a quotient is asked for by itself, to say which one is empty.
std::string CheckRound::explain(const MetricCheck& check, const MetricQuery& query, const MetricSource& source) {
    std::vector<PartReading> parts;
    for (auto& part : parts_of(query.text)) {
        auto reading = m_ports.metrics.read({check.name, part.text, source, m_moment}, m_stop);
        parts.push_back({std::move(part), std::move(reading)});
    }
    return explain_no_data(check, query, parts);
}

std::optional<MetricTemplate> CheckRound::shared_template(const MetricCheck& check) {
    if (!check.reference || m_ports.plays_back) return std::nullopt;
    const auto& ns = check.reference->ns.empty() ? m_spec.ns : check.reference->ns;
    const auto manifest = m_ports.find("MetricTemplate", ns, check.reference->name);
    if (!manifest)
        throw Error(Code::not_found, "check " + check.name + ": there is no MetricTemplate " + ns + "/" + check.reference->name)
            .hint("put it into the file beside the Canary, or apply it to the cluster");
    return read_metric_template(*manifest, "MetricTemplate " + check.reference->name, ns);
}

MetricSource CheckRound::source_for(const MetricCheck& check, const MetricQuery& query, const MetricTemplate* shared) {
    std::optional<Value> secret;
    if (shared != nullptr && !shared->secret.empty()) secret = m_ports.find("Secret", shared->ns, shared->secret);
    return source_of(m_spec, check, query, shared, m_ports.usual_source, secret ? &*secret : nullptr, m_compat);
}

}  // namespace gitops::rollout
