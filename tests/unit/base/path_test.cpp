#include <catch2/catch.hpp>

#include "core/base/source.hpp"

using namespace gitops::base;
using Path = std::optional<std::string>;

TEST_CASE("normalise_path") {
    const auto [path, expected] = GENERATE(table<std::string, Path>({{"", ""},
                                                                     {".", ""},
                                                                     {"./", ""},
                                                                     {"a/./b//../c", "a/c"},
                                                                     {"a/", "a"},
                                                                     {"a/..", ""},
                                                                     {"..", std::nullopt},
                                                                     {"a/../../a", std::nullopt},
                                                                     {"/a", std::nullopt},
                                                                     {"...", "..."},
                                                                     {std::string("a\0b", 3), std::nullopt}}));
    CHECK(normalise_path(path) == expected);
}

TEST_CASE("join_path") {
    CHECK(join_path("overlays/prod", "../../base") == "base");
    CHECK(join_path("", "a") == "a");
    CHECK(join_path("a", "../..") == std::nullopt);
    CHECK(join_path("a", "/etc") == std::nullopt);
}

TEST_CASE("the parts of a path") {
    CHECK(parent_path("a/b/c") == "a/b");
    CHECK(parent_path("a").empty());
    CHECK(base_name("a/b/c") == "c");
    CHECK(base_name("a") == "a");
}
