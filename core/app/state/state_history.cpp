// StateDb's history of deployments, and which version of a cluster's record it has seen.
#include "core/app/state/state_db.hpp"
#include "core/app/state/state_rows.hpp"

namespace gitops::app {

void StateDb::insert_history(const HistoryRow& row) {
    auto insert = m_database.prepare(
        "INSERT INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
    insert.bind(1, row.app).bind(2, row.id).bind(3, row.revision).bind(4, to_number(row.started_at));
    insert.bind(5, to_number(row.deployed_at)).bind(6, row.author).bind(7, row.message).bind(8, row.initiated_by);
    insert.bind(9, row.strategy).bind(10, row.revert_of).bind(11, std::int64_t{row.created});
    insert.bind(12, std::int64_t{row.updated}).bind(13, std::int64_t{row.pruned});
    insert.bind(14, std::int64_t{row.unchanged});
    insert.run();
}

std::int64_t StateDb::add_history(HistoryRow row, int limit) {
    const auto guard = hold();
    m_database.transaction([&] {
        auto next = m_database.prepare("SELECT coalesce(max(id) + 1, 0) FROM history WHERE app = ?1");
        next.bind(1, row.app).step();
        row.id = next.number(0);
        insert_history(row);
        auto trim = m_database.prepare("DELETE FROM history WHERE app = ?1 AND id <= ?2");
        trim.bind(1, row.app).bind(2, row.id - limit);
        trim.run();
    });
    return row.id;
}

std::vector<HistoryRow> StateDb::history(std::string_view app) const {
    const auto guard = hold();
    auto query = m_database.prepare(
        "SELECT id, revision, started_at, deployed_at, author, message, initiated_by, strategy, revert_of, created, "
        "updated, pruned, unchanged FROM history WHERE app = ?1 ORDER BY id");
    query.bind(1, app);
    std::vector<HistoryRow> rows;
    while (query.step()) {
        HistoryRow row;
        row.id = query.number(0);
        row.app = std::string(app);
        row.revision = query.text(1);
        row.started_at = to_time(query.number(2));
        row.deployed_at = to_time(query.number(3));
        row.author = query.text(4);
        row.message = query.text(5);
        row.initiated_by = query.text(6);
        row.strategy = query.text(7);
        row.revert_of = query.text(8);
        row.created = static_cast<int>(query.number(9));
        row.updated = static_cast<int>(query.number(10));
        row.pruned = static_cast<int>(query.number(11));
        row.unchanged = static_cast<int>(query.number(12));
        rows.push_back(std::move(row));
    }
    return rows;
}

void StateDb::put_history(std::string_view app, const std::vector<HistoryRow>& rows) {
    const auto guard = hold();
    m_database.transaction([&] {
        m_database.prepare("DELETE FROM history WHERE app = ?1").bind(1, app).run();
        for (HistoryRow row : rows) {
            row.app = app;
            insert_history(row);
        }
    });
}

std::string StateDb::record_version(std::string_view app, std::string_view cluster) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT version FROM records WHERE app = ?1 AND cluster = ?2");
    query.bind(1, app).bind(2, cluster);
    return query.step() ? query.text(0) : std::string();
}

void StateDb::put_record_version(std::string_view app, std::string_view cluster, std::string_view version) {
    const auto guard = hold();
    m_database.prepare("INSERT OR REPLACE INTO records VALUES (?1, ?2, ?3)").bind(1, app).bind(2, cluster).bind(3, version).run();
}

}  // namespace gitops::app
