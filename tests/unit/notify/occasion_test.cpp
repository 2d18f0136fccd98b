#include <catch2/catch.hpp>

#include "core/doc/yaml_read.hpp"
#include "core/notify/letter.hpp"

using namespace gitops;

namespace {

const auto k_now = *base::parse_rfc3339("2026-01-01T12:00:00Z");

const char* const k_config = R"(
kind: ConfigMap
data:
  service.slack: "token: s"
  service.webhook.ops: "url: https://ops.example.com"
  service.email: "{host: mail.example.com, from: gitops@example.com}"
  template.page: |
    message: "{{.app.metadata.name}} on line {{.context.line}}: {{.app.status.health.status | lower}}"
    webhook:
      ops: {method: PUT, path: "/apps/{{.app.metadata.name}}", body: '{"to": "{{.serviceType}}"}'}
    slack: {attachments: '[{"title": "{{.app.metadata.name}}"}]'}
    email: {subject: "About {{.app.metadata.name}}"}
  trigger.on-trouble: |
    - {when: app.status.health.status == 'Degraded', send: [page]}
    - {when: app.status.health.status == 'Missing', oncePer: app.status.sync.revision, send: [page]}
  trigger.broken: "[{when: app.metadata.name < 1, send: [page]}]"
  subscriptions: |
    - {recipients: [ops], triggers: [on-trouble], selector: team=wafer}
  defaultTriggers: "[on-trouble]"
  context: "line: north"
)";

doc::Value app(const std::string& health, const std::string& annotations = "{}") {
    return doc::read_yaml("metadata: {name: shop, labels: {team: wafer}, annotations: " + annotations +
                          "}\nstatus: {health: {status: " + health + "}, sync: {revision: abc}}")
        .front();
}

/// One line per occasion, "key holds once", and per problem.
std::string said(const doc::Value& application) {
    const auto found = notify::occasions_of(notify::read_catalog(doc::read_yaml(k_config), "n.yaml", {}), application, k_now);
    std::string text;
    for (const auto& occasion : found.items) text += occasion.key() + (occasion.holds ? " holds " : " - ") + occasion.once + "\n";
    for (const auto& problem : found.problems) text += problem + "\n";
    return text;
}

}  // namespace

TEST_CASE("a global subscription selects applications by label") {
    CHECK(said(app("Degraded")) == "on-trouble[0]:ops: holds \non-trouble[1]:ops: - \n");
    CHECK(said(app("Missing")) == "on-trouble[0]:ops: - \non-trouble[1]:ops: holds abc\n");
    CHECK(said(doc::read_yaml("metadata: {name: shop}").front()) == "");
}

TEST_CASE("annotations subscribe in each of their forms, and each recipient once") {
    CHECK(said(app("Healthy", R"({notifications.argoproj.io/subscribe.on-deployed.slack: "a; b;"})")) ==
          "on-deployed[0]:slack:a - \non-deployed[0]:slack:b - \non-trouble[0]:ops: - \non-trouble[1]:ops: - \n");
    CHECK(said(app("Healthy", R"({notifications.argoproj.io/subscribe.ops: ""})")) ==
          "on-trouble[0]:ops: - \non-trouble[1]:ops: - \n");
    CHECK(said(app("Healthy", R"({notifications.argoproj.io/subscriptions:
        "[{trigger: [on-created], destinations: [{service: email, recipients: [x@example.com]}]}]"})")) ==
          "on-created[0]:email:x@example.com holds shop\non-trouble[0]:ops: - \non-trouble[1]:ops: - \n");
}

TEST_CASE("what an annotation gets wrong is a problem of that one only") {
    CHECK(said(app("Healthy", R"({notifications.argoproj.io/subscribe.on-lunch.slack: a,
        notifications.argoproj.io/subscribe.on-created.teams: a, notifications.argoproj.io/subscribe.a.b.c: d,
        notifications.argoproj.io/subscribe.broken.slack: a, notifications.argoproj.io/subscriptions: "{["})")) ==
          "on-trouble[0]:ops: - \non-trouble[1]:ops: - \n"
          "annotation notifications.argoproj.io/subscribe.a.b.c: expected subscribe.TRIGGER.SERVICE\n"
          "annotation notifications.argoproj.io/subscribe.on-created.teams: there is no service \"teams\"\n"
          "annotation notifications.argoproj.io/subscribe.on-lunch.slack: there is no trigger \"on-lunch\"\n"
          "annotation notifications.argoproj.io/subscriptions: a list or a map as the key of a map\n"
          "trigger broken: column 19 of the condition: a string cannot be compared with a number\n");
}

TEST_CASE("a letter has its texts filled in for its service, and an id that stays") {
    const auto catalog = notify::read_catalog(doc::read_yaml(k_config), "n.yaml", {});
    const auto application = app("Degraded");
    notify::Occasion occasion{{"ops", ""}, "on-trouble", 0, true, "", false, {"page"}};
    const auto hook = notify::letter_of(catalog, occasion, "page", application, k_now);
    CHECK(hook.message == "shop on line north: degraded");
    CHECK(hook.request.method + " " + hook.request.path + " " + hook.request.body == R"(PUT /apps/shop {"to": "ops"})");
    CHECK(notify::letter_of(catalog, occasion, "page", application, k_now + base::Duration(1000)).id == hook.id);
    occasion.recipient = {"slack", "wafer-team"};
    const auto slack = notify::letter_of(catalog, occasion, "page", application, k_now);
    CHECK(slack.attachments == R"([{"title": "shop"}])");
    CHECK(slack.id != hook.id);
    occasion.recipient = {"email", "x@example.com"};
    const auto mail = notify::letter_of(catalog, occasion, "page", application, k_now);
    CHECK(mail.subject + "|" + mail.body == "About shop|shop on line north: degraded");
}
