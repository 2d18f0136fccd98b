#include "core/rollout/hook_payload.hpp"

#include <catch2/catch.hpp>

using namespace gitops;
using namespace gitops::rollout;

namespace {

CanarySpec canary() {
    CanarySpec spec;
    spec.name = "web";
    spec.ns = "prod";
    return spec;
}

Webhook hook(doc::Value metadata) {
    Webhook made;
    made.name = "load";
    made.url = "http://tester/";
    made.metadata = std::move(metadata);
    return made;
}

}  // namespace

TEST_CASE("a hook is told which run it is called for", "[hook_payload]") {
    CHECK(hook_body(canary(), hook({}), {"Progressing", "0123456789abcdef"}) ==
          R"({"name":"web","namespace":"prod","phase":"Progressing","checksum":"0123456789abcdef"})");
    CHECK(hook_body(canary(), hook(doc::Value::map({{"type", "cmd"}, {"cmd", "hey \"x\" <&>"}})), {"Waiting", "c"}) ==
          R"({"name":"web","namespace":"prod","phase":"Waiting","checksum":"c","metadata":{"type":"cmd","cmd":"hey \"x\" <&>"}})");
}

TEST_CASE("an event adds its message, type and time to the metadata", "[hook_payload]") {
    const auto at = *base::parse_rfc3339("2026-01-01T00:00:00.250Z");
    CHECK(event_body(canary(), hook({}), {"Progressing", "c"}, "Advance web.prod canary weight 10", EventType::normal, at) ==
          R"({"name":"web","namespace":"prod","phase":"Progressing","checksum":"c","metadata":{"eventMessage":)"
          R"("Advance web.prod canary weight 10","eventType":"Normal","timestamp":"1767225600250"}})");
    CHECK(event_body(canary(), hook(doc::Value::map({{"env", "eu"}, {"eventType", "mine"}})), {"Failed", "c"}, "no", EventType::warning, at) ==
          R"({"name":"web","namespace":"prod","phase":"Failed","checksum":"c","metadata":{"env":"eu","eventType":"Warning",)"
          R"("eventMessage":"no","timestamp":"1767225600250"}})");
}

TEST_CASE("the checksum follows the revision and the configuration, and nothing else", "[hook_payload]") {
    const auto first = hook_checksum("v1", {{"configmap/a", "1"}, {"secret/b", "2"}});
    CHECK(first == "7a2f30b90a63b051");
    CHECK(hook_checksum("v1", {{"secret/b", "2"}, {"configmap/a", "1"}}) == first);
    CHECK(hook_checksum("v2", {{"configmap/a", "1"}, {"secret/b", "2"}}) != first);
    CHECK(hook_checksum("v1", {{"configmap/a", "9"}, {"secret/b", "2"}}) != first);
    CHECK(hook_checksum("v1", {}) != first);
}

TEST_CASE("a hook becomes a call", "[hook_payload]") {
    Webhook made = hook({});
    made.timeout = base::Duration(5'000);
    made.retries = 3;
    made.skip_tls_verify = true;
    const auto call = call_of(made, "{}");
    CHECK(call.name == "load");
    CHECK(call.url == "http://tester/");
    CHECK(call.command.empty());
    CHECK(call.body == "{}");
    CHECK(call.timeout == base::Duration(5'000));
    CHECK(call.retries == 3);
    CHECK(call.skip_tls_verify);
}
