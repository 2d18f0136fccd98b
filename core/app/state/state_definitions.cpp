// StateDb's documents of other kinds than Application, and its notes of what was told.
#include "core/app/state/state_db.hpp"
#include "core/app/state/state_rows.hpp"
#include "core/doc/json.hpp"

namespace gitops::app {

std::vector<doc::Value> StateDb::definitions(std::string_view kind) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT document FROM definitions WHERE kind = ?1 ORDER BY name");
    query.bind(1, kind);
    std::vector<doc::Value> found;
    while (query.step()) found.push_back(doc::read_json(query.text(0), "state.db"));
    return found;
}

std::optional<doc::Value> StateDb::definition(std::string_view kind, std::string_view name) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT document FROM definitions WHERE kind = ?1 AND name = ?2");
    query.bind(1, kind).bind(2, name);
    if (!query.step()) return std::nullopt;
    return doc::read_json(query.text(0), "state.db");
}

void StateDb::put_definition(std::string_view kind, std::string_view name, const doc::Value& document) {
    const auto guard = hold();
    m_database.prepare("INSERT OR REPLACE INTO definitions VALUES (?1, ?2, ?3)")
        .bind(1, kind)
        .bind(2, name)
        .bind(3, doc::write_json(document))
        .run();
}

bool StateDb::delete_definition(std::string_view kind, std::string_view name) {
    const auto guard = hold();
    auto statement = m_database.prepare("DELETE FROM definitions WHERE kind = ?1 AND name = ?2 RETURNING 1");
    statement.bind(1, kind).bind(2, name);
    return statement.step();
}

bool StateDb::begin_telling(std::string_view topic, std::string_view event, base::Time now, base::Duration patience) {
    const auto guard = hold();
    auto statement = m_database.prepare(
        "INSERT INTO told VALUES (?1, ?2, ?3, NULL) ON CONFLICT (topic, event) DO UPDATE SET began_at = ?3 "
        "WHERE told_at IS NULL AND began_at <= ?4 RETURNING 1");
    statement.bind(1, topic).bind(2, event).bind(3, to_number(now)).bind(4, to_number(now - patience));
    return statement.step();
}

void StateDb::end_telling(std::string_view topic, std::string_view event, base::Time now) {
    const auto guard = hold();
    auto statement = m_database.prepare("UPDATE told SET told_at = ?3 WHERE topic = ?1 AND event = ?2");
    statement.bind(1, topic).bind(2, event).bind(3, to_number(now)).run();
}

void StateDb::forget_telling(std::string_view topic, std::string_view event) {
    const auto guard = hold();
    m_database.prepare("DELETE FROM told WHERE topic = ?1 AND event = ?2").bind(1, topic).bind(2, event).run();
}

void StateDb::forget_tellings_of(std::string_view app) {
    const auto guard = hold();
    m_database.prepare("DELETE FROM told WHERE substr(topic, 1, length(?1) + 1) = ?1 || ' '").bind(1, app).run();
}

}  // namespace gitops::app
