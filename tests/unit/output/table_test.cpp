#include "cli/output/table.hpp"

#include <catch2/catch.hpp>

using namespace gitops::cli;

TEST_CASE("columns stand three blanks apart and nothing follows the last one") {
    Table table({"NAME", "SYNC", "MESSAGE"});
    table.add({"yield-prod", "Synced", ""});
    table.add({"M\u00fcller", "OutOfSync", "2 differ"});
    table.add({"short"});
    CHECK(table.text() ==
          "NAME         SYNC        MESSAGE\n"
          "yield-prod   Synced\n"
          "M\u00fcller       OutOfSync   2 differ\n"
          "short\n");
}

TEST_CASE("an empty cell in the middle keeps its column") {
    Table table({"A", "B", "C"});
    table.add({"1", "", "3"});
    CHECK(table.text() == "A   B   C\n1       3\n");
}

TEST_CASE("color does not shift columns") {
    Table table({"NAME", "HEALTH", "X"});
    table.add({"a", status_cell("Degraded"), "1"});
    table.add({"b", status_cell("Healthy"), "2"});
    CHECK(table.text(Paint::yes) ==
          "NAME   HEALTH     X\n"
          "a      \x1b[31mDegraded\x1b[0m   1\n"
          "b      \x1b[32mHealthy\x1b[0m    2\n");
}

TEST_CASE("a cell stays on its line") {
    Table table;
    table.add({"two\nlines", "\x1b[31mred"});
    CHECK(table.text() == "two lines   ?[31mred\n");
}

TEST_CASE("a table without rows shows its titles") {
    const Table table({"NAME", "AGE"});
    CHECK(table.empty());
    CHECK(table.text() == "NAME   AGE\n");
    CHECK(Table().text().empty());
}
