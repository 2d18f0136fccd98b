#include <catch2/catch.hpp>

#include <chrono>

#include "core/doc/json.hpp"
#include "core/doc/patch.hpp"
#include "core/doc/path.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "tests/unit/doc/said.hpp"

using namespace gitops::doc;

namespace {

/// Hostile input must be refused soon; the bound is wide, so that a busy machine does not matter.
template <class Work>
std::string said_soon(Work work) {
    const auto start = std::chrono::steady_clock::now();
    std::string text = said(work);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    return text;
}

std::string yaml_refusal(const std::string& text) {
    return said_soon([&] { (void)read_yaml(text); });
}

std::string repeated(std::string_view part, std::size_t count) {
    std::string text;
    text.reserve(part.size() * count);
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
}

}  // namespace

TEST_CASE("an alias bomb is refused by its expanded size") {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
    for (int level = 1; level < 9; ++level) {
        const std::string below = "*a" + std::to_string(level - 1);
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + repeated(below + ",", 8) + below + "]\n";
    }
    CHECK(yaml_refusal(bomb) == ":8:10: more than 8000000 nodes once its aliases are expanded");
    std::string texts = "a: &a " + std::string(1 << 20, 'x') + "\nb: [" + repeated("*a,", 2000) + "]\n";
    CHECK(yaml_refusal(texts).ends_with("more than 1 GiB of text once its aliases are expanded"));
    std::string deep = "a0: &a0 [1]\n";
    for (int level = 1; level < 1100; ++level)
        deep += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [*a" + std::to_string(level - 1) + "]\n";
    CHECK(yaml_refusal(deep).ends_with("nested deeper than 1000 levels"));
}

TEST_CASE("deep nesting is refused at the thousandth level") {
    CHECK(yaml_refusal(std::string(100'000, '[')) == ":1:1000: nested deeper than 1000 levels");
    CHECK(yaml_refusal(repeated("- ", 100'000)) == ":1:1999: nested deeper than 1000 levels");
    CHECK(yaml_refusal(repeated("{a: ", 100'000)) == ":1:3997: nested deeper than 1000 levels");
    CHECK(said_soon([] { (void)read_json(std::string(100'000, '[')); }) == ":1:1000: nested deeper than 1000 levels");
    Value value = Value(1);
    for (int level = 0; level < 1500; ++level) value = Value::list({value});
    CHECK(said([&] { (void)write_yaml(value); }) == "nested deeper than 1000 levels");
    CHECK(said([&] { (void)write_json(value); }) == "nested deeper than 1000 levels");
}

TEST_CASE("many keys, also equal ones, take time in proportion") {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "key" + std::to_string(i) + ": 1\n";
    CHECK(yaml_refusal(text) == "nothing");
    CHECK(yaml_refusal(text + "key7: 1\n") == ":100001: key \"key7\" is already defined on line 8");
    YamlOptions options;
    options.duplicates = DuplicateKeys::last_wins;
    CHECK(said_soon([&] { (void)read_yaml(repeated("a: 1\nb: 2\n", 100'000), options); }) == "nothing");
}

TEST_CASE("wide flow collections in deep ones have a bound") {
    const std::string deep = repeated("[", 990);
    CHECK(yaml_refusal(deep + repeated("1,", 500'000) + repeated("]", 990)) ==
          ":1:808079: flow collections nested too deeply for a text of this size");
}

TEST_CASE("a scalar of more than 64 MiB is refused") {
    CHECK(yaml_refusal("a: " + std::string((64U << 20U) + 1, 'x')) == ":1:4: a scalar of more than 64 MiB");
}

TEST_CASE("a patch cannot grow a document without bound") {
    std::string operations = "[";
    for (int i = 0; i < 64; ++i) {
        if (i > 0) operations += ",";
        operations += R"({"op":"copy","from":"/a","path":"/a/)" + std::to_string(i) + R"("})";
    }
    const Value target = read_json(R"({"a":{"x":[1,2,3,4,5,6,7,8]}})");
    CHECK(said_soon([&] { (void)json_patch(target, read_json(operations + "]")); }).starts_with(":1: the patch adds more than 8000000 nodes | in operation "));
    std::string deeper = "[", path = "/a";
    for (int i = 0; i < 1200; ++i, path += "/a") {
        if (i > 0) deeper += ",";
        deeper += R"({"op":"add","path":")" + path + R"(","value":{}})";
    }
    CHECK(said_soon([&] { (void)json_patch(Value::map(), read_json(deeper + "]")); })
              .starts_with(":1: the patch nests deeper than 1000 levels"));
}
