#include "core/base/semver.hpp"

#include <catch2/catch.hpp>

using namespace gitops::base;

namespace {

bool in_range(const std::string& range, const std::string& version) {
    const auto parsed = VersionRange::parse(range);
    REQUIRE(parsed);
    const auto v = parse_version(version);
    REQUIRE(v);
    return parsed->matches(*v);
}

struct Case {
    std::string range, version;
    bool expected;
};

}  // namespace

TEST_CASE("versions are read with their parts") {
    const auto version = parse_version("v1.20.3-rc.1+build.5");
    REQUIRE(version);
    CHECK(version->major == 1);
    CHECK(version->minor == 20);
    CHECK(version->patch == 3);
    CHECK(version->pre == std::vector<std::string>{"rc", "1"});
    CHECK(version->build == "build.5");
    CHECK(*parse_version("1.2") == *parse_version("1.2.0"));
    CHECK(*parse_version("1") == *parse_version("v1.0.0"));
}

TEST_CASE("what is no version") {
    const char* const text = GENERATE("", "v", "a", "1.", "1.2.3.4", "1.x", "*", "1.2.3-", "1.2.3-01", "1.2.3-a..b",
                                      "1.2.3+", "-1", "1.2.3 ", "99999999999999999999", "1.2.3-rc_1", "release-1");
    CHECK_FALSE(parse_version(text));
}

TEST_CASE("versions are ordered as semver.org says") {
    const std::vector<std::string> ascending{"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                                             "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",
                                             "1.0.1",       "1.2.0",          "1.10.0",    "2.0.0"};
    for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
        CAPTURE(ascending[i], ascending[i + 1]);
        CHECK(*parse_version(ascending[i]) < *parse_version(ascending[i + 1]));
    }
    CHECK(*parse_version("1.0.0+a") == *parse_version("1.0.0+b"));
    CHECK(*parse_version("1.0.0-99999999999999999998") < *parse_version("1.0.0-99999999999999999999"));
}

TEST_CASE("ranges") {
    const auto c = GENERATE(values<Case>({
        {"1.2.3", "1.2.3", true},        {"1.2.3", "1.2.4", false},      {"=1.2.3", "v1.2.3", true},
        {"1.2.*", "1.2.9", true},        {"1.2.x", "1.3.0", false},      {"1.2", "1.2.7", true},
        {"*", "0.0.1", true},            {"*", "1.0.0-rc1", false},      {">=1 <2", "1.9.9", true},
        {">=1 <2", "2.0.0", false},      {">= 1.2, < 2", "1.2.0", true}, {">1.2", "1.2.9", false},
        {">1.2", "1.3.0", true},         {"<=1.2", "1.2.9", true},       {"<=1.2", "1.3.0", false},
        {"<=11", "11.9.0", true},        {">11", "11.1.0", false},       {"=<1.2.3", "1.2.3", true},
        {"!=1.2.3", "1.2.3", false},     {"!=1.2", "1.2.5", false},      {"!=1.2", "1.3.0", true},
        {"^1.2.3", "1.9.0", true},       {"^1.2.3", "1.2.2", false},     {"^1.2.3", "2.0.0", false},
        {"^0.2.3", "0.2.9", true},       {"^0.2.3", "0.3.0", false},     {"^0.0.3", "0.0.3", true},
        {"^0.0.3", "0.0.4", false},      {"^0.0", "0.0.9", true},        {"^0.0", "0.1.0", false},
        {"^0", "0.9.0", true},           {"^0", "1.0.0", false},         {"~1.2.3", "1.2.9", true},
        {"~1.2.3", "1.3.0", false},      {"~1", "1.9.0", true},          {"~>1.2", "1.2.5", true},
        {"1.2 - 1.4", "1.4.5", true},    {"1.2 - 1.4.5", "1.4.6", false},{"1.2 - 1.4", "1.1.9", false},
        {"1.x || 3.x", "3.1.0", true},   {"1.x || 3.x", "2.1.0", false}, {"^1.2.3-rc.1", "1.2.3-rc.2", true},
        {"^1.2.3", "1.3.0-rc.1", false}, {"^1.2-0", "2.0.0-rc.1", false},{">=1.0.0-0", "1.1.0-beta", true},
        {"<2 || >=3.0.0-0", "1.0.0-rc", false},
    }));
    CAPTURE(c.range, c.version);
    CHECK(in_range(c.range, c.version) == c.expected);
}

TEST_CASE("what is no range") {
    const char* const text = GENERATE("", "||", "1 ||", "main", "=>=1", "<>1", ">", "1.2 - ", "feature/x", "1.2.3.4",
                                      "^18446744073709551615", ">=a");
    CHECK_FALSE(VersionRange::parse(text));
}

TEST_CASE("highest_match gives the tag as it was written and skips what is no version") {
    const auto range = VersionRange::parse("^1.0");
    REQUIRE(range);
    CHECK(highest_match({"v1.2.0", "latest", "1.10.0", "v2.0.0", "v1.11.0-rc.1"}, *range) == "1.10.0");
    CHECK(highest_match({"latest", "v2.0.0"}, *range) == std::nullopt);
}
