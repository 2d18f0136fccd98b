#include "core/doc/yaml_quick.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "tests/fuzz/targets.hpp"

using namespace gitops::doc;

namespace {

/// The number of the line behind the last one; nullopt when the text is left to libyaml.
std::optional<std::uint32_t> taken(std::string_view text) {
    const YamlOptions options;
    detail::YamlBuilder builder(options);
    builder.begin_document();
    return detail::read_yaml_quick(text, 1, builder);
}

}  // namespace

TEST_CASE("plain block YAML is read the quick way, and as libyaml reads it") {
    const auto [text, line] = GENERATE(table<std::string, std::uint32_t>({
        {"a: 1\nb:\n  c: x y\n", 4},
        {"--- # first\na:\n# between\n- b\n-   c: d\n    e:\n- - f\n  - g\n\n", 10},
        {"a:\n  - b\n  -\n    c: d\n  -\ne:\n", 7},
        {"- a\n-\n- b: []\n  c: {} # none\n", 5},
        {"a: more\n  than one\n\n\n  line # and a comment\nb: x#y\n", 7},
        {"a:\n  on the next line\nb:\n  'quoted there'\n", 5},
        {"'a b': 'it''s'\n\"c\": \"t\\tu \\\"v\\\" \\\\\"\n", 3},
        {"a: 'one\n  two\n\n  three '\nb: \"x \n   y\"\n", 7},
        {"a: |\n  x\n   y\n\n  z\n\nb: |-\n    x\n\nc: |+\n  x\n\n\n", 14},
        {"a: >\n  x\n  y\n\n  z\n   w\n  v\n\n\n  u\nb: >-\n  x\n  y\n", 14},
        {"a: |\n\n  x", 3},
        {"- |\n  x\n- >-\n y\n", 5},
        {"k\xC3\xA9y: \xE2\x82\xAC\n", 2},
        {"a : b\n-c: -d\n", 3},
        {"1: 2020-01-01\nnull: ~\ntrue: yes\n1.5:\n", 5},
        {"a: {b: c, 'd': \"e\", \"f\":1}\nb: [ g:1/h , i j,[],{k: [-1]} ] # none\n", 3},
        {"a: [2020-01-01, 2020-01-01 10:00:00, true]\n", 2},
        {"a:\n- b\n\n   \n# end\n", 6},
        {"# nothing\n", 2},
        {"", 1},
    }));
    CAPTURE(text);
    CHECK(taken(text) == line);
    gitops::fuzz::readers_agree(text);
}

TEST_CASE("what is rare, or wrong, is left to libyaml") {
    const std::string text = GENERATE(as<std::string>(), "a: &x 1\n", "a: *x\n", "a: !!str 1\n", "a: [b,\n  c]\n", "a: [b,]\n", "a: [b: c]\n", "a: {b}\n", "a: {b: }\n", "a: {b:c}\n", "{a: b}: c\n", "a: [b #c]\n", "a: [- b]\n", "a: [--]\n", "? a\n: b\n",
                                      "a:\tb\n", "a: b\r\n", "a: b: c\n", "a: 'b\n", "a: b\n  c: d\n", "a:\n  b: 1\n c: 2\n", "- a\nb: c\n", "a: b\n- c\n",
                                      "plain\n", "a: 1\n...\n", "a: |2\n   x\n", "a: |\nb: c\n", "a: |\n   \n  x\n", "a: \"\\x41\"\n", "a: \"b\\\n  c\"\n",
                                      "a: b\xC2\x85\n", "a: \xE2\x80\xA8\n", "a: \xFF\n", "'a\n b': c\n", "  a: 1\nb: 2\n", "a: @b\n", "a: - b\n", "a: 1\na: 2\n  b: 3\n");
    CAPTURE(text);
    CHECK(taken(text) == std::nullopt);
    gitops::fuzz::readers_agree(text);
}

TEST_CASE("documents read the quick way and by libyaml stand in one stream with their lines") {
    std::string seen;
    for (const Value& document : read_yaml("a: 1\n---\nb: [2,]\n---\nc: \"\xC2\x85\"\n---\nd: 4\n"))
        seen += std::string(document.entries()[0].name()) + " " + std::to_string(document.line()) + "\n";
    // libyaml takes U+0085 for the end of a line.
    CHECK(seen == "a 1\nb 3\nc 5\nd 8\n");
}

TEST_CASE("a separator inside quotes is what is wrong") {
    try {
        read_yaml("a: 1\n---\nb: 'x\n---\nc: 2\n");
        FAIL("read");
    } catch (const gitops::base::Error& error) {
        CHECK(error.message() == "not valid YAML: found unexpected document indicator while scanning a quoted scalar that starts on line 3");
        CHECK(error.place().line == 4);
    }
}
