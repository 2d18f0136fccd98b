#include "core/app/state/state_db.hpp"

#include "core/app/state/state_rows.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/doc/json.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using base::Time;

constexpr std::string_view k_first_schema = R"sql(
CREATE TABLE applications (name TEXT PRIMARY KEY, document TEXT NOT NULL, updated_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE app_state (
  app TEXT PRIMARY KEY, phase TEXT NOT NULL, message TEXT NOT NULL, revision TEXT NOT NULL,
  started_at INTEGER, finished_at INTEGER, synced_revision TEXT NOT NULL, attempted_revision TEXT NOT NULL,
  pinned_revision TEXT NOT NULL,
  suspended INTEGER NOT NULL, suspended_until INTEGER, suspend_reason TEXT NOT NULL,
  heal_attempts INTEGER NOT NULL, healed_at INTEGER) WITHOUT ROWID;
CREATE TABLE inventory (
  app TEXT NOT NULL, cluster TEXT NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (app, cluster, grp, kind, ns, name)) WITHOUT ROWID;
CREATE TABLE history (
  app TEXT NOT NULL, id INTEGER NOT NULL, revision TEXT NOT NULL, started_at INTEGER NOT NULL,
  deployed_at INTEGER NOT NULL, author TEXT NOT NULL, message TEXT NOT NULL, initiated_by TEXT NOT NULL,
  strategy TEXT NOT NULL, revert_of TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
  pruned INTEGER NOT NULL, unchanged INTEGER NOT NULL, PRIMARY KEY (app, id)) WITHOUT ROWID;
CREATE TABLE clusters (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, kubeconfig TEXT NOT NULL, kube_context TEXT NOT NULL,
  is_current INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE repositories (
  url TEXT PRIMARY KEY, username TEXT NOT NULL, token_env TEXT NOT NULL, token_file TEXT NOT NULL,
  ssh_key_file TEXT NOT NULL, known_hosts_file TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  subject TEXT NOT NULL, cluster TEXT NOT NULL, reason TEXT NOT NULL, from_revision TEXT NOT NULL,
  to_revision TEXT NOT NULL, result TEXT NOT NULL, message TEXT NOT NULL,
  host TEXT NOT NULL, boot TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE TABLE locks (
  app TEXT PRIMARY KEY, action TEXT NOT NULL, actor TEXT NOT NULL, since INTEGER NOT NULL,
  host TEXT NOT NULL, boot TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO clusters VALUES ('local', 'embedded', '', '', 1);
)sql";

constexpr std::string_view k_real_clusters = R"sql(
ALTER TABLE clusters ADD COLUMN as_user TEXT NOT NULL DEFAULT '';
ALTER TABLE clusters ADD COLUMN as_groups TEXT NOT NULL DEFAULT '[]';
ALTER TABLE clusters ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE clusters ADD COLUMN record_namespace TEXT NOT NULL DEFAULT '';
ALTER TABLE clusters ADD COLUMN trusts_exec INTEGER NOT NULL DEFAULT 0;
UPDATE clusters SET kubeconfig = '[]';
)sql";

constexpr std::string_view k_records = R"sql(
CREATE TABLE records (app TEXT NOT NULL, cluster TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (app, cluster))
WITHOUT ROWID;
)sql";

constexpr std::string_view k_definitions = R"sql(
CREATE TABLE definitions (
  kind TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TABLE told (
  topic TEXT NOT NULL, event TEXT NOT NULL, began_at INTEGER NOT NULL, told_at INTEGER, PRIMARY KEY (topic, event)) WITHOUT ROWID;
)sql";

Application read_document(const std::string& json) {
    std::vector<std::string> warnings;
    return read_application(doc::read_json(json, "state.db"), "state.db", warnings);
}

Application read_row(const io::Statement& row) { return read_document(row.text(0)); }

/// Whether a sync of the one does what a sync of the other does. When to sync, how often to try and how much to remember
/// are no part of that: a failed revision is not tried again for them (argocd.md 2.6).
bool deploys_alike(const doc::Value& before, const doc::Value& after) {
    const auto spec_of = [](const doc::Value& document) {
        const doc::Value* spec = document.find("spec");
        doc::Value kept = spec == nullptr ? doc::Value() : *spec;
        if (!kept.is_map()) return kept;
        for (const auto* field : {"info", "revisionHistoryLimit"}) kept.erase(field);
        if (const auto* policy = kept.find("syncPolicy"); policy == nullptr || !policy->is_map()) return kept;
        for (const auto* field : {"automated", "retry"}) kept.at("syncPolicy").erase(field);
        if (kept.path("syncPolicy")->empty()) kept.erase("syncPolicy");
        return kept;
    };
    return spec_of(before) == spec_of(after);
}

/// Thousands of definitions are read side by side.
constexpr std::size_t k_worth_several_readers = 500;
constexpr int k_readers = 4;

}  // namespace

StateDb::StateDb(const std::string& path) : m_database(path) {
    m_database.migrate({k_first_schema, k_real_clusters, k_records, k_definitions});
}

void StateDb::put_application(const Application& application, Time now) {
    const auto guard = hold();
    m_database.transaction([&] {
        forget_attempt(application);
        // What was seen of another definition says nothing about this one.
        m_database
            .prepare("DELETE FROM definitions WHERE kind = 'LastSeen' AND name = ?1 AND NOT EXISTS "
                     "(SELECT 1 FROM applications WHERE name = ?1 AND document = ?2)")
            .bind(1, application.name)
            .bind(2, doc::write_json(application.document))
            .run();
        m_database
            .prepare("INSERT INTO applications VALUES (?1, ?2, ?3) "
                     "ON CONFLICT (name) DO UPDATE SET document = ?2, updated_at = ?3")
            .bind(1, application.name)
            .bind(2, doc::write_json(application.document))
            .bind(3, to_number(now))
            .run();
    });
}

/// What was tried for one definition says nothing about another that might have succeeded.
void StateDb::forget_attempt(const Application& application) {
    auto before = m_database.prepare("SELECT document FROM applications WHERE name = ?1");
    before.bind(1, application.name);
    if (before.step() && deploys_alike(doc::read_json(before.text(0), "state.db"), application.document)) return;
    m_database.prepare("UPDATE app_state SET attempted_revision = '' WHERE app = ?1").bind(1, application.name).run();
}

Application StateDb::application(std::string_view name) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT document FROM applications WHERE name = ?1");
    query.bind(1, name);
    if (query.step()) return read_row(query);
    Error error(Code::not_found, "there is no application \"" + std::string(name) + "\"");
    error.suggest(base::near_names(name, application_names()));
    error.hint("`gitopsctl app list` shows them; `gitopsctl app create` makes one");
    throw error;
}

bool StateDb::has_application(std::string_view name) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT 1 FROM applications WHERE name = ?1");
    query.bind(1, name);
    return query.step();
}

std::vector<Application> StateDb::applications() const {
    const auto guard = hold();
    std::vector<std::string> documents;
    auto query = m_database.prepare("SELECT document FROM applications ORDER BY name");
    while (query.step()) documents.push_back(query.text(0));
    const int readers = documents.size() < k_worth_several_readers ? 1 : k_readers;
    return base::parallel_map<Application>(documents, readers, read_document);
}

std::vector<std::string> StateDb::application_names() const {
    const auto guard = hold();
    std::vector<std::string> names;
    auto query = m_database.prepare("SELECT name FROM applications ORDER BY name");
    while (query.step()) names.push_back(query.text(0));
    return names;
}

void StateDb::delete_application(std::string_view name) {
    const auto guard = hold();
    m_database.transaction([&] {
        m_database.prepare("DELETE FROM applications WHERE name = ?1").bind(1, name).run();
        m_database.prepare("DELETE FROM definitions WHERE kind = 'LastSeen' AND name = ?1").bind(1, name).run();
        for (const std::string_view table : {"app_state", "inventory", "history", "records"}) {
            auto statement = m_database.prepare("DELETE FROM " + std::string(table) +
                                                " WHERE app = ?1 OR substr(app, 1, length(?1) + 1) = ?1 || '@'");
            statement.bind(1, name);
            statement.run();
        }
    });
}

AppState StateDb::state(std::string_view app) const {
    const auto guard = hold();
    auto query = m_database.prepare(
        "SELECT phase, message, revision, started_at, finished_at, synced_revision, pinned_revision, suspended, "
        "suspended_until, suspend_reason, heal_attempts, healed_at, attempted_revision FROM app_state WHERE app = ?1");
    query.bind(1, app);
    AppState state;
    if (!query.step()) return state;
    state.phase = query.text(0);
    state.message = query.text(1);
    state.revision = query.text(2);
    state.started_at = optional_time(query, 3);
    state.finished_at = optional_time(query, 4);
    state.synced_revision = query.text(5);
    state.pinned_revision = query.text(6);
    state.suspended = query.number(7) != 0;
    state.suspended_until = optional_time(query, 8);
    state.suspend_reason = query.text(9);
    state.heal_attempts = static_cast<int>(query.number(10));
    state.healed_at = optional_time(query, 11);
    state.attempted_revision = query.text(12);
    return state;
}

void StateDb::put_state(std::string_view app, const AppState& state) {
    const auto guard = hold();
    auto statement = m_database.prepare(
        "INSERT OR REPLACE INTO app_state (app, phase, message, revision, started_at, finished_at, synced_revision, "
        "pinned_revision, suspended, suspended_until, suspend_reason, heal_attempts, healed_at, attempted_revision) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
    statement.bind(1, app).bind(2, state.phase).bind(3, state.message).bind(4, state.revision);
    bind_time(statement, 5, state.started_at);
    bind_time(statement, 6, state.finished_at);
    statement.bind(7, state.synced_revision).bind(8, state.pinned_revision).bind(9, std::int64_t{state.suspended});
    bind_time(statement, 10, state.suspended_until);
    statement.bind(11, state.suspend_reason).bind(12, std::int64_t{state.heal_attempts});
    bind_time(statement, 13, state.healed_at);
    statement.bind(14, state.attempted_revision);
    statement.run();
    // Nor does what was seen before an operation, or before it was suspended.
    m_database.prepare("DELETE FROM definitions WHERE kind = 'LastSeen' AND name = ?1").bind(1, app).run();
}

void StateDb::update_state(std::string_view app, const std::function<void(AppState&)>& change) {
    const auto guard = hold();
    m_database.transaction([&] {
        AppState current = state(app);
        change(current);
        put_state(app, current);
    });
}

std::vector<std::string> StateDb::inventory_clusters(std::string_view app) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT DISTINCT cluster FROM inventory WHERE app = ?1 ORDER BY cluster");
    query.bind(1, app);
    std::vector<std::string> names;
    while (query.step()) names.push_back(query.text(0));
    return names;
}

std::vector<std::pair<std::string, std::string>> StateDb::instances(std::string_view name) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT DISTINCT app, cluster FROM inventory WHERE app = ?1 OR "
                                    "substr(app, 1, length(?1) + 1) = ?1 || '@' ORDER BY app, cluster");
    query.bind(1, name);
    std::vector<std::pair<std::string, std::string>> found;
    while (query.step()) found.emplace_back(query.text(0), query.text(1));
    return found;
}

std::vector<kube::ResourceKey> StateDb::inventory(std::string_view app, std::string_view cluster) const {
    const auto guard = hold();
    auto query = m_database.prepare("SELECT grp, kind, ns, name FROM inventory WHERE app = ?1 AND cluster = ?2");
    query.bind(1, app).bind(2, cluster);
    std::vector<kube::ResourceKey> keys;
    while (query.step()) keys.push_back({query.text(0), query.text(1), query.text(2), query.text(3)});
    return keys;
}

void StateDb::put_inventory(std::string_view app, std::string_view cluster,
                            const std::vector<kube::ResourceKey>& keys) {
    const auto guard = hold();
    m_database.transaction([&] {
        auto clear = m_database.prepare("DELETE FROM inventory WHERE app = ?1 AND cluster = ?2");
        clear.bind(1, app).bind(2, cluster);
        clear.run();
        auto insert = m_database.prepare("INSERT OR IGNORE INTO inventory VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        for (const auto& key : keys) {
            insert.bind(1, app).bind(2, cluster).bind(3, key.group).bind(4, key.kind).bind(5, key.ns).bind(6, key.name);
            insert.run();
        }
    });
}

}  // namespace gitops::app
