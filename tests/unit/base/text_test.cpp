#include "core/base/text.hpp"

#include <catch2/catch.hpp>

using namespace gitops::base;
using Views = std::vector<std::string_view>;
using Names = std::vector<std::string>;

TEST_CASE("trim takes blanks off both ends only") {
    CHECK(trim("  a b\t\r\n") == "a b");
    CHECK(trim(" \n\t ").empty());
    CHECK(trim("").empty());
}

TEST_CASE("split keeps empty parts") {
    CHECK(split("a,b,,c", ',') == Views{"a", "b", "", "c"});
    CHECK(split("", ',') == Views{""});
    CHECK(split(",", ',') == Views{"", ""});
}

TEST_CASE("join is the inverse of split") {
    CHECK(join({"a", "", "c"}, ", ") == "a, , c");
    CHECK(join({}, ",").empty());
}

TEST_CASE("count_of chooses the plural") {
    CHECK(count_of(1, "resource") == "1 resource");
    CHECK(count_of(0, "resource") == "0 resources");
    CHECK(count_of(3, "entry", "entries") == "3 entries");
    CHECK(count_of(1, "entry", "entries") == "1 entry");
}

TEST_CASE("is_hex") {
    CHECK(is_hex("00ffA9"));
    CHECK_FALSE(is_hex("00fg"));
    CHECK_FALSE(is_hex(""));
}

TEST_CASE("is_utf8 accepts shortest forms of Unicode characters and nothing else") {
    CHECK(is_utf8("caf\u00e9 \u20ac \U0001F680"));
    CHECK(is_utf8(""));
    CHECK(is_utf8("\xF4\x8F\xBF\xBF"));
    const char* const bad = GENERATE("\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                                     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFF", "\xC3(");
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("edit_distance counts changed characters and swapped neighbours, ignoring case") {
    CHECK(edit_distance("deployment", "deploymnet") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("Service", "service") == 0);
}

TEST_CASE("near_names gives typing mistakes, nearest first, at most three") {
    CHECK(near_names("stagin", {"prod", "staging", "staring"}) == Names{"staging", "staring"});
    CHECK(near_names("aaaa", {"aaab", "aaba", "abaa", "baaa"}).size() == 3);
    CHECK(near_names("snyc", {"sync", "get"}) == Names{"sync"});
    CHECK(near_names("x", {"yyy"}).empty());
    CHECK(near_names("", {"a"}).empty());
    CHECK(near_names("web", {"web", "web"}) == Names{"web"});
    CHECK(near_names(std::string(5000, 'a'), {std::string(5000, 'a')}).empty());
}
