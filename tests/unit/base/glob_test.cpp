#include "core/base/glob.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace gitops::base;

namespace {

struct Case {
    std::string pattern, text;
    bool expected;
};

std::string repeated(const std::string& text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
}

}  // namespace

TEST_CASE("globs over paths") {
    const auto c = GENERATE(values<Case>({
        {"a.yaml", "a.yaml", true},
        {"*.yaml", "a.yaml", true},
        {"*.yaml", "dir/a.yaml", false},
        {"*", "", true},
        {"dir/*", "dir/a", true},
        {"dir/*", "dir/a/b", false},
        {"**", "dir/a/b", true},
        {"**/*.yaml", "a.yaml", true},
        {"**/*.yaml", "x/y/a.yaml", true},
        {"x/**/a", "x/a", true},
        {"x/**/a", "x/y/z/a", true},
        {"x/**/a", "xx/a", false},
        {"x/**", "x", true},
        {"x/**", "x/y/z", true},
        {"x/**", "xy", false},
        {"x**", "xab", true},
        {"x**", "xa/b", false},
        {"?.yaml", "a.yaml", true},
        {"?", "/", false},
        {"?", "\u20ac", true},
        {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},
        {"[!a-c]x", "dx", true},
        {"[^a-c]x", "ax", false},
        {"[]a]", "]", true},
        {"[a-]", "-", true},
        {"[!a]", "/", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"[\\]]", "]", true},
        {"{a,b}.yaml", "b.yaml", true},
        {"{a,b}.yaml", "c.yaml", false},
        {"{config,env-{usw2,use1}.json}", "env-use1.json", true},
        {"{config,env-{usw2,use1}.json}", "env-.json", false},
        {"{*.yml,**/*.json}", "d/x.json", true},
        {"{,a}b", "b", true},
        {"a{}b", "ab", true},
    }));
    CAPTURE(c.pattern, c.text);
    CHECK(glob_match(c.pattern, c.text, GlobMode::path) == c.expected);
}

TEST_CASE("in a plain name a slash is a character like others") {
    CHECK(glob_match("https://git.example/*", "https://git.example/team/app", GlobMode::name));
    CHECK(glob_match("a?b", "a/b", GlobMode::name));
    CHECK(glob_match("a[!x]b", "a/b", GlobMode::name));
    CHECK_FALSE(glob_match("team-*", "ops-1", GlobMode::name));
}

TEST_CASE("a malformed pattern matches nothing") {
    const char* const pattern = GENERATE("[a", "{a,b", "a\\", "{a", "[", "[!", "[a-", "{{a}");
    CHECK_FALSE(glob_match(pattern, "a", GlobMode::path));
    CHECK_FALSE(glob_match(pattern, pattern, GlobMode::path));
}

TEST_CASE("no pattern takes exponential time") {
    const std::string text(2000, 'a');
    CHECK_FALSE(glob_match(repeated("*a", 200) + "b", text, GlobMode::path));
    CHECK_FALSE(glob_match(repeated("{a,aa}", 100) + "b", text, GlobMode::name));
    CHECK_FALSE(glob_match(repeated("**/", 200) + "b", repeated("a/", 1000) + "a", GlobMode::path));
    CHECK_FALSE(glob_match(repeated("{", 100000), text, GlobMode::path));
    CHECK_FALSE(glob_match(repeated("{a,", 100000), text, GlobMode::path));
}

TEST_CASE("bytes that are no UTF-8 are matched as bytes") {
    CHECK(glob_match("a?", "a\xFF", GlobMode::name));
    CHECK(glob_match("*\xFF*", "a\xFF" "b", GlobMode::name));
}
