#include "core/deliver/text_diff.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "core/deliver/line_match.hpp"

using namespace gitops;
using deliver::unified_diff;

namespace {

std::string diff(std::string_view from, std::string_view to) { return unified_diff(from, to, "a", "b"); }

std::string lines(int first, int last) {
    std::string text;
    for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
    return text;
}

std::size_t common_by_table(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
    std::vector<std::vector<std::size_t>> best(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < b.size(); ++j)
            best[i + 1][j + 1] = a[i] == b[j] ? best[i][j] + 1 : std::max(best[i][j + 1], best[i + 1][j]);
    return best[a.size()][b.size()];
}

}  // namespace

TEST_CASE("equal texts have no diff", "[text_diff]") {
    CHECK(diff("", "").empty());
    CHECK(diff("a\nb\n", "a\nb\n").empty());
}

TEST_CASE("a changed line stands between three lines of context", "[text_diff]") {
    CHECK(diff(lines(1, 9), lines(1, 4) + "five\n" + lines(6, 9)) ==
          "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("creation, deletion and a missing final newline", "[text_diff]") {
    CHECK(diff("", "x\n") == "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    CHECK(diff("x\ny\n", "") == "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n");
    CHECK(diff("x", "x\n") == "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
}

TEST_CASE("changes far apart make several hunks, near ones share one", "[text_diff]") {
    CHECK(diff(lines(1, 20), "0\n" + lines(1, 19)) ==
          "--- a\n+++ b\n@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -17,4 +18,3 @@\n 17\n 18\n 19\n-20\n");
    CHECK(diff(lines(1, 7), "0\n" + lines(2, 6) + "8\n") ==
          "--- a\n+++ b\n@@ -1,7 +1,7 @@\n-1\n+0\n 2\n 3\n 4\n 5\n 6\n-7\n+8\n");
}

TEST_CASE("as many lines as possible are kept", "[text_diff]") {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::string a, b;
        for (auto n = random() % 25; n > 0; --n) a += std::to_string(random() % 6) + "\n";
        for (auto n = random() % 25; n > 0; --n) b += std::to_string(random() % 6) + "\n";
        const auto from = deliver::split_lines(a), to = deliver::split_lines(b);
        const auto match = deliver::match_lines(from, to);
        std::vector<std::string_view> kept_from, kept_to;
        for (std::size_t i = 0; i < from.size(); ++i)
            if (match.kept_from[i]) kept_from.push_back(from[i]);
        for (std::size_t i = 0; i < to.size(); ++i)
            if (match.kept_to[i]) kept_to.push_back(to[i]);
        REQUIRE(kept_from == kept_to);
        REQUIRE(kept_from.size() == common_by_table(from, to));
    }
}

TEST_CASE("huge different texts end in time", "[text_diff]") {
    std::string a, b;
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        a += std::to_string(random() % 500) + "\n";
        b += std::to_string(random() % 500) + "\n";
    }
    const auto start = std::chrono::steady_clock::now();
    const auto text = diff(a, b);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    CHECK(text.starts_with("--- a\n+++ b\n@@ -1,20000 +1,20000 @@\n"));
}
