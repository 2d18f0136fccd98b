#include "cli/output/report_value.hpp"

#include <catch2/catch.hpp>

#include "core/doc/json.hpp"

using namespace gitops::cli;
using gitops::doc::read_json;

namespace {
const char* const k_answer = R"({"items":[{"name":"b","wave":1},{"name":"a","wave":null}]})";
}

TEST_CASE("an answer as JSON and YAML keeps the order of its keys") {
    CHECK(value_text(read_json(k_answer), Format::json) ==
          "{\n  \"items\": [\n    {\n      \"name\": \"b\",\n      \"wave\": 1\n    },\n    {\n      \"name\": \"a\",\n"
          "      \"wave\": null\n    }\n  ]\n}\n");
    CHECK(value_text(read_json(k_answer), Format::yaml) == "items:\n- name: b\n  wave: 1\n- name: a\n  wave: null\n");
}

TEST_CASE("an answer as names") {
    CHECK(value_text(read_json(k_answer), Format::name) == "b\na\n");
    CHECK(value_text(read_json(R"({"name":"yield-prod"})"), Format::name) == "yield-prod\n");
    CHECK(value_text(read_json(R"({"items":[]})"), Format::name) == "");
    CHECK(value_text(read_json(R"({"items":[{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"}},
                                            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}},
                                            {"group":"batch","kind":"Job","namespace":"x","name":"load"}]})"),
                     Format::name) == "deployment.apps/web\nservice/web\njob.batch/load\n");
}

TEST_CASE("text and wide are left to the command") {
    CHECK(value_text(read_json(k_answer), Format::text) == std::nullopt);
    CHECK(value_text(read_json(k_answer), Format::wide) == std::nullopt);
}
