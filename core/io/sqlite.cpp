#include "core/io/sqlite.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "core/base/error.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

constexpr std::chrono::milliseconds k_busy_timeout{10'000};
constexpr int k_poll_ms = 10;

struct Meaning {
    int primary;  ///< SQLite's result code without the extension
    Code code;
    std::string_view says;  ///< follows "the database FILE "
    std::string_view hint;
};

constexpr std::string_view k_damaged_hint =
    "move the file away together with its -wal and -shm files, or restore it from a backup, and run the command again";
constexpr std::string_view k_writable_hint = "make sure that the folder exists and that you may write to it";

constexpr Meaning k_meanings[] = {
    {SQLITE_NOTADB, Code::invalid, "is not a SQLite database", k_damaged_hint},
    {SQLITE_CORRUPT, Code::invalid, "is damaged", k_damaged_hint},
    {SQLITE_FULL, Code::unavailable, "cannot grow: the disk is full", "free some space; nothing was changed"},
    {SQLITE_CANTOPEN, Code::unavailable, "cannot be opened", k_writable_hint},
    {SQLITE_READONLY, Code::unavailable, "cannot be written", k_writable_hint},
    {SQLITE_PERM, Code::unavailable, "cannot be opened", k_writable_hint},
    {SQLITE_IOERR, Code::unavailable, "cannot be read or written", "check the disk and its free space"},
    {SQLITE_BUSY, Code::unavailable, "is held by another process", "try again when it has finished"},
    {SQLITE_LOCKED, Code::unavailable, "is held by another connection", "try again when it has finished"},
    {SQLITE_NOMEM, Code::unavailable, "needs more memory than there is", ""},
    {SQLITE_TOOBIG, Code::invalid, "cannot hold a value of that size", ""},
    {SQLITE_CONSTRAINT, Code::conflict, "refused a row", ""},
};

std::string file_name(sqlite3* db) {
    const char* name = db ? sqlite3_db_filename(db, "main") : nullptr;
    return name && *name ? name : ":memory:";
}

[[noreturn]] void fail(int result, sqlite3* db, const std::string& file) {
    std::string detail = db ? sqlite3_errmsg(db) : sqlite3_errstr(result);
    for (const Meaning& meaning : k_meanings) {
        if (meaning.primary != (result & 0xff)) continue;
        Error error(meaning.code, fmt::format("the database {} {} ({})", file, meaning.says, detail));
        if (!meaning.hint.empty()) error.hint(meaning.hint);
        throw error;
    }
    throw Error(Code::internal, fmt::format("the database {} failed: {}", file, detail));
}

void check(int result, sqlite3* db) {
    if (result != SQLITE_OK) fail(result, db, file_name(db));
}

/// Creates an empty file that only its owner may read, when there is none. It is made under another name and
/// linked into place: closing a descriptor of the database itself would drop the locks of this process's other
/// connections to it. Failures are left to sqlite3_open_v2, which names them.
void create_private(const std::string& path) {
    if (access(path.c_str(), F_OK) == 0) return;
    std::string temporary = path + ".XXXXXX";
    int fd = mkstemp(temporary.data());
    if (fd < 0) return;
    close(fd);
    (void)!link(temporary.c_str(), path.c_str());
    unlink(temporary.c_str());
}

/// The switch to WAL does not always wait for the busy timeout when two processes make it at once.
void enter_wal(sqlite3* db, const std::string& path) {
    for (int waited = 0;; waited += k_poll_ms) {
        int result = sqlite3_exec(db, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
        if (result == SQLITE_OK) return;
        if ((result & 0xff) != SQLITE_BUSY || waited >= k_busy_timeout.count()) fail(result, db, path);
        sqlite3_sleep(k_poll_ms);
    }
}

std::int64_t user_version(const Database& database) {
    Statement query = database.prepare("PRAGMA user_version");
    return query.step() ? query.number(0) : 0;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::bind(int index, std::string_view text) {
    sqlite3_stmt* statement = m_statement.get();
    const char* bytes = text.data() ? text.data() : "";  // a null pointer would be bound as NULL
    check(sqlite3_bind_text64(statement, index, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
          sqlite3_db_handle(statement));
    return *this;
}

Statement& Statement::bind(int index, std::int64_t number) {
    check(sqlite3_bind_int64(m_statement.get(), index, number), sqlite3_db_handle(m_statement.get()));
    return *this;
}

Statement& Statement::bind_null(int index) {
    check(sqlite3_bind_null(m_statement.get(), index), sqlite3_db_handle(m_statement.get()));
    return *this;
}

bool Statement::step() {
    int result = sqlite3_step(m_statement.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    sqlite3* db = sqlite3_db_handle(m_statement.get());
    try {
        fail(result, db, file_name(db));
    } catch (...) {
        sqlite3_reset(m_statement.get());  // after the message was taken: a failed statement must not hold a lock
        throw;
    }
}

void Statement::run() {
    while (step()) {
    }
    reset();
}

void Statement::reset() { sqlite3_reset(m_statement.get()); }

std::string Statement::text(int column) const { return std::string(text_view(column)); }

std::string_view Statement::text_view(int column) const {
    const void* bytes = sqlite3_column_blob(m_statement.get(), column);
    int length = sqlite3_column_bytes(m_statement.get(), column);
    return bytes ? std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(length))
                 : std::string_view();
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(m_statement.get(), column); }

bool Statement::is_null(int column) const {
    return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Database::Database(const std::string& path) : m_path(path) {
    if (path != ":memory:") create_private(path);
    sqlite3* handle = nullptr;
    int result = sqlite3_open_v2(path.c_str(), &handle,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                 nullptr);
    m_handle.reset(handle);
    if (result != SQLITE_OK) fail(result, handle, path);
    check(sqlite3_busy_timeout(handle, static_cast<int>(k_busy_timeout.count())), handle);
    // The file may come from somebody else: its schema must not run functions with side effects.
    check(sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr), handle);
    check(sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr), handle);
    enter_wal(handle, path);
    run("PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON");
}

Statement Database::prepare(std::string_view sql) const {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(m_handle.get(), sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr),
          m_handle.get());
    return Statement(statement);
}

void Database::run(std::string_view sql) const {
    check(sqlite3_exec(m_handle.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr), m_handle.get());
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(m_handle.get()); }

int Database::changes() const { return sqlite3_changes(m_handle.get()); }

void Database::transaction(const std::function<void()>& body) const {
    run("BEGIN IMMEDIATE");
    try {
        body();
        run("COMMIT");
    } catch (...) {
        // SQLite has already rolled back by itself after some errors (a full disk, say).
        if (!sqlite3_get_autocommit(m_handle.get())) sqlite3_exec(m_handle.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
}

void Database::migrate(const std::vector<std::string_view>& migrations) const {
    auto target = static_cast<std::int64_t>(migrations.size());
    std::int64_t version = user_version(*this);
    if (version > target)
        throw Error(Code::invalid, fmt::format("the database {} was written by a newer gitopsctl (schema {}, this one knows {})",
                                               m_path, version, target))
            .hint("install the newer gitopsctl, or choose another home");
    for (; version < target; ++version) {
        transaction([&] {
            if (user_version(*this) != version) return;  // another process was quicker
            run(migrations[static_cast<std::size_t>(version)]);
            run(fmt::format("PRAGMA user_version={}", version + 1));
        });
    }
}

}  // namespace gitops::io
