#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "core/doc/patch.hpp"
#include "core/doc/path.hpp"
#include "tests/unit/doc/said.hpp"

using namespace gitops::doc;

namespace {

std::string patched(std::string_view target, std::string_view operations) {
    std::string out;
    const auto error = said([&] { out = write_json(json_patch(read_json(target), read_json(operations))); });
    return error == "nothing" ? out : error;
}

std::string merged(std::string_view target, std::string_view patch) {
    return write_json(merge_patch(read_json(target), read_json(patch)));
}

}  // namespace

TEST_CASE("JSON pointers") {
    CHECK(parse_pointer("").empty());
    CHECK(parse_pointer("/a/b~1c/~0/0/") == Pointer{"a", "b/c", "~", "0", ""});
    CHECK(format_pointer({"a", "b/c", "~", ""}) == "/a/b~1c/~0/");
    CHECK(said([] { (void)parse_pointer("a"); }) == "JSON pointer \"a\" must start with \"/\"");
    CHECK(said([] { (void)parse_pointer("/~2"); }) == "\"~\" must be followed by 0 or 1 in a JSON pointer");

    Value root = read_json(R"({"a":[{"b":1},2],"c":{"":3}})");
    CHECK(find(root, parse_pointer("/a/0/b"))->text() == "1");
    CHECK(find(root, parse_pointer("/c/"))->text() == "3");
    for (const char* missing : {"/a/2", "/a/00", "/a/-1", "/a/-", "/x", "/a/0/b/c"}) CHECK(find(root, parse_pointer(missing)) == nullptr);
    const Value before = root;
    CHECK(remove(root, {"a", "0", "b"}));
    CHECK_FALSE(remove(root, {"a", "7"}));
    CHECK(write_json(root) == R"({"a":[{},2],"c":{"":3}})");
    CHECK(write_json(before) == R"({"a":[{"b":1},2],"c":{"":3}})");
}

TEST_CASE("JSON patch: every operation") {
    CHECK(patched(R"({"a":1})", R"([{"op":"add","path":"/b","value":[1]},{"op":"add","path":"/b/0","value":0},)"
                                R"({"op":"add","path":"/b/-","value":2}])") == R"({"a":1,"b":[0,1,2]})");
    CHECK(patched(R"([1,2,3])", R"([{"op":"remove","path":"/1"},{"op":"replace","path":"/0","value":9}])") == "[9,3]");
    CHECK(patched(R"({"a":{"x":1},"b":{}})", R"([{"op":"move","from":"/a/x","path":"/b/y"}])") == R"({"a":{},"b":{"y":1}})");
    CHECK(patched(R"({"a":{"x":1}})", R"([{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/x","value":2}])") ==
          R"({"a":{"x":1},"b":{"x":2}})");
    CHECK(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":1.0},{"op":"test","path":"/x","value":null}])") == R"({"a":1})");
    CHECK(patched("1", R"([{"op":"replace","path":"","value":{"a":2}}])") == R"({"a":2})");
    CHECK(patched("[1,2,3]", R"([{"op":"remove","path":"/-1"},{"op":"add","path":"/-1","value":9}])") == "[1,2,9]");
}

TEST_CASE("JSON patch says which operation fails") {
    CHECK(patched("{}", R"([{"op":"add","path":"/a","value":1},{"op":"remove","path":"/b"}])") ==
          ":1: there is no /b | in operation 2 (remove /b)");
    CHECK(patched("{}", R"([{"op":"replace","path":"/a/b","value":1}])") == ":1: there is no /a | in operation 1 (replace /a/b)");
    CHECK(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":"1"}])") ==
          ":1: test failed: /a has another value | in operation 1 (test /a)");
    CHECK(patched(R"({"a":1})", R"([{"op":"test","path":"/b","value":"1"}])") == ":1: test failed: /b is not there | in operation 1 (test /b)");
    CHECK(patched("[1]", R"([{"op":"add","path":"/3","value":1}])") ==
          ":1: list index 3 is out of range: the list has 1 items | in operation 1 (add /3)");
    CHECK(patched("{}", R"([{"op":"increase","path":"/a"}])") == ":1: unknown operation \"increase\" | in operation 1 (increase /a)");
    CHECK(patched("{}", R"([{"op":"add","path":"/a"}])") == ":1: the operation has no \"value\" | in operation 1 (add /a)");
    CHECK(patched("{}", R"([{"op":"copy","path":"/a"}])") == ":1: the operation has no \"from\" | in operation 1 (copy /a)");
    CHECK(patched("{}", R"([{"path":"/a"}])") == ":1: the operation has no \"op\" | in operation 1 (/a)");
    CHECK(patched(R"({"a":{}})", R"([{"op":"move","from":"/a","path":"/a/b"}])") ==
          ":1: /a cannot be moved into itself | in operation 1 (move /a/b)");
    CHECK(patched("{}", "{}") == "a JSON patch is a list of operations, found a map");
}

TEST_CASE("a failed JSON patch leaves the target alone") {
    const Value target = read_json(R"({"a":[1,2]})");
    CHECK(said([&] {
              (void)json_patch(target, read_json(R"([{"op":"add","path":"/a/-","value":3},{"op":"remove","path":"/x"}])"));
          }) != "nothing");
    CHECK(write_json(target) == R"({"a":[1,2]})");
}

TEST_CASE("merge patch: the examples of RFC 7386") {
    CHECK(merged(R"({"a":"b"})", R"({"a":"c"})") == R"({"a":"c"})");
    CHECK(merged(R"({"a":"b"})", R"({"b":"c"})") == R"({"a":"b","b":"c"})");
    CHECK(merged(R"({"a":"b","b":"c"})", R"({"a":null})") == R"({"b":"c"})");
    CHECK(merged(R"({"a":["b"]})", R"({"a":"c"})") == R"({"a":"c"})");
    CHECK(merged(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})") == R"({"a":{"b":"d"}})");
    CHECK(merged(R"({"a":[{"b":"c"}]})", R"({"a":[1]})") == R"({"a":[1]})");
    CHECK(merged(R"(["a"])", R"({"a":null,"b":1})") == R"({"b":1})");
    CHECK(merged(R"({"a":"foo"})", "null") == "null");
    CHECK(merged(R"({"e":null})", R"({"a":1})") == R"({"e":null,"a":1})");
    CHECK(merged("{}", R"({"a":{"bb":{"ccc":null}}})") == R"({"a":{"bb":{}}})");
}

TEST_CASE("the merge patch between two values turns one into the other") {
    const Value from = read_json(R"({"a":1,"b":{"x":1,"y":[1,2]},"c":3,"same":{"k":1}})");
    const Value to = read_json(R"({"a":2,"b":{"x":1,"y":[1]},"d":{"n":1},"same":{"k":1.0}})");
    const Value patch = merge_patch_between(from, to);
    CHECK(write_json(patch) == R"({"c":null,"a":2,"b":{"y":[1]},"d":{"n":1}})");
    CHECK(merge_patch(from, patch) == to);
    CHECK(write_json(merge_patch_between(from, from)) == "{}");
}
