#include "core/app/controller/operations_seen.hpp"

namespace gitops::app {

namespace {

using doc::Value;

constexpr std::string_view k_kind = "OperationSeen";

std::string text_of(const std::optional<base::Time>& time) { return time ? base::to_rfc3339_millis(*time) : std::string(); }

}  // namespace

std::optional<OperationMark> operation_in(const ReconcileReport& report) {
    if (!report.status || report.status->state.phase.empty() || !report.status->state.started_at) return std::nullopt;
    const auto& state = report.status->state;
    return OperationMark{text_of(state.started_at), text_of(state.finished_at), state.phase, state.revision};
}

OperationsSeen::OperationsSeen(StateDb& state, std::string who, base::Time since)
    : m_state(state), m_who(std::move(who)), m_since(since) {}

std::optional<OperationMark> OperationsSeen::news_in(const ReconcileReport& report) {
    auto mark = operation_in(report);
    if (!mark || report.operation) return mark;
    const std::scoped_lock guard(m_mutex);
    const auto known = last(report.app);
    if (!known) return *report.status->state.started_at >= m_since ? mark : std::nullopt;
    const bool went_on = known->started == mark->started && known->finished.empty();
    return went_on || *known == *mark ? std::nullopt : mark;
}

void OperationsSeen::keep(const std::string& app, const OperationMark& mark) {
    const std::scoped_lock guard(m_mutex);
    if (last(app) == mark) return;
    m_last[app] = mark;
    m_state.put_definition(
        k_kind, m_who + " " + app,
        Value::map({{"started", mark.started}, {"finished", mark.finished}, {"phase", mark.phase}, {"revision", mark.revision}}));
}

void OperationsSeen::forget(const std::string& app) {
    const std::scoped_lock guard(m_mutex);
    m_last.erase(app);
    m_state.delete_definition(k_kind, m_who + " " + app);
}

std::optional<OperationMark> OperationsSeen::last(const std::string& app) {
    const auto known = m_last.find(app);
    if (known != m_last.end()) return known->second;
    std::optional<OperationMark> mark;
    if (const auto row = m_state.definition(k_kind, m_who + " " + app))
        mark = OperationMark{std::string(row->text_at("started")), std::string(row->text_at("finished")),
                             std::string(row->text_at("phase")), std::string(row->text_at("revision"))};
    return m_last.emplace(app, mark).first->second;
}

}  // namespace gitops::app
