#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/unit/doc/said.hpp"

using namespace gitops::doc;

namespace {

std::string refusal(std::string_view json) {
    return said([&] { (void)read_json(json, "a.json"); });
}

}  // namespace

TEST_CASE("JSON goes in and out unchanged, numbers with their digits") {
    const std::string text =
        R"({"b":[1,-2,1.10,1e3,12345678901234567890123,null,true,false],"a":{"x":"é\"\\\n\t\u0001<&>","y":{},"z":[]}})";
    CHECK(write_json(read_json(text)) == text);
    CHECK(write_json(read_json(" \n[ 1 , 2 ]\n")) == "[1,2]");
}

TEST_CASE("the indented layout") {
    CHECK(write_json(read_json(R"({"b":[1,{"c":2}],"a":{},"e":[]})"), JsonLayout::indented) ==
          "{\n  \"b\": [\n    1,\n    {\n      \"c\": 2\n    }\n  ],\n  \"a\": {},\n  \"e\": []\n}");
}

TEST_CASE("keys can be sorted by their bytes") {
    CHECK(write_json(read_json(R"({"b":1,"a10":{"z":1,"y":2},"a9":3,"B":4})"), JsonLayout::compact, JsonKeys::sorted) ==
          R"({"B":4,"a10":{"y":2,"z":1},"a9":3,"b":1})");
}

TEST_CASE("YAML numbers become JSON numbers") {
    CHECK(write_json(read_yaml_one("[0644, 0x1F, 1_000, +5, .5, 1., 1.50]")) == "[420,31,1000,5,0.5,1,1.50]");
    CHECK(said([] { (void)write_json(read_yaml_one("- .nan")); }) == ":1: JSON has no number for .nan");
}

TEST_CASE("bytes that are no UTF-8 become the replacement character") {
    CHECK(write_json(Value("a\xff\"b\xc3")) == "\"a\xEF\xBF\xBD\\\"b\xEF\xBF\xBD\"");
}

TEST_CASE("what is no JSON is refused with its place") {
    CHECK(refusal("{\"a\": 1,\n \"a\": 2}") == "a.json:2: key \"a\" is already defined on line 1");
    CHECK(refusal("{\"a\":\n 01}").starts_with("a.json:2:4: not valid JSON: "));
    CHECK(refusal("").starts_with("a.json:1:1: not valid JSON: "));
    CHECK(refusal("[1,]").starts_with("a.json:1:4: not valid JSON: "));
    CHECK(refusal("[1] 2").starts_with("a.json:1:5: not valid JSON: "));
    CHECK(refusal("\"\xC3\"").starts_with("a.json:1:3: not valid JSON: "));
    CHECK(refusal("1e999").starts_with("a.json:1:"));
}

TEST_CASE("JSON values know their lines") {
    const Value value = read_json("{\n\"a\": [1,\n2],\n\"b\": {}\n}");
    CHECK(value.line() == 1);
    CHECK(value.find("a")->items()[1].line() == 3);
    CHECK(value.find("b")->line() == 4);
}
