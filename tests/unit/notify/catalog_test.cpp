#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/notify/catalog.hpp"

using namespace gitops;

namespace {

notify::Catalog read(const std::string& yaml) {
    return notify::read_catalog(doc::read_yaml(yaml), "notifications.yaml", [](const std::string& name) {
        return name == "from-environment" ? std::optional<std::string>("e") : std::nullopt;
    });
}

/// The catalog whose ConfigMap has `data`, indented by two.
notify::Catalog with(const std::string& data) { return read("kind: ConfigMap\ndata:\n" + data); }

/// What is told of a ConfigMap with `data`, one warning a line.
std::string told(const std::string& data) {
    std::string text;
    for (const auto& warning : with(data).warnings) text += warning + "\n";
    return text;
}

}  // namespace

TEST_CASE("a ConfigMap of Argo CD's, with the secrets beside it") {
    const auto catalog = read(R"(
kind: ConfigMap
metadata: {name: argocd-notifications-cm}
data:
  service.slack: |
    token: $slack-token
    username: gitopsctl
  service.webhook.github: |
    url: https://api.example.com/$from-environment
    headers:
      - {name: Authorization, value: token $github-token}
  service.email.factory: |
    host: mail.example.com
    port: 465
    username: wafer
    password: $mail-password
    from: gitops@example.com
  template.app-deployed: |
    message: "{{.app.metadata.name}} is out"
    webhook:
      github: {method: POST, path: "/status", body: "{}"}
  trigger.on-deployed: |
    - when: app.status.health.status == 'Healthy'
      oncePer: app.status.sync.revision
      send: [app-deployed]
  subscriptions: |
    - recipients: [slack:wafer-team, webhook:github]
      triggers: [on-deployed]
      selector: team=wafer
  defaultTriggers: |
    - on-sync-failed
  context: |
    line: north
---
kind: Secret
stringData: {slack-token: s, github-token: g}
data: {mail-password: bQ==}
)");
    CHECK(catalog.services.at("slack").slack.token == "s");
    CHECK(catalog.services.at("github").webhook.url == "https://api.example.com/e");
    CHECK(catalog.services.at("github").webhook.headers.front().second == "token g");
    CHECK(catalog.services.at("factory").mail.password == "m");
    CHECK(catalog.services.at("factory").mail.port == 465);
    CHECK(catalog.templates.at("app-deployed").webhooks.at("github").path == "/status");
    CHECK(catalog.triggers.at("on-deployed").front().when.text() == "app.status.health.status == 'Healthy'");
    CHECK(catalog.triggers.at("on-sync-failed").front().send == std::vector<std::string>{"app-sync-failed"});
    REQUIRE(catalog.subscriptions.size() == 1);
    CHECK(catalog.subscriptions.front().recipients ==
          std::vector<notify::Recipient>{{"slack", "wafer-team"}, {"github", ""}});
    CHECK(catalog.default_triggers == std::vector<std::string>{"on-sync-failed"});
    CHECK(catalog.context.text_at("line") == "north");
}

TEST_CASE("what a catalog says wrongly is told with its place") {
    CHECK(told("  trigger.x: |\n    - when: app ==\n      send: [app-created]\n") ==
          "notifications.yaml:3: trigger.x: column 7 of the condition: something is missing at the end\n");
    CHECK(told("  trigger.x: |\n    - {when: 'true', send: [app-gone]}\n") ==
          "notifications.yaml: trigger.x sends the template \"app-gone\", which is not there\n");
    CHECK(told("  service.slack: 'token: $nope'\n") ==
          "notifications.yaml:3: service.slack: there is no secret \"nope\" (give it in a Secret document beside the ConfigMap, or as an "
          "environment variable: $slack-token is SLACK_TOKEN)\n");
    CHECK(told("  service.teams: 'recipientUrls: {}'\n") ==
          "notifications.yaml:3: service.teams: the service \"teams\" is not supported (webhook, slack and email are)\n");
    CHECK(told("  service.webhook: 'url: x'\n") ==
          "notifications.yaml:3: service.webhook: a webhook has a name: service.webhook.NAME\n");
    CHECK(told("  service.email: 'host: x'\n") == "notifications.yaml:3: service.email.from: is missing\n");
    CHECK(told("  service.webhook.x: {url: y}\n") == "notifications.yaml:3: service.webhook.x: must be a text\n");
    CHECK(told("  triggers.x: ''\n") ==
          "notifications.yaml:3: triggers.x: is no key of a notifications ConfigMap (did you mean trigger?)\n");
    CHECK(told("  template.x: 'mesage: hi'\n") ==
          "notifications.yaml:3: template.x: unknown field template.x.mesage (did you mean message?)\n");
    CHECK(told("  subscriptions: '[{recipients: [slack:x]}]'\n") ==
          "notifications.yaml: subscriptions name the service \"slack\", which is not there\n");
    CHECK(told("  template.x: 'slack: {deliveryPolicy: Later}'\n") ==
          "notifications.yaml:3: template.x.slack.deliveryPolicy: expected Post, PostAndUpdate or Update, found \"Later\"\n");
    CHECK_THROWS_WITH(read("kind: Pod\n"), "expected a ConfigMap or a Secret, found kind \"Pod\"");
}

TEST_CASE("what is wrong with one key switches off that one only") {
    const auto catalog = with(R"(
  service.teams: "recipientUrls: {}"
  service.slack: "token: s"
  trigger.on-sync-failed: "[{when: 'app ==', send: [app-created]}]"
  trigger.on-lunch: "[{when: 'true', send: [lunch]}]"
  subscriptions: |
    - {recipients: [teams:a, slack:b], triggers: [on-created]}
    - {recipients: [slack:c], triggers: [on-sync-failed]}
    - {recipients: [], triggers: on-created}
)");
    CHECK(catalog.services.contains("slack"));
    CHECK_FALSE(catalog.services.contains("teams"));
    CHECK(catalog.off_services.contains("teams"));
    CHECK(catalog.off_triggers.contains("on-sync-failed"));
    CHECK(catalog.off_triggers.contains("on-lunch"));
    CHECK_FALSE(catalog.triggers.contains("on-sync-failed"));  // and not the standard one in its place
    CHECK(catalog.triggers.contains("on-created"));
    REQUIRE(catalog.subscriptions.size() == 1);
    CHECK(catalog.subscriptions.front().recipients == std::vector<notify::Recipient>{{"slack", "b"}});
    REQUIRE(catalog.warnings.size() == 6);
    CHECK(catalog.warnings[4] == "notifications.yaml: subscriptions name the service \"teams\", which is off");
    CHECK(catalog.warnings[5] == "notifications.yaml: subscriptions name the trigger \"on-sync-failed\", which is off");
}
