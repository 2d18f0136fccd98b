#include "core/io/sqlite.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using base::Code;
using io::Database;
using io::Statement;
using test::TempDir;
using test::thrown;

namespace {

const std::vector<std::string_view> k_schema = {
    "CREATE TABLE apps(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, note TEXT)"};

std::vector<std::string> names(const Database& database) {
    std::vector<std::string> found;
    Statement query = database.prepare("SELECT name FROM apps ORDER BY id");
    while (query.step()) found.push_back(query.text(0));
    return found;
}

void insert(const Database& database, std::string_view name) {
    database.prepare("INSERT INTO apps(name) VALUES(?)").bind(1, name).run();
}

/// Runs `body` in a child process that kills itself with SIGKILL afterwards.
template <class Body>
void in_killed_process(const Body& body) {
    pid_t child = fork();
    if (child == 0) {
        body();
        raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("values come back as they were bound") {
    Database database(":memory:");
    database.migrate(k_schema);
    Statement add = database.prepare("INSERT INTO apps(id, name, note) VALUES(?, ?, ?)");
    add.bind(1, std::int64_t{1} << 40).bind(2, std::string_view("a\0b'\xff", 5)).bind_null(3).run();
    add.bind(1, 7).bind(2, std::string_view{}).bind(3, "").run();
    CHECK(database.last_row_id() == 7);
    CHECK(database.changes() == 1);

    Statement query = database.prepare("SELECT id, name, note FROM apps ORDER BY id DESC");
    REQUIRE(query.step());
    CHECK(query.number(0) == std::int64_t{1} << 40);
    CHECK(query.text(1) == std::string("a\0b'\xff", 5));
    CHECK(query.is_null(2));
    REQUIRE(query.step());
    CHECK(query.text_view(1).empty());
    CHECK_FALSE(query.is_null(1));
    CHECK_FALSE(query.is_null(2));
    CHECK_FALSE(query.step());
}

TEST_CASE("a transaction that throws leaves nothing behind, and the next one works") {
    Database database(":memory:");
    database.migrate(k_schema);
    CHECK_THROWS_WITH(database.transaction([&] {
        insert(database, "lost");
        throw std::runtime_error("stop");
    }),
                      "stop");
    database.transaction([&] { insert(database, "kept"); });
    CHECK(names(database) == std::vector<std::string>{"kept"});
}

TEST_CASE("a broken constraint is a conflict") {
    Database database(":memory:");
    database.migrate(k_schema);
    insert(database, "a");
    base::Error error = thrown([&] { insert(database, "a"); });
    CHECK(error.code() == Code::conflict);
    CHECK(error.message() == "the database :memory: refused a row (UNIQUE constraint failed: apps.name)");
}

TEST_CASE("a process killed inside a transaction loses only that transaction") {
    TempDir dir;
    std::string path = dir / "state.db";
    in_killed_process([&] {
        Database database(path);
        database.migrate(k_schema);
        insert(database, "committed");
        database.run("BEGIN IMMEDIATE");
        insert(database, "unfinished");
        std::_Exit(raise(SIGKILL));
    });
    Database database(path);
    CHECK(names(database) == std::vector<std::string>{"committed"});
    insert(database, "after");
    CHECK(names(database) == std::vector<std::string>{"committed", "after"});
}

TEST_CASE("a process killed inside a migration leaves the old schema") {
    TempDir dir;
    std::string path = dir / "state.db";
    in_killed_process([&] {
        Database database(path);
        database.migrate(k_schema);
        database.transaction([&] {
            database.run("ALTER TABLE apps ADD COLUMN half TEXT; PRAGMA user_version=2");
            raise(SIGKILL);
        });
    });
    Database database(path);
    std::vector<std::string_view> newer = k_schema;
    newer.push_back("ALTER TABLE apps ADD COLUMN half TEXT");
    database.migrate(newer);
    database.run("INSERT INTO apps(name, half) VALUES('a', 'b')");
    CHECK(names(database) == std::vector<std::string>{"a"});
}

TEST_CASE("a failing migration changes nothing") {
    Database database(":memory:");
    std::vector<std::string_view> broken = {k_schema[0], "CREATE TABLE extra(a); INSERT INTO missing VALUES(1)"};
    CHECK_THROWS_AS(database.migrate(broken), base::Error);
    broken[1] = "CREATE TABLE extra(a)";
    database.migrate(broken);
    database.run("INSERT INTO extra VALUES(1)");
}

TEST_CASE("threads that create, migrate and fill one file at once lose nothing") {
    TempDir dir;
    std::string path = dir / "state.db";
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            Database database(path);
            database.migrate(k_schema);
            for (int i = 0; i < 25; ++i)
                database.transaction([&] { insert(database, std::to_string(t) + "." + std::to_string(i)); });
        });
    threads.clear();
    CHECK(names(Database(path)).size() == 100);
}

TEST_CASE("a new file is for its owner only") {
    TempDir dir;
    std::string path = dir / "state.db";
    Database database(path);
    database.migrate(k_schema);
    struct stat info {};
    REQUIRE(stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    REQUIRE(stat((path + "-wal").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path())) ++files;
    CHECK(files == 3);  // the database, -wal and -shm: nothing temporary stays
}

TEST_CASE("a file that is no database is refused and not touched") {
    TempDir dir;
    std::string text(4096, 'x');
    std::string path = dir.write("state.db", text);
    base::Error error = thrown([&] { Database database(path); });
    CHECK(error.code() == Code::invalid);
    CHECK(error.message() == "the database " + path + " is not a SQLite database (file is not a database)");
    CHECK(error.hint_text() ==
          "move the file away together with its -wal and -shm files, or restore it from a backup, and run the command "
          "again");
    CHECK(dir.read("state.db") == text);
}

TEST_CASE("a damaged page is reported as damage") {
    TempDir dir;
    std::string path = dir / "state.db";
    {
        Database database(path);
        database.migrate(k_schema);
        database.transaction([&] {
            for (int i = 0; i < 2000; ++i) insert(database, "application-" + std::to_string(i));
        });
    }
    std::string bytes = dir.read("state.db");
    REQUIRE(bytes.size() > 8192);
    std::fill(bytes.begin() + 4096, bytes.end(), '\x5a');
    dir.write("state.db", bytes);
    base::Error error = thrown([&] { names(Database(path)); });
    CHECK(error.code() == Code::invalid);
    CHECK(error.message() == "the database " + path + " is damaged (database disk image is malformed)");
}

TEST_CASE("a file of a newer schema is refused") {
    TempDir dir;
    std::string path = dir / "state.db";
    Database(path).migrate({"CREATE TABLE a(x)", "CREATE TABLE b(x)"});
    base::Error error = thrown([&] { Database(path).migrate({"CREATE TABLE a(x)"}); });
    CHECK(error.code() == Code::invalid);
    CHECK(error.message() ==
          "the database " + path + " was written by a newer gitopsctl (schema 2, this one knows 1)");
}

TEST_CASE("a file that cannot be made is unavailable") {
    TempDir dir;
    std::string path = dir / "missing/state.db";
    base::Error error = thrown([&] { Database database(path); });
    CHECK(error.code() == Code::unavailable);
    CHECK(error.message() == "the database " + path + " cannot be opened (unable to open database file)");
}

TEST_CASE("a read-only folder is unavailable") {
    if (geteuid() == 0) return;  // nothing is read-only for root
    TempDir dir;
    chmod(dir.path().c_str(), 0500);
    base::Error error = thrown([&] { Database database(dir / "state.db"); });
    chmod(dir.path().c_str(), 0700);
    CHECK(error.code() == Code::unavailable);
}

TEST_CASE("a full file says so and keeps what was committed") {
    Database database(":memory:");
    database.migrate(k_schema);
    insert(database, "kept");
    database.run("PRAGMA max_page_count=8");
    base::Error error = thrown([&] { database.transaction([&] { insert(database, std::string(100'000, 'x')); }); });
    CHECK(error.code() == Code::unavailable);
    CHECK(error.message() == "the database :memory: cannot grow: the disk is full (database or disk is full)");
    CHECK(names(database) == std::vector<std::string>{"kept"});
}
