#include "cli/output/columns.hpp"

#include <catch2/catch.hpp>

using namespace gitops::cli;

TEST_CASE("the columns a text takes") {
    CHECK(columns_of_text("web-1") == 5);
    CHECK(columns_of_text("M\u00fcller") == 6);
    CHECK(columns_of_text("e\u0301") == 1);
    CHECK(columns_of_text("\u6771\u4eac") == 4);
    CHECK(columns_of_text("\U0001F680!") == 3);
    CHECK(columns_of_text("\xFF\xFE") == 2);
    CHECK(columns_of_text("\xE2\x82") == 2);
    CHECK(columns_of_text("") == 0);
}

TEST_CASE("text from outside cannot move the cursor") {
    CHECK(one_line("a\nb\tc") == "a b c");
    CHECK(one_line("\x1b[2Jgone\x07") == "?[2Jgone?");
    CHECK(one_line("\u009b31m\x7f") == "?31m?");
    CHECK(one_line("caf\u00e9") == "caf\u00e9");
    CHECK(one_line("\xFF") == "\xFF");
    CHECK(one_line("gpj\u202Eexe.\u2066") == "gpj?exe.?");
}

TEST_CASE("what is too long ends with dots") {
    CHECK(shortened("abcdef", 6) == "abcdef");
    CHECK(shortened("abcdefg", 6) == "abc...");
    CHECK(shortened("\u6771\u4eac\u90fd", 5) == "\u6771...");
    CHECK(shortened("\u6771\u4eac\u90fd", 4) == "...");
    CHECK(shortened("abc", 2) == "..");
    CHECK(shortened("abc", 0).empty());
}
