#include <catch2/catch.hpp>

#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "tests/unit/doc/said.hpp"

using namespace gitops::doc;

namespace {

std::string rewritten(std::string_view yaml) { return write_yaml_stream(read_yaml(yaml)); }

std::string scalar(std::string_view text) {
    Value map = Value::map();
    map.set("k", Value(text));
    return write_yaml(map);
}

}  // namespace

TEST_CASE("a manifest comes out as kustomize prints it") {
    CHECK(rewritten("# gone\nb: [1, two, ~]\na: {x: 'y', on: \"1\"}\ne: {}\nl: []\n---\n- - 1.0\n  - |\n    text\n") ==
          "a:\n  \"on\": \"1\"\n  x: \"y\"\nb:\n- 1\n- two\n- null\ne: {}\nl: []\n---\n- - 1\n  - |\n    text\n");
    CHECK(write_yaml_stream({}).empty());
    CHECK(write_yaml(Value("abc")) == "abc\n");
}

TEST_CASE("keys are in natural order") {
    Value map = Value::map();
    const std::vector<std::string> order{"",    " ",   "#c",  "*a",  "-1",         "-x",  ".5",  "=",    "_x",   "~x",   "1",
                                         "1.5", "9",   "10",  "2020-01-01", "A",   "A1",  "B",   "Zeta", "a",    "a-b",  "a.b",
                                         "a/b", "a:",  "a_b", "a1",  "a1b",        "a01", "a2",  "a9b",  "a09b", "a10",  "aB",
                                         "ab",  "app", "app-x", "app/x", "app_x",  "app1", "apps", "appx", "ä",   "б"};
    for (auto key = order.rbegin(); key != order.rend(); ++key) map.set(*key, Value(1));
    std::vector<std::string> found;
    const Value written = read_yaml_one(write_yaml(map));
    for (const Entry& entry : written.entries()) found.emplace_back(entry.name());
    CHECK(found == order);
    CHECK(write_yaml(read_yaml_one("b: 1\na: 2\n"), {.order = KeyOrder::as_is}) == "b: 1\na: 2\n");
}

TEST_CASE("numbers take the way through JSON") {
    CHECK(rewritten("[010, 0o17, 0x1F, 1_000, +5, -0, 18446744073709551615, 18446744073709551616]") ==
          "- 8\n- 15\n- 31\n- 1000\n- 5\n- 0\n- 18446744073709551615\n- 1.8446744073709552e+19\n");
    CHECK(rewritten("[1.0, 5e6, 1.50, -0.0, 123456.5, 1234567.5, 0.0001, 0.00001, 1e20, 1e15, 5e-324]") ==
          "- 1\n- 5000000\n- 1.5\n- 0\n- 123456.5\n- 1.2345675e+06\n- 0.0001\n- 1e-05\n- 1e+20\n- 1000000000000000\n- 5e-324\n");
}

TEST_CASE("text that would be read as something else is quoted") {
    CHECK(rewritten("['yes', 'n', '~', '', '1', '0x1', '1e3', '.inf', '1:30', '190:20:30', '2020-1-1', 'null']") ==
          "- \"yes\"\n- \"n\"\n- \"~\"\n- \"\"\n- \"1\"\n- \"0x1\"\n- \"1e3\"\n- \".inf\"\n- \"1:30\"\n- \"190:20:30\"\n- \"2020-1-1\"\n- \"null\"\n");
    CHECK(rewritten("['oN', 'nULL', '1e', '0xg', '1,000', 'inf', '<<', '=', '1.2.3', '2020-13-45']") ==
          "- oN\n- nULL\n- 1e\n- 0xg\n- 1,000\n- inf\n- <<\n- =\n- 1.2.3\n- 2020-13-45\n");
}

TEST_CASE("the style follows from the text") {
    CHECK(scalar("http://x:80/y") == "k: http://x:80/y\n");
    CHECK(scalar("a: b") == "k: 'a: b'\n");
    CHECK(scalar("it's") == "k: it's\n");
    CHECK(scalar("'a'") == "k: '''a'''\n");
    CHECK(scalar("\"") == "k: '\"'\n");
    CHECK(scalar("---x") == "k: '---x'\n");
    CHECK(scalar("-") == "k: '-'\n");
    CHECK(scalar(" x") == "k: ' x'\n");
    CHECK(scalar("a #b") == "k: 'a #b'\n");
    CHECK(scalar("a\tb\x1b") == "k: \"a\\tb\\e\"\n");
    CHECK(scalar("é 日本") == "k: é 日本\n");
    CHECK(scalar("😀") == "k: \"\\U0001F600\"\n");
    CHECK(scalar("a\nb") == "k: |-\n  a\n  b\n");
    CHECK(scalar("a\n") == "k: |\n  a\n");
    CHECK(scalar("a\n\n") == "k: |+\n  a\n\n");
    CHECK(scalar(" a\n") == "k: |2\n   a\n");
    CHECK(scalar("\n") == "k: |2+\n\n");
    CHECK(scalar("a \nb") == "k: \"a \\nb\"\n");
    CHECK(scalar("a\xC2\x85" "b") == "k: a b\n");
    CHECK(scalar("\xEF\xBB\xBF" "a b") == "k: \"\\uFEFF\\x61\\x20\\x62\"\n");
}

TEST_CASE("lines fold at the first blank beyond column 80") {
    const std::string words = "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhhhhh iiiiiiiii jjjjjjjjj";
    CHECK(scalar(words) ==
          "k: aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhhhhh\n  iiiiiiiii jjjjjjjjj\n");
    CHECK(scalar(words + ":") ==
          "k: 'aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhhhhh\n  iiiiiiiii jjjjjjjjj:'\n");
    CHECK(scalar(words + "\t  x") ==
          "k: \"aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhhhhh\n  iiiiiiiii jjjjjjjjj\\t  x\"\n");
    const std::string wide(100, 'x');
    CHECK(scalar(wide + "  " + wide) == "k: " + wide + "  " + wide + "\n");
}

TEST_CASE("long and multi-line keys are explicit") {
    Value map = Value::map();
    map.set(std::string(129, 'k'), Value::list({Value(1)}));
    map.set("a\nb", Value(2));
    CHECK(write_yaml(map) == "? |-\n  a\n  b\n: 2\n? " + std::string(129, 'k') + "\n: - 1\n");
}

TEST_CASE("plain timestamps become RFC 3339, quoted ones stay") {
    CHECK(rewritten("a: 2020-1-2\nb: \"2020-01-02\"\nc: 2001-12-14t21:59:43.10-05:00\nd: 2001-12-14 1:2:3\ne: 12:30\n") ==
          "a: \"2020-01-02T00:00:00Z\"\nb: \"2020-01-02\"\nc: \"2001-12-14T21:59:43.1-05:00\"\nd: \"2001-12-14T01:02:03Z\"\ne: "
          "\"12:30\"\n");
}

TEST_CASE("what JSON cannot hold is refused") {
    const auto refusal = [](std::string_view yaml) { return said([&] { (void)rewritten(yaml); }); };
    CHECK(refusal("a: .inf") == ":1: unsupported value: .inf");
    CHECK(refusal("x:\n  9: a") == ":2: key 9 is no string: quote it");
    CHECK(refusal("2020-01-01: a") == ":1: key 2020-01-01 is a timestamp: quote it");
    CHECK(said([] { (void)write_yaml(Value("a\x7f")); }) == "control characters are not allowed in YAML");
    CHECK(said([] { (void)write_yaml(Value("a\xff")); }) == "a text that is not UTF-8 cannot be written as YAML");
}
