// ObjectStore keeps the objects of one embedded cluster in a SQLite file: rows found by identity, by owner and by
// resourceVersion, and what a watcher has to be told.
//
// It knows nothing of what an object means. Every change takes the next number of one counter, which is the new
// row's resourceVersion; the same counter orders the change feed. Nothing is written outside transaction().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/io/sqlite.hpp"
#include "core/kube/cluster.hpp"
#include "core/kube/resource.hpp"

namespace gitops::embedded {

/// One stored object.
struct Row {
    std::int64_t id = 0;       ///< its first resourceVersion
    std::int64_t version = 0;  ///< metadata.resourceVersion as a number
    base::Time since{};        ///< when the present phase of its simulation began
    kube::ResourceKey key;
    doc::Value object;
};

/// What happened after a resourceVersion, newest state only: an object that changed twice is told once.
struct Changes {
    std::vector<kube::WatchEvent> events;
    std::int64_t next = 0;  ///< the version to go on from
};

struct StoredKind {
    kube::Gvk gvk;
    kube::Scope scope = kube::Scope::namespaced;
};

class ObjectStore {
  public:
    /// Opens or creates the file. Errors as io::Database.
    explicit ObjectStore(const std::string& path);

    /// All or nothing; inside another one, a part of it that can fail alone.
    void transaction(const std::function<void()>& body);

    std::optional<Row> find(const kube::ResourceKey& key);
    std::optional<Row> find(std::int64_t id);
    std::optional<Row> find_uid(std::string_view uid);
    /// The uid the next inserted object must have: it ends with the row's id, so that no index is needed to find it.
    std::string next_uid(const kube::ResourceKey& key);
    /// By namespace and name.
    std::vector<Row> list(std::string_view group, std::string_view kind, const std::optional<std::string>& ns);
    /// Every object of a namespace, by kind and name.
    std::vector<Row> list_namespace(std::string_view ns);
    /// Objects that name `uid` in their ownerReferences, oldest first.
    std::vector<Row> dependents(std::string_view uid);
    /// The same of one kind.
    std::vector<Row> dependents(std::string_view uid, std::string_view kind);

    /// Adds an object; metadata.resourceVersion is set. The key must be free.
    Row insert(const kube::ResourceKey& key, doc::Value object, base::Time since);
    /// Stores row.object and row.since under the next resourceVersion.
    void update(Row& row);
    void erase(const Row& row);

    /// The newest resourceVersion.
    std::int64_t version();
    /// What happened after `since`, at most `limit` events. Error(conflict) when `since` is no longer known.
    Changes changes_since(std::int64_t since, std::size_t limit);
    /// Every kind there is an object of, by group and kind.
    std::vector<StoredKind> stored_kinds();

    /// A named number that survives, 0 when never set.
    std::int64_t setting(std::string_view name);
    void set_setting(std::string_view name, std::int64_t number);

    io::Database& database() { return m_database; }
    /// The statement for `sql`, reset, prepared once; for the tables of the files around this one.
    io::Statement& prepared(std::string_view sql);

  private:
    struct Cached {
        std::int64_t version = 0;
        doc::Value object;
    };
    Row read_row(const io::Statement& statement);
    std::optional<Row> read_one(io::Statement& statement);
    std::vector<Row> read_all(io::Statement& statement);
    void remember(const Row& row, std::size_t bytes);
    void part_of_transaction(const std::function<void()>& body);
    void forget();
    /// Brings the owner table from the references `before` to those `after`.
    void link_owners(std::int64_t id, const doc::Value& before, const doc::Value& after);
    doc::Value stored_owners(std::int64_t id);
    std::int64_t take_version();
    void thin_tombstones();

    io::Database m_database;
    struct Statements;
    struct Close {
        void operator()(Statements* statements) const;
    };
    std::unique_ptr<Statements, Close> m_statements;
    std::map<std::string, io::Statement, std::less<>> m_prepared;
    std::unordered_map<std::int64_t, Cached> m_cache;
    std::size_t m_cached_bytes = 0;
    std::int64_t m_version = 0;
    bool m_inside = false;  ///< a transaction is open and m_version is its counter
};

}  // namespace gitops::embedded
