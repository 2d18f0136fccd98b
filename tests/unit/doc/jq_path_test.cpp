#include "core/doc/jq_path.hpp"

#include <catch2/catch.hpp>

#include <chrono>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/unit/doc/jq_cases.hpp"
#include "tests/unit/doc/said.hpp"

using namespace gitops;
using namespace gitops::doc;
using test::find_text;

namespace {

const char* const k_deployment = R"(
metadata: {name: web, annotations: {a.example/one: x, a.example/two: y, other: z}, labels: {app: web}}
spec:
  replicas: 3
  paused: false
  template:
    spec:
      containers:
      - {name: web, image: "web:1", env: [{name: A, value: "1"}, {name: B, value: "2"}], resources: {limits: {cpu: "1"}}}
      - {name: proxy, image: "proxy:9", ports: [{containerPort: 80}, {containerPort: 443}]}
      - {name: log, image: "log:1", env: [{name: A, value: "3"}]}
)";

/// "/a/0 /b", or what the outcome is.
std::string named(std::string_view expression, const Value& document) {
    const auto answer = JqPath::compile(expression, find_text).places(document);
    if (answer.outcome != JqPlaces::Outcome::found) return "(" + answer.message + ")";
    std::string text;
    for (const auto& place : answer.places) text += (text.empty() ? "" : " ") + (place.empty() ? "(root)" : format_pointer(place));
    return text;
}

std::string in_deployment(std::string_view expression) {
    static const auto document = read_yaml_one(k_deployment);
    return named(expression, document);
}

std::string refusal(std::string_view expression, const JqMatcher& matcher = find_text) {
    return said([&] { (void)JqPath::compile(expression, matcher); });
}

struct Row {
    std::string expression, places;
};

std::string repeated(std::string_view part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
}

}  // namespace

TEST_CASE("jq path expressions name places", "[jq]") {
    const std::string containers = "/spec/template/spec/containers";
    const std::vector<Row> rows = {
        {".spec.replicas", "/spec/replicas"},
        {".spec.nothing", ""},
        {".", "(root)"},
        {".spec.template.spec.containers[0].image", containers + "/0/image"},
        {".spec.template.spec.containers[-1].image", containers + "/2/image"},
        {".spec.template.spec.containers[7].image", ""},
        {".spec.template.spec.containers[-7]", ""},
        {".spec.template.spec.containers[].image", containers + "/0/image " + containers + "/1/image " + containers + "/2/image"},
        {".spec.template.spec.containers[1:]", containers + "/1 " + containers + "/2"},
        {".spec.template.spec.containers[:-2]", containers + "/0"},
        {".spec.template.spec.containers[1:][1:][0].name", containers + "/2/name"},
        {".spec.template.spec.containers[1:3] | .[] | .name", containers + "/1/name " + containers + "/2/name"},
        {".metadata.annotations.\"a.example/one\"", "/metadata/annotations/a.example~1one"},
        {".metadata.annotations[\"a.example/one\"]", "/metadata/annotations/a.example~1one"},
        {".metadata[\"annotations\"].[\"other\"]", "/metadata/annotations/other"},
        {".metadata.annotations[\"other\", \"a.example/two\"]", "/metadata/annotations/a.example~1two /metadata/annotations/other"},
        {".spec.replicas, .metadata.labels", "/metadata/labels /spec/replicas"},
        {"(.spec, .metadata) | .replicas?, .name?", "/metadata/name /spec/replicas"},
        {".spec.template.spec.containers[] | select(.name == \"proxy\") | .ports[0]", containers + "/1/ports/0"},
        {".spec.template.spec.containers[] | select(.name == \"web\" or .name == \"log\").env[] | select(.name == \"A\").value",
         containers + "/0/env/0/value " + containers + "/2/env/0/value"},
        {".spec.template.spec.containers[].env[]? | select(.name != \"A\")", containers + "/0/env/1"},
        {".spec.template.spec.containers[] | select(.env | length > 1) | .image", containers + "/0/image"},
        {".spec.template.spec.containers[] | select(.ports // [] | any(.containerPort >= 443)) | .name", containers + "/1/name"},
        {".spec.template.spec.containers[] | select((.name | test(\"^pro\")) and (has(\"ports\"))) | .image", containers + "/1/image"},
        {".spec.template.spec.containers[] | select(.image | startswith(\"web:\"), endswith(\":9\")) | .image",
         containers + "/0/image " + containers + "/1/image"},
        {".spec.template.spec.containers | map(.name) | index", "the function index is not supported"},
        {"..|.cpu?", containers + "/0/resources/limits/cpu"},
        {".. | select(type == \"boolean\")", "/spec/paused"},
        {".. | objects | .containerPort | select(. != null)",
         containers + "/1/ports/0/containerPort " + containers + "/1/ports/1/containerPort"},
        {"first(.spec.template.spec.containers[] | select(.env))", containers + "/0"},
        {"last(.spec.template.spec.containers[])", containers + "/2"},
        {".spec.template.spec.containers | first, last", containers + "/0 " + containers + "/2"},
        {"limit(2; .spec.template.spec.containers[]) | .name", containers + "/0/name " + containers + "/1/name"},
        {"if .spec.paused then .spec.replicas elif .metadata.name == \"web\" then .metadata.labels else empty end", "/metadata/labels"},
        {"if .spec.paused then .spec.replicas end", "(root)"},
        {".spec.missing // .spec.replicas", "/spec/replicas"},
        {".spec.replicas // .spec.missing", "/spec/replicas"},
        {"getpath([\"spec\", \"replicas\"])", "/spec/replicas"},
        {".metadata.annotations | to_entries", "(the expression yields values of its own, not places in the document)"},
        {".metadata.annotations[.metadata.annotations | keys[] | select(startswith(\"a.example/\"))]",
         "/metadata/annotations/a.example~1one /metadata/annotations/a.example~1two"},
        {".spec[\"rep\" + \"licas\"]", "/spec/replicas"},
        {".spec.template.spec.containers[.spec.replicas - 1]", containers + "/2"},
        {".spec.template.spec.containers[range(0; 2)].name", containers + "/0/name " + containers + "/1/name"},
        {"try .spec.replicas.x catch empty", ""},
        {".spec.replicas.x?", ""},
        {".spec.template.spec.containers[0] | recurse | .name?", containers + "/0/env/0/name " + containers + "/0/env/1/name " + containers + "/0/name"},
        {"map(.replicas?)", "(the expression yields values of its own, not places in the document)"},
        {"map(.name)[]", "(the expression yields values of its own, not places in the document)"},
        {".spec.replicas[]", "(cannot iterate over number)"},
        {".metadata.name.first", "(cannot index string with \"first\")"},
        {".nothing[]", "(cannot iterate over null)"},
        {".nothing[]?", ""},
        {".nothing.at.all", ""},
        {".spec | length", "(the expression yields values of its own, not places in the document)"},
        {"[.spec][0]", "(the expression yields values of its own, not places in the document)"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.expression);
        std::string answer;
        const auto error = said([&] { answer = in_deployment(row.expression); });
        if (error == "nothing") CHECK(answer == row.places);
        else CHECK(error.find(row.places) != std::string::npos);
    }
}

TEST_CASE("what jq can and this cannot is refused where it stands", "[jq]") {
    CHECK(refusal(".a | reduce .[] as $x (0; . + $x)") ==
          ":20: jq path expression, column 20: variables are not supported | in\n.a | reduce .[] as $x (0; . + $x)\n                   ^");
    const std::vector<Row> rows = {
        {"", "column 1: the expression is empty"},
        {"  # nothing", "column 12: the expression is empty"},
        {"reduce .[] as x", "column 1: reduce is not supported"},
        {". as [a]", "column 3: as is not supported"},
        {"def f: .; f", "column 1: def is not supported"},
        {".a = 1", "column 4: a comparison is written =="},
        {".a |= 1", "column 4: assignments are not supported: the expression names places, and changes nothing"},
        {"select(.a = \"b\")", "column 11: a comparison is written =="},
        {"\"a\\(.b)\"", "column 3: expressions inside a text, \\(...), are not supported"},
        {"@base64", "column 1: formats such as @base64 are not supported"},
        {".a[", "column 4: the expression ends too early"},
        {".a[0", "column 5: expected \"]\" before the end"},
        {"select(.a", "column 10: expected \")\" before the end"},
        {".a)", "column 3: unexpected \")\""},
        {".a .b c", "column 7: unexpected \"c\""},
        {"selct(.a)", "column 1: the function selct is not supported"},
        {"select(.a; .b)", "column 1: select takes 1 argument, not 2"},
        {"length(.)", "column 1: length takes 0 arguments, not 1"},
        {".a == .b == .c", "column 10: comparisons do not chain: use and, or brackets"},
        {"\"abc", "column 1: this text has no closing quote"},
        {".[\"\\q\"]", "column 4: unknown escape in a text"},
        {"if .a then .b", "column 14: expected \"end\" before the end"},
        {".a & .b", "column 4: unexpected character"},
        {"1.2.3", "column 1: \"1.2.3\" is no number"},
        {"{a: 1", "column 6: expected \",\" before the end"},
        {"select(test(\"(\"))", "column 13: no such pattern"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.expression);
        const auto text = refusal(row.expression);
        CHECK(text.substr(0, text.find(" | in\n")).substr(text.find("column")) == row.places);
    }
    CHECK(refusal("select(.a | test(\"x\"))", {}).find("column 13: test is not supported here") != std::string::npos);
}

TEST_CASE("removing places counts lists as they were given", "[jq]") {
    const auto left = [](std::string_view expression, std::string_view json) {
        auto document = read_json(json);
        remove_places(document, JqPath::compile(expression, find_text).places(document).places);
        return write_json(document);
    };
    CHECK(left(".[0], .[-1]", "[0,1,2]") == "[1]");
    CHECK(left(".[-1], .[2]", "[0,1,2]") == "[0,1]");
    CHECK(left(".[1:], .[0:2]", "[0,1,2]") == "[]");
    CHECK(left(".[2,10,1,0]", "[0,1,2,3,4,5,6,7,8,9,10,11]") == "[3,4,5,6,7,8,9,11]");
    CHECK(left(".a, .a.b, .a.b.c", R"({"a":{"b":{"c":1}},"d":2})") == R"({"d":2})");
    CHECK(left("..", R"({"a":[1]})") == "{}");
    CHECK(left(".[\"10\", \"9\", \"1a\", \"2\"]", R"({"1a":1,"9":2,"10":3,"2":4,"x":5})") == R"({"x":5})");
}

TEST_CASE("hostile expressions end soon", "[jq]") {
    const auto start = std::chrono::steady_clock::now();
    const std::string too_much = "(the expression takes more than 1000000 steps or nests too deeply)";
    CHECK(in_deployment("select(range(1e12) < 0)") == too_much);
    CHECK(in_deployment("recurse(.)") == too_much);
    CHECK(in_deployment("select(last(limit(100000; 1 | recurse([.]))))") == too_much);
    CHECK(in_deployment(".. | .. | .. | .. | .. | .. | .. | .. | .. | .. | .. | .. | .. | .. | .. | ..") == too_much);
    CHECK(in_deployment("select([range(1e9)] | length)") == too_much);
    CHECK(in_deployment("select([range(2000) | [range(2000)]] | sort | length)") == too_much);
    CHECK(in_deployment("(recurse(.)?), .spec.replicas") == too_much);  // no way around it
    CHECK(in_deployment("select(\"x\" | " + repeated(". + . | ", 40) + "length > 1)") == too_much);
    CHECK(in_deployment("select(" + repeated("[range(100)] | map(.) | ", 30) + "length == 100) | .spec.replicas") == "/spec/replicas");

    CHECK(refusal(repeated("(", 2000) + "." + repeated(")", 2000)).find("nested deeper than 60 levels") != std::string::npos);
    CHECK(refusal(repeated("[", 100) + repeated("]", 100)).find("nested deeper than 60 levels") != std::string::npos);
    CHECK(refusal(repeated("-", 3000) + "1").find("nested deeper than 60 levels") != std::string::npos);
    CHECK(refusal(repeated("if . then . elif ", 300)).find("nested deeper than 60 levels") != std::string::npos);
    CHECK(refusal(repeated("try ", 300) + ".").find("column") != std::string::npos);
    CHECK(refusal("." + repeated("|.", 2000)).find("more than 1000 parts") != std::string::npos);
    CHECK(refusal("." + repeated("[0]", 2000)).find("more than 1000 parts") != std::string::npos);
    CHECK(refusal(repeated(". ", 5000)).find("more than 8192 bytes") != std::string::npos);
    CHECK(refusal("\xff").find("no UTF-8") != std::string::npos);

    std::string deep = repeated("[", 900) + repeated("]", 900);
    CHECK(named(".. | select(. == [])", read_json(deep)) == repeated("/0", 899));
    Value wide = Value::list();
    for (int i = 0; i < 50'000; ++i) wide.push_back(Value::map({{"a", i}}));
    CHECK(JqPath::compile("..|.a?").places(wide).places.size() == 50'000);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
