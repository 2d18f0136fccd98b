#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/notify/expression.hpp"

using namespace gitops;

namespace {

const char* const k_app = R"(
app:
  metadata: {name: shop, labels: {team: wafer}}
  status:
    operationState: {phase: Failed, startedAt: "2026-01-01T00:00:00Z", retryCount: 2}
    health: {status: Degraded}
    resources: [{kind: Job, status: Synced}, {kind: Pod, status: OutOfSync}]
)";

/// What `text` comes to, as JSON, or the error.
std::string said(const std::string& text) {
    try {
        const auto scope = doc::read_yaml(k_app).front();
        return doc::write_json(notify::Expression::parse(text).evaluate(scope, *base::parse_rfc3339("2026-01-01T00:07:30Z")));
    } catch (const base::Error& error) {
        return error.message();
    }
}

}  // namespace

TEST_CASE("conditions as triggers are written") {
    CHECK(said("app.status.operationState != nil and app.status.operationState.phase in ['Error', 'Failed']") == "true");
    CHECK(said("app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Healthy'") == "false");
    CHECK(said("app.status.sync.status == 'Unknown'") == "false");
    CHECK(said("app.metadata.deletionTimestamp != nil") == "false");
    CHECK(said("app.status?.operationState?.syncResult?.revision") == "null");
    CHECK(said("time.Now().Sub(time.Parse(app.status.operationState.startedAt)).Minutes() >= 5") == "true");
    CHECK(said("app.metadata.labels['team'] == \"wafer\" && !(app.status.health.status == 'Healthy')") == "true");
    CHECK(said("not app.status.health.status == 'Healthy'") == "true");
    CHECK(said("app.metadata.name not in ['shop', 'cart']") == "false");
    CHECK(said("any(app.status.resources, {.status == 'OutOfSync' and #.kind == 'Pod'})") == "true");
    CHECK(said("map(filter(app.status.resources, {.kind == 'Job'}), {.status})") == "[\"Synced\"]");
}

TEST_CASE("operators, their order and functions") {
    CHECK(said("1 + 2 * 3 == 7 or 1 / 0 == 1") == "true");
    CHECK(said("-2 * 3 + 10 % 4") == "-4");
    CHECK(said("(1 + 2) * 3 > 8 ? 'more' : 'less'") == "\"more\"");
    CHECK(said("app.x ?? 'none'") == "\"none\"");
    CHECK(said("app.metadata.name startsWith 'sh' and app.metadata.name endsWith 'op' and 'shop' contains 'ho'") == "true");
    CHECK(said("app.metadata.name matches '^sh.p$'") == "true");
    CHECK(said("len(app.status.resources) + len('abc')") == "5");
    CHECK(said("[1, 2, 3][-1]") == "3");
    CHECK(said("count(app.status.resources, {.kind != 'Job'})") == "1");
    CHECK(said("strings.ReplaceAll(strings.ToUpper('a-b'), '-', '_')") == "\"A_B\"");
    CHECK(said("time.Now().Sub(time.Parse('2026-01-01T00:00:00Z'))") == "\"7m30s\"");
}

TEST_CASE("what cannot be read or evaluated says where and why") {
    CHECK(said("app.status ==") == "column 14 of the condition: something is missing at the end");
    CHECK(said("'open") == "column 1 of the condition: the text that begins here has no end");
    CHECK(said("app; rm") == "column 4 of the condition: ';' means nothing here");
    CHECK(said("(1") == "column 3 of the condition: expected \")\", and it ends here");
    CHECK(said("apq.status") == "column 1 of the condition: there is no \"apq\"");
    CHECK(said("exec('rm')") == "column 1 of the condition: there is no function exec()");
    CHECK(said("1 < 'a'") == "column 3 of the condition: a number cannot be compared with a string");
    CHECK(said("len(1)") == "column 1 of the condition: a number has no length");
    CHECK(said("[1][3]") == "column 4 of the condition: the list has 1 items, not one at 3");
    CHECK(said("1 / 0") == "column 3 of the condition: division by zero");
    CHECK(said("app.metadata.name matches '('") == "column 19 of the condition: the pattern cannot be used: missing ): (");
    CHECK(said(std::string(200, '(')) == "column 22 of the condition: nested too deep");
    CHECK(said(std::string(5000, '1')) == "a condition may have 4096 bytes, this one has 5000");
    const auto scope = doc::read_yaml(k_app).front();
    CHECK_THROWS_WITH(notify::Expression::parse("1").holds(scope, {}), "the condition \"1\" comes to a number, not to true or false");
}

TEST_CASE("a condition that would take for ever is stopped") {
    auto scope = doc::Value::map();
    auto list = doc::Value::list();
    for (int i = 0; i < 500; ++i) list.push_back(i);
    scope.set("l", list);
    CHECK_THROWS_WITH(notify::Expression::parse("all(l, {all(l, {all(l, {# >= 0})})})").holds(scope, {}),
                      Catch::Contains("it takes too many steps"));
}
