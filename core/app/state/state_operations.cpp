// StateDb's running operations: locks and the audit log.
#include <algorithm>

#include "core/app/state/state_db.hpp"
#include "core/app/state/state_rows.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

void bind_process(io::Statement& statement, int index, const io::ProcessId& process) {
    statement.bind(index, process.host).bind(index + 1, process.boot);
    statement.bind(index + 2, process.pid).bind(index + 3, process.started);
}

io::ProcessId read_process(const io::Statement& row, int column) {
    return {row.text(column), row.text(column + 1), row.number(column + 2), row.number(column + 3)};
}

}  // namespace

std::map<std::string, base::Time> StateDb::operations_ended_since(base::Time time) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT app, finished_at FROM app_state WHERE finished_at >= ?1");
    query.bind(1, to_number(time));
    std::map<std::string, base::Time> ended;
    while (query.step()) ended.emplace(query.text(0), to_time(query.number(1)));
    return ended;
}

std::int64_t StateDb::begin_audit(const AuditRow& row) {
    const auto guard = hold();
    auto insert = m_database.prepare(
        "INSERT INTO audit (at, actor, action, subject, cluster, reason, from_revision, to_revision, result, message, "
        "host, boot, pid, started) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'running', ?9, ?10, ?11, ?12, ?13)");
    insert.bind(1, to_number(row.at)).bind(2, row.actor).bind(3, row.action).bind(4, row.subject).bind(5, row.cluster);
    insert.bind(6, row.reason).bind(7, row.from_revision).bind(8, row.to_revision).bind(9, row.message);
    bind_process(insert, 10, row.process);
    insert.run();
    return m_database.last_row_id();
}

void StateDb::end_audit(std::int64_t id, std::string_view result, std::string_view to_revision,
                        std::string_view message) {
    const auto guard = hold();
    m_database.prepare("UPDATE audit SET result = ?2, to_revision = ?3, message = ?4 WHERE id = ?1")
        .bind(1, id)
        .bind(2, result)
        .bind(3, to_revision)
        .bind(4, message)
        .run();
}

std::vector<AuditRow> StateDb::audit(std::string_view subject, std::size_t limit) const {
    const auto guard = hold();
    // Two statements, so that the index on the subject serves the one.
    auto query = m_database.prepare(
        "SELECT id, at, actor, action, subject, cluster, reason, from_revision, to_revision, result, message, host, "
        "boot, pid, started FROM audit " +
        std::string(subject.empty() ? "" : "WHERE subject = ?2 ") + "ORDER BY id DESC LIMIT ?1");
    query.bind(1, static_cast<std::int64_t>(limit));
    if (!subject.empty()) query.bind(2, subject);
    std::vector<AuditRow> rows;
    while (query.step()) {
        AuditRow row;
        row.id = query.number(0);
        row.at = to_time(query.number(1));
        row.actor = query.text(2);
        row.action = query.text(3);
        row.subject = query.text(4);
        row.cluster = query.text(5);
        row.reason = query.text(6);
        row.from_revision = query.text(7);
        row.to_revision = query.text(8);
        row.result = query.text(9);
        row.message = query.text(10);
        row.process = read_process(query, 11);
        if (row.result == "running" && !io::is_alive(row.process)) row.result = "interrupted";
        rows.push_back(std::move(row));
    }
    std::ranges::reverse(rows);
    return rows;
}

std::optional<LockRow> StateDb::try_lock(const LockRow& row) {
    const auto guard = hold();
    std::optional<LockRow> holder;
    m_database.transaction([&] {
        holder = lock_holder(row.app);
        if (holder) return;
        auto insert = m_database.prepare("INSERT OR REPLACE INTO locks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        insert.bind(1, row.app).bind(2, row.action).bind(3, row.actor).bind(4, to_number(row.since));
        bind_process(insert, 5, row.process);
        insert.run();
    });
    return holder;
}

void StateDb::unlock(std::string_view app, const io::ProcessId& process) {
    const auto guard = hold();
    m_database.prepare("DELETE FROM locks WHERE app = ?1 AND pid = ?2 AND started = ?3 AND host = ?4")
        .bind(1, app)
        .bind(2, process.pid)
        .bind(3, process.started)
        .bind(4, process.host)
        .run();
}

std::optional<LockRow> StateDb::lock_holder(std::string_view app) const {
    const auto guard = hold();
    auto query =
        m_database.prepare("SELECT app, action, actor, since, host, boot, pid, started FROM locks WHERE app = ?1");
    query.bind(1, app);
    if (!query.step()) return std::nullopt;
    LockRow row{query.text(0), query.text(1), query.text(2), to_time(query.number(3)), read_process(query, 4)};
    if (!io::is_alive(row.process)) return std::nullopt;
    return row;
}

}  // namespace gitops::app
