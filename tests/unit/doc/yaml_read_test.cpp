#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/unit/doc/said.hpp"

using namespace gitops::doc;

namespace {

std::string as_json(std::string_view yaml, YamlOptions options = {}) {
    return write_json(Value::list(read_yaml(yaml, options)));
}

YamlOptions at_line(std::uint32_t line) {
    YamlOptions options;
    options.first_line = line;
    return options;
}

std::string refusal(std::string_view yaml, YamlOptions options = {}) {
    options.file = "a.yaml";
    return said([&] { (void)read_yaml(yaml, options); });
}

}  // namespace

TEST_CASE("plain scalars mean what go-yaml v3 takes them for") {
    CHECK(as_json("[true, True, FALSE, yes, no, on, off, y, n, tRue]") ==
          R"([[true,true,false,"yes","no","on","off","y","n","tRue"]])");
    CHECK(as_json("[null, ~, Null, NULL, nULL]") == R"([[null,null,null,null,"nULL"]])");
    CHECK(as_json("[010, 0o17, 0x1F, 0b101, 1_000, +5, -0, 08, 0b+1]") == "[[8,15,31,5,1000,5,-0,8,1]]");
    CHECK(as_json("[1.0, 1., .5, +.5e1, 1e3, 6.8523015e+5, 0.1_5]") == "[[1.0,1,0.5,5,1e3,6.8523015e+5,0.15]]");
    CHECK(as_json("[1.2.3, 1e, 0xg, 0b12, '1', 1e999, 12:30, 1:30, _1, .5_]") ==
          R"([["1.2.3","1e","0xg","0b12","1","1e999","12:30","1:30","_1",".5_"]])");
    CHECK(as_json("[18446744073709551615, 18446744073709551616]") == "[[18446744073709551615,18446744073709551616]]");
}

TEST_CASE("YAML 1.1 has more booleans, and keys become text") {
    YamlOptions options;
    options.dialect = YamlDialect::v1_1;
    CHECK(as_json("[yes, No, on, OFF, y, N, 0o17, 0o-7]", options) == "[[true,false,true,false,true,false,15,\"0o-7\"]]");
    CHECK(as_json("{on: 1, 2: b, 0x10: c, 1.50: d}", options) == R"([{"true":1,"2":"b","16":"c","1.5":"d"}])");
    CHECK(as_json("a: 2020-01-01", options) == R"([{"a":"2020-01-01"}])");
}

TEST_CASE("tags decide, where they fit") {
    CHECK(as_json("[!!str 1, !!int '2', !!float 3, !!bool 'true', !!null '', !own 4, !!binary aGk=, ! 5]") ==
          R"([["1",2,3,true,null,"4","hi",5]])");
    CHECK(refusal("a: !!int x") == "a.yaml:1:4: \"x\" does not fit its tag !!int");
    CHECK(refusal("a: !!binary '*'") == "a.yaml:1:4: a !!binary value that is not base64");
}

TEST_CASE("a stream gives its documents without the empty ones") {
    CHECK(as_json("") == "[]");
    CHECK(as_json("# only a comment\n---\n---\n~\n--- \na: 1\n...\n---\n[]\n") == R"([{"a":1},[]])");
    CHECK(as_json("\xEF\xBB\xBF" "a: 1\n") == R"([{"a":1}])");
    CHECK(as_json("a: 1\r\nb: 2\r\n") == R"([{"a":1,"b":2}])");
    CHECK(write_json(read_yaml_one("# nothing\n")) == "null");
    CHECK(said([] { (void)read_yaml_one("a\n---\nb\n"); }) == ":3: expected one document, found 2");
}

TEST_CASE("aliases and merge keys are resolved") {
    CHECK(as_json("a: &x [1, {b: 2}]\nc: *x\n") == R"([{"a":[1,{"b":2}],"c":[1,{"b":2}]}])");
    CHECK(as_json("- &a {x: 1, y: 2}\n- &b {x: 3, z: 4}\n- {<<: [*a, *b], y: 9}\n- {<<: *b, q: 1}\n- {'<<': 5}\n") ==
          R"([[{"x":1,"y":2},{"x":3,"z":4},{"y":9,"x":1,"z":4},{"q":1,"x":3,"z":4},{"<<":5}]])");
    const auto shared = read_yaml_one("a: &x {b: 1}\nc: *x\n");
    CHECK(shared.find("a")->same_node(*shared.find("c")));
    CHECK(refusal("a: *x") == "a.yaml:1:4: unknown anchor \"x\"");
    CHECK(refusal("&x [*x]") == "a.yaml:1:5: anchor \"x\" contains itself");
    CHECK(refusal("a: &a {}\nb:\n  <<: *a\n  <<: *a\n") == "a.yaml:4:7: key \"<<\" stands twice in one map");
    CHECK(refusal("a:\n  <<: 5\n") == "a.yaml:2: a merge key (<<) needs a map or a list of maps");
}

TEST_CASE("what is refused names file, line and column") {
    CHECK(refusal("a: 1\nb: 2\na: 3\n") == "a.yaml:3: key \"a\" is already defined on line 1");
    CHECK(refusal("a: {b: [}") == "a.yaml:1:9: not valid YAML: did not find expected node content while parsing a flow node");
    CHECK(refusal("a: 'x\n") == "a.yaml:2:1: not valid YAML: found unexpected end of stream while scanning a quoted scalar that starts on line 1");
    CHECK(refusal("? [a]\n: 1\n") == "a.yaml:1:3: a list or a map as the key of a map");
    CHECK(refusal("a: \"\xC3\"\n").starts_with("a.yaml:1:"));
    CHECK(refusal("a: \x01\n").starts_with("a.yaml:1:"));
    CHECK(refusal("\n  a: 1\n b: 2\n", at_line(40)).starts_with("a.yaml:42:2: not valid YAML"));
}

TEST_CASE("duplicate keys may be allowed: the last one wins") {
    YamlOptions options;
    options.duplicates = DuplicateKeys::last_wins;
    CHECK(as_json("{a: 1, b: 2, a: 3, c: 4, a: 5, b: 6}", options) == R"([{"a":5,"b":6,"c":4}])");
    std::string many;
    for (int i = 0; i < 40; ++i) many += "k" + std::to_string(i % 20) + ": " + std::to_string(i) + "\n";
    const auto value = read_yaml_one(many, options);
    CHECK(value.size() == 20);
    CHECK(value.find("k3")->text() == "23");
}

TEST_CASE("every node knows its line, and scalars their style") {
    const auto value = read_yaml_one("a: 1\nb:\n- 'x'\n- |\n  y\n- z\n", at_line(10));
    CHECK(value.line() == 10);
    CHECK(value.find("b")->line() == 12);
    const auto items = value.find("b")->items();
    CHECK(items[0].line() == 12);
    CHECK(items[2].line() == 15);
    CHECK(items[0].style() == Value::Style::single_quoted);
    CHECK(items[1].style() == Value::Style::literal);
    CHECK(items[2].style() == Value::Style::plain);
    CHECK(value.entries()[1].key.line() == 11);
}

TEST_CASE("timestamps are told from other text") {
    for (const char* text : {"2020-01-01", "2020-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.1", "2020-02-29"})
        CHECK(is_yaml_timestamp(text));
    for (const char* text : {"2020-13-01", "2021-02-29", "2020-1", "20-1-1", "2001-12-14 21:59:43 -5", "2001-12-14T21:59"})
        CHECK_FALSE(is_yaml_timestamp(text));
}
