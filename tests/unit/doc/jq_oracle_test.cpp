// The same expressions on the same documents, deleted by the jq program and by us. Skipped where there is no jq.
//
// Left out is where jq 1.6 is known to be wrong (an error after `?` or `//` is taken for one inside) or counts otherwise
// than gojq (several numbers of one list, of which one is negative).
#include <catch2/catch.hpp>

#include <filesystem>
#include <random>

#include "core/doc/jq_path.hpp"
#include "core/doc/json.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/doc/jq_cases.hpp"

using namespace gitops;
using namespace gitops::doc;

namespace {

const std::vector<std::string> k_documents = {
    R"({"a":{"b":[1,2,{"a":"x1","c":null}],"c":"xyz"},"b":[{"a":1},{"a":2,"b":[]},{"k-1":true}],"k-1":"a"})",
    R"([{"a":"x","b":{"a":1}},{"a":"y","b":[1,2,3]},[1,[2,[3]]],null,"xa",7,false])",
    R"({"a":null,"b":{"b":{"b":{"a":"x","c":[{"a":1,"b":2},{"a":1,"b":3}]}}},"c":["x","y","xx"]})",
    R"({"a":[],"b":{},"c":"","k-1":[[],{},[[]]]})",
    R"({"c":{"a":{"a":{"a":1}},"b":[0.5,-1,100]},"a":[{"a":"xa","b":"xb","c":[{"a":true}]},{"a":"a","b":"b"}]})",
};

class Maker {
  public:
    explicit Maker(unsigned seed) : m_random(seed) {}

    std::string path(int depth) {
        const auto form = depth <= 0 ? pick(9) : pick(22);
        switch (form) {
            case 0: return ".a";
            case 1: return ".b";
            case 2: return ".c";
            case 3: return ".\"k-1\"";
            case 4: return ".[" + std::to_string(pick(3)) + "]";
            case 5: return ".[]";
            case 6: return ".[\"a\"]";
            case 7: return "..";
            case 8: return ".";
            case 9: return ".[1:]";
            case 10: return ".a[:2]";
            case 11: return "(" + path(depth - 1) + ", " + path(depth - 1) + ")";
            case 12: return "if " + condition(depth - 1) + " then " + path(depth - 1) + " else " + path(depth - 1) + " end";
            case 13: return "first(" + path(depth - 1) + ")";
            case 14: return "getpath([\"a\", \"b\"])";
            case 15: return std::string(pick(2) == 0 ? "arrays" : "objects");
            case 16: return "(.. | select(" + condition(depth - 1) + "))";
            case 17: return "limit(2; " + path(depth - 1) + ")";
            case 18: return ".[" + condition(depth - 1) + " | if . then 0 else \"a\" end]";
            case 19: return "select(" + condition(depth - 1) + ")";
            default: return path(depth - 1) + " | " + path(depth - 1);
        }
    }

    std::string condition(int depth) {
        switch (depth <= 0 ? pick(9) : pick(22)) {
            case 0: return "type == \"object\"";
            case 1: return "length > 1";
            case 2: return ". == null";
            case 3: return "has(\"a\")";
            case 4: return "startswith(\"x\")";
            case 5: return "(. | tostring | contains(\"a\"))";
            case 6: return "(type == \"string\" and test(\"^x\"))";
            case 7: return "(type == \"array\" | not)";
            case 8: return ". <= {\"a\": 2}";
            case 9: return "(" + condition(depth - 1) + " and " + condition(depth - 1) + ")";
            case 10: return "(" + condition(depth - 1) + " or " + condition(depth - 1) + ")";
            case 11: return "(any(.[]; " + condition(depth - 1) + "))";
            case 12: return "(all(.[]; " + condition(depth - 1) + "))";
            case 13: return "([" + path(depth - 1) + "] | length == 1)";
            case 14: return "((keys | length) % 2 == 1)";
            case 15: return "(map(type) | unique | length > 1)";
            case 16: return "([paths] | length > 2)";
            case 17: return "(to_entries | map(.key) | join(\",\") | endswith(\"c\"))";
            case 18: return "([.[] | numbers] | (add - 1) < max)";
            case 19: return "(with_entries(select(.key != \"b\")) | length == 1)";
            case 20: return "([range(1; 4)] - [2] | contains([3]))";
            default: return "([" + path(depth - 1) + "] | sort | reverse | .[0] | type != \"null\")";
        }
    }

  private:
    int pick(int count) { return static_cast<int>(m_random() % static_cast<unsigned>(count)); }
    std::mt19937 m_random;
};

std::string jq_program() {
    for (const char* path : {"/usr/bin/jq", "/usr/local/bin/jq"})
        if (std::filesystem::exists(path)) return path;
    return {};
}

/// What is left after del(), or "error".
std::string left(const std::string& expression, const Value& document) {
    const auto answer = JqPath::compile(expression, test::find_text).places(document);
    if (answer.outcome == JqPlaces::Outcome::too_much) return "too much";
    if (answer.outcome != JqPlaces::Outcome::found) return "error";
    for (const auto& place : answer.places)
        if (place.empty()) return "null";
    auto rest = document;
    remove_places(rest, answer.places);
    return write_json(rest, JsonLayout::compact, JsonKeys::sorted);
}

}  // namespace

TEST_CASE("del() leaves what the jq program leaves", "[jq][oracle]") {
    const auto jq = jq_program();
    if (jq.empty()) {
        WARN("skipped: no jq program is installed");
        return;
    }
    Maker maker(20260301);
    std::vector<std::string> expressions;
    while (expressions.size() < 400) {
        auto made = maker.path(3);
        if (made.size() < 400) expressions.push_back(std::move(made));
    }
    test::TempDir folder;
    std::string program = "[";
    for (const auto& expression : expressions) program += (program == "[" ? "" : ",\n") + ("(try del(" + expression + ") catch \"error\")");
    folder.write("program.jq", program + "]");
    for (const auto& text : k_documents) {
        folder.write("document.json", text);
        test::Process process({jq, "-c", "-S", "-f", folder / "program.jq", folder / "document.json"}, {}, folder.path(), folder / "out");
        const auto result = process.wait();
        REQUIRE(result.err == "");
        const auto answers = read_json(result.out);
        REQUIRE(answers.size() == expressions.size());
        const auto document = read_json(text);
        for (std::size_t i = 0; i < expressions.size(); ++i) {
            CAPTURE(expressions[i], text);
            const auto& answer = answers.items()[i];
            const auto theirs = answer.is_string() && answer.text() == "error" ? "error" : write_json(answer, JsonLayout::compact, JsonKeys::sorted);
            CHECK(left(expressions[i], document) == theirs);
        }
    }
}
