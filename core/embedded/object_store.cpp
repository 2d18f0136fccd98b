#include "core/embedded/object_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/embedded/documents.hpp"
#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/doc/number.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

/// Deleted objects that are kept for watchers; older ones answer "too old".
constexpr std::int64_t k_tombstones = 4096;
/// About one deletion in 64 thins the tombstones out. The version is scattered first: deletions often take turns with
/// other writes, and then every second version would never come up.
bool is_thinning_turn(std::int64_t version) {
    return (static_cast<std::uint64_t>(version) * 0x9E3779B97F4A7C15ULL) >> 58 == 0;
}

/// Parsed objects are remembered up to this much JSON text.
constexpr std::size_t k_cache_bytes = 32UL << 20;

const std::vector<std::string_view> k_migrations = {R"sql(
CREATE TABLE objects (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, grp TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL,
    version INTEGER NOT NULL, since INTEGER NOT NULL, body TEXT NOT NULL,
    UNIQUE (kind, grp, ns, name));
CREATE INDEX objects_by_version ON objects (version);
CREATE TABLE owners (owner TEXT NOT NULL, child INTEGER NOT NULL, PRIMARY KEY (owner, child)) WITHOUT ROWID;
CREATE TABLE tombstones (version INTEGER PRIMARY KEY, born INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE timers (
    due INTEGER NOT NULL, rank INTEGER NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (due, rank, object)) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, uid TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
    component TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, times INTEGER NOT NULL,
    api_version TEXT NOT NULL, kind TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL);
CREATE INDEX events_by_uid ON events (uid, reason);
CREATE TABLE faults (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, image TEXT NOT NULL, delay INTEGER NOT NULL);
CREATE TABLE addresses (address TEXT PRIMARY KEY, uid TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
)sql"};

constexpr std::string_view k_forgotten = "forgotten";  ///< newest version whose tombstone is gone

/// The columns read_row() expects, followed by `rest`.
std::string rows(std::string_view rest) {
    return "SELECT o.id, o.version, o.since, o.grp, o.kind, o.ns, o.name, o.body FROM objects o " + std::string(rest);
}

/// Resets a statement when its reader is done, however it leaves.
class Reading {
  public:
    explicit Reading(io::Statement& statement) : m_statement(statement) {}
    ~Reading() { m_statement.reset(); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

  private:
    io::Statement& m_statement;
};

std::int64_t millis(base::Time time) { return time.time_since_epoch().count(); }

Value owners_of(const Value& object) {
    const Value* owners = object.path("metadata", "ownerReferences");
    return owners == nullptr ? Value() : *owners;
}

io::Database open_database(const std::string& path) {
    io::Database database(path);
    database.migrate(k_migrations);
    database.run("PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000");
    return database;
}

}  // namespace

struct ObjectStore::Statements {
    explicit Statements(const io::Database& db) : m_db(db) {}
    const io::Database& m_db;

    io::Statement by_key = m_db.prepare(rows("WHERE kind=?1 AND grp=?2 AND ns=?3 AND name=?4"));
    io::Statement by_id = m_db.prepare(rows("WHERE id=?1"));
    io::Statement by_kind = m_db.prepare(rows("WHERE kind=?1 AND grp=?2 ORDER BY ns, name"));
    io::Statement by_kind_ns = m_db.prepare(rows("WHERE kind=?1 AND grp=?2 AND ns=?3 ORDER BY name"));
    io::Statement by_ns = m_db.prepare(rows("WHERE id IN (SELECT id FROM objects WHERE ns=?1 AND ns<>'') ORDER BY kind, name"));
    io::Statement by_owner = m_db.prepare(rows("JOIN owners w ON w.child=o.id WHERE w.owner=?1 ORDER BY o.id"));
    io::Statement by_owner_kind =
        m_db.prepare(rows("JOIN owners w ON w.child=o.id WHERE w.owner=?1 AND o.kind=?2 ORDER BY o.id"));
    io::Statement changed = m_db.prepare(
        "SELECT o.id, o.version, o.since, o.grp, o.kind, o.ns, o.name, o.body FROM objects o "
        "WHERE version>?1 AND version<=?2 ORDER BY version LIMIT ?3");
    io::Statement buried =
        m_db.prepare(
        "SELECT version, body FROM tombstones WHERE version>?1 AND version<=?2 AND born<=?1 ORDER BY version LIMIT ?3");
    io::Statement insert = m_db.prepare(
        "INSERT INTO objects (id, kind, grp, ns, name, version, since, body) VALUES (?5, ?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    io::Statement update = m_db.prepare("UPDATE objects SET version=?2, since=?3, body=?4 WHERE id=?1");
    io::Statement bury = m_db.prepare("INSERT INTO tombstones (version, born, body) VALUES (?1, ?2, ?3)");
    io::Statement newest = m_db.prepare(
        "SELECT max((SELECT ifnull(max(version), 0) FROM objects), (SELECT ifnull(max(version), 0) FROM tombstones))");
    io::Statement erase = m_db.prepare("DELETE FROM objects WHERE id=?1");
    io::Statement link = m_db.prepare("INSERT OR IGNORE INTO owners (owner, child) VALUES (?1, ?2)");
    io::Statement unlink = m_db.prepare("DELETE FROM owners WHERE owner=?1 AND child=?2");
    io::Statement thin_mark = m_db.prepare("SELECT version FROM tombstones ORDER BY version DESC LIMIT 1 OFFSET ?1");
    io::Statement thin = m_db.prepare("DELETE FROM tombstones WHERE version<=?1");
    io::Statement get_setting = m_db.prepare("SELECT number FROM settings WHERE name=?1");
    io::Statement put_setting = m_db.prepare("INSERT OR REPLACE INTO settings (name, number) VALUES (?1, ?2)");
};

void ObjectStore::Close::operator()(Statements* statements) const { delete statements; }

ObjectStore::ObjectStore(const std::string& path)
    : m_database(open_database(path)), m_statements(new Statements(m_database)) {}

void ObjectStore::transaction(const std::function<void()>& body) {
    if (m_inside) return part_of_transaction(body);
    prepared("BEGIN IMMEDIATE").run();
    try {
        m_version = version();
        m_inside = true;
        body();
        m_inside = false;
        prepared("COMMIT").run();
    } catch (...) {
        m_inside = false;
        forget();
        try {
            prepared("ROLLBACK").run();
        } catch (const base::Error&) {
            // SQLite has rolled back by itself after some errors (a full disk, say): the first error is the one to tell.
        }
        throw;
    }
}

void ObjectStore::part_of_transaction(const std::function<void()>& body) {
    std::int64_t before = m_version;
    prepared("SAVEPOINT part").run();
    try {
        body();
        prepared("RELEASE part").run();
    } catch (...) {
        m_version = before;
        forget();
        prepared("ROLLBACK TO part").run();
        prepared("RELEASE part").run();
        throw;
    }
}

io::Statement& ObjectStore::prepared(std::string_view sql) {
    auto known = m_prepared.find(sql);
    if (known == m_prepared.end()) known = m_prepared.emplace(std::string(sql), m_database.prepare(sql)).first;
    known->second.reset();
    return known->second;
}

void ObjectStore::forget() {
    m_cache.clear();
    m_cached_bytes = 0;
}

Row ObjectStore::read_row(const io::Statement& statement) {
    Row row;
    row.id = statement.number(0);
    row.version = statement.number(1);
    row.since = base::Time(base::Duration(statement.number(2)));
    row.key = {statement.text(3), statement.text(4), statement.text(5), statement.text(6)};
    if (auto known = m_cache.find(row.id); known != m_cache.end() && known->second.version == row.version) {
        row.object = known->second.object;
        return row;
    }
    std::string_view body = statement.text_view(7);
    try {
        row.object = doc::read_json(body);
    } catch (base::Error& error) {
        throw error.note("while reading " + row.key.text() + " from the embedded cluster's database");
    }
    remember(row, body.size());
    return row;
}

std::optional<Row> ObjectStore::read_one(io::Statement& statement) {
    Reading reading(statement);
    if (!statement.step()) return std::nullopt;
    return read_row(statement);
}

std::vector<Row> ObjectStore::read_all(io::Statement& statement) {
    Reading reading(statement);
    std::vector<Row> rows;
    while (statement.step()) rows.push_back(read_row(statement));
    return rows;
}

void ObjectStore::remember(const Row& row, std::size_t bytes) {
    if (m_cached_bytes + bytes > k_cache_bytes) forget();
    m_cached_bytes += bytes;
    m_cache[row.id] = {row.version, row.object};
}

std::optional<Row> ObjectStore::find(const kube::ResourceKey& key) {
    auto& query = m_statements->by_key;
    return read_one(query.bind(1, key.kind).bind(2, key.group).bind(3, key.ns).bind(4, key.name));
}

std::optional<Row> ObjectStore::find(std::int64_t id) { return read_one(m_statements->by_id.bind(1, id)); }

std::optional<Row> ObjectStore::find_uid(std::string_view uid) {
    auto id = uid.size() == 36 ? doc::parse_int("0x" + std::string(uid.substr(24))) : std::nullopt;
    auto row = id ? find(*id) : std::nullopt;
    return row && kube::uid_of(row->object) == uid ? std::move(row) : std::nullopt;
}

std::string ObjectStore::next_uid(const kube::ResourceKey& key) {
    std::int64_t id = version() + 1;
    std::string uid = uuid_of(std::to_string(id) + " " + key.text());
    return uid.substr(0, 24) + fmt::format("{:012x}", id);
}

std::vector<Row> ObjectStore::list(std::string_view group, std::string_view kind, const std::optional<std::string>& ns) {
    auto& query = ns ? m_statements->by_kind_ns : m_statements->by_kind;
    query.bind(1, kind).bind(2, group);
    if (ns) query.bind(3, *ns);
    return read_all(query);
}

std::vector<Row> ObjectStore::list_namespace(std::string_view ns) { return read_all(m_statements->by_ns.bind(1, ns)); }

std::vector<Row> ObjectStore::dependents(std::string_view uid) { return read_all(m_statements->by_owner.bind(1, uid)); }

std::vector<Row> ObjectStore::dependents(std::string_view uid, std::string_view kind) {
    return read_all(m_statements->by_owner_kind.bind(1, uid).bind(2, kind));
}

std::int64_t ObjectStore::take_version() {
    if (!m_inside) throw base::Error(base::Code::internal, "the object store was changed outside a transaction");
    return ++m_version;
}

void ObjectStore::link_owners(std::int64_t id, const Value& before, const Value& after) {
    if (before == after) return;
    for (const Value& owner : before.items()) m_statements->unlink.bind(1, owner.text_at("uid")).bind(2, id).run();
    for (const Value& owner : after.items()) m_statements->link.bind(1, owner.text_at("uid")).bind(2, id).run();
}

Row ObjectStore::insert(const kube::ResourceKey& key, Value object, base::Time since) {
    std::int64_t version = take_version();
    Row row{version, version, since, key, std::move(object)};
    row.object.at("metadata").set("resourceVersion", std::to_string(row.version));
    std::string body = doc::write_json(row.object);
    auto& insert = m_statements->insert;
    insert.bind(1, key.kind).bind(2, key.group).bind(3, key.ns).bind(4, key.name).bind(5, row.version);
    insert.bind(6, millis(since)).bind(7, body).run();
    link_owners(row.id, Value(), owners_of(row.object));
    remember(row, body.size());
    return row;
}

void ObjectStore::update(Row& row) {
    auto cached = m_cache.find(row.id);
    Value before = cached != m_cache.end() ? owners_of(cached->second.object) : stored_owners(row.id);
    row.version = take_version();
    row.object.at("metadata").set("resourceVersion", std::to_string(row.version));
    std::string body = doc::write_json(row.object);
    m_statements->update.bind(1, row.id).bind(2, row.version).bind(3, millis(row.since)).bind(4, body).run();
    link_owners(row.id, before, owners_of(row.object));
    remember(row, body.size());
}

Value ObjectStore::stored_owners(std::int64_t id) {
    auto row = find(id);
    return row ? owners_of(row->object) : Value();
}

void ObjectStore::erase(const Row& row) {
    link_owners(row.id, stored_owners(row.id), Value());
    std::int64_t version = take_version();
    Value last = row.object;
    last.at("metadata").set("resourceVersion", std::to_string(version));
    m_statements->bury.bind(1, version).bind(2, row.id).bind(3, doc::write_json(last)).run();
    m_statements->erase.bind(1, row.id).run();
    m_cache.erase(row.id);
    if (is_thinning_turn(version)) thin_tombstones();
}

void ObjectStore::thin_tombstones() {
    auto& mark = m_statements->thin_mark.bind(1, k_tombstones);
    std::int64_t forgotten = mark.step() ? mark.number(0) : 0;
    mark.reset();
    if (forgotten == 0) return;
    set_setting(k_forgotten, forgotten);
    m_statements->thin.bind(1, forgotten).run();
}

std::int64_t ObjectStore::version() {
    if (m_inside) return m_version;
    Reading reading(m_statements->newest);
    return m_statements->newest.step() ? m_statements->newest.number(0) : 0;
}

Changes ObjectStore::changes_since(std::int64_t since, std::size_t limit) {
    // Another process may write between the questions below: only what it wrote before this moment is told.
    std::int64_t newest = version();
    if (since < setting(k_forgotten) || since > newest)
        throw base::Error(base::Code::conflict, "resourceVersion " + std::to_string(since) + " is too old to watch from")
            .hint("list the objects again and watch from there");
    std::vector<std::pair<std::int64_t, kube::WatchEvent>> found;
    {
        auto& changed = m_statements->changed.bind(1, since).bind(2, newest).bind(3, static_cast<std::int64_t>(limit));
        Reading reading(changed);
        while (changed.step()) {
            auto type = changed.number(0) > since ? kube::WatchType::added : kube::WatchType::modified;
            found.emplace_back(changed.number(1), kube::WatchEvent{type, read_row(changed).object});
        }
    }
    {
        auto& buried = m_statements->buried.bind(1, since).bind(2, newest).bind(3, static_cast<std::int64_t>(limit));
        Reading reading(buried);
        while (buried.step())
            found.emplace_back(buried.number(0),
                               kube::WatchEvent{kube::WatchType::deleted, doc::read_json(buried.text_view(1))});
    }
    std::ranges::sort(found, {}, [](const auto& one) { return one.first; });
    if (found.size() > limit) found.resize(limit);
    Changes changes;
    changes.next = found.size() == limit ? found.back().first : newest;
    for (auto& [number, event] : found) changes.events.push_back(std::move(event));
    return changes;
}

std::vector<StoredKind> ObjectStore::stored_kinds() {
    auto query = m_database.prepare(
        "SELECT f.named, o.body FROM objects o JOIN (SELECT min(id) AS first, max(ns<>'') AS named FROM objects "
        "GROUP BY kind, grp) f ON f.first = o.id ORDER BY o.grp, o.kind");
    std::vector<StoredKind> kinds;
    while (query.step())
        kinds.push_back({kube::gvk_of(doc::read_json(query.text_view(1))),
                         query.number(0) != 0 ? kube::Scope::namespaced : kube::Scope::cluster});
    return kinds;
}

std::int64_t ObjectStore::setting(std::string_view name) {
    auto& query = m_statements->get_setting.bind(1, name);
    Reading reading(query);
    return query.step() ? query.number(0) : 0;
}

void ObjectStore::set_setting(std::string_view name, std::int64_t number) {
    m_statements->put_setting.bind(1, name).bind(2, number).run();
}

}  // namespace gitops::embedded
