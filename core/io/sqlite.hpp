// A thin owner over SQLite: open, prepare, bind, step. Every SQLite error becomes a base::Error here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace gitops::io {

class Statement {
  public:
    Statement(Statement&&) noexcept = default;
    Statement& operator=(Statement&&) noexcept = default;

    Statement& bind(int index, std::string_view text);  ///< from 1, as SQLite counts
    Statement& bind(int index, std::int64_t number);
    Statement& bind_null(int index);
    /// Moves to the next row; false at the end.
    bool step();
    /// Steps to the end and resets, for statements without rows.
    void run();
    void reset();

    std::string text(int column) const;            ///< from 0, as SQLite counts
    std::string_view text_view(int column) const;  ///< valid until the next step
    std::int64_t number(int column) const;
    bool is_null(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : m_statement(statement) {}
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
};

/// One connection, for one thread at a time. WAL, synchronous=NORMAL, foreign keys on, busy timeout 10 s: a process
/// that is killed loses nothing that was committed, and two processes may share a file.
class Database {
  public:
    /// Opens or creates `path` (":memory:" for tests), with mode 0600. Error(unavailable) when it cannot be opened or
    /// written, or the disk is full; Error(invalid) with a hint when it is no database or is damaged.
    explicit Database(const std::string& path);

    Statement prepare(std::string_view sql) const;
    void run(std::string_view sql) const;  ///< one or more statements without rows
    std::int64_t last_row_id() const;
    int changes() const;

    /// Runs `body` in BEGIN IMMEDIATE ... COMMIT; rolls back when it throws. Not to be nested.
    void transaction(const std::function<void()>& body) const;

    /// Brings the schema to `version` by running migrations[i] for every i >= PRAGMA user_version, each in one
    /// transaction. Error(invalid) when the file was written by a newer gitopsctl.
    void migrate(const std::vector<std::string_view>& migrations) const;

  private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    std::string m_path;
    std::unique_ptr<sqlite3, Close> m_handle;
};

}  // namespace gitops::io
