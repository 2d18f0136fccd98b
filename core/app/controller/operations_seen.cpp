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
    const auto seen = m_seen.find(report.app);
    const auto known = seen != m_seen.end() ? std::optional(seen->second) : kept(report.app);
    if (!known || known->started.empty()) return *report.status->state.started_at >= m_since ? mark : std::nullopt;
    const bool went_on = known->started == mark->started && known->finished.empty();
    return went_on || *known == *mark ? std::nullopt : mark;
}

void OperationsSeen::see(const std::string& app, const OperationMark& mark) {
    const std::scoped_lock guard(m_mutex);
    m_seen[app] = mark;
}

void OperationsSeen::keep(const std::string& app, const OperationMark& mark) {
    const std::scoped_lock guard(m_mutex);
    if (kept(app) != mark) write(app, mark);
}

void OperationsSeen::keep_known(const std::string& app) {
    const std::scoped_lock guard(m_mutex);
    if (!kept(app)) write(app, {});
}

void OperationsSeen::forget(const std::string& app) {
    const std::scoped_lock guard(m_mutex);
    m_state.delete_definition(k_kind, name_of(app));
    m_seen.erase(app);
    m_kept.erase(app);
}

std::vector<std::string> OperationsSeen::gone() const {
    std::vector<std::string> gone;
    for (const auto& row : m_state.definitions(k_kind))
        if (const std::string app(row.text_at("app")); row.text_at("who") == m_who && !m_state.has_application(app)) gone.push_back(app);
    return gone;
}

void OperationsSeen::write(const std::string& app, const OperationMark& mark) {
    m_state.put_definition(k_kind, name_of(app),
                           Value::map({{"who", m_who},
                                       {"app", app},
                                       {"started", mark.started},
                                       {"finished", mark.finished},
                                       {"phase", mark.phase},
                                       {"revision", mark.revision}}));
    m_kept[app] = mark;
}

std::optional<OperationMark> OperationsSeen::kept(const std::string& app) {
    const auto known = m_kept.find(app);
    if (known != m_kept.end()) return known->second;
    std::optional<OperationMark> mark;
    if (const auto row = m_state.definition(k_kind, name_of(app)))
        mark = OperationMark{std::string(row->text_at("started")), std::string(row->text_at("finished")),
                             std::string(row->text_at("phase")), std::string(row->text_at("revision"))};
    return m_kept.emplace(app, mark).first->second;
}

}  // namespace gitops::app
