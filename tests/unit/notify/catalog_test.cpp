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

std::string refusal(const std::string& data) {
    try {
        with(data);
    } catch (const base::Error& error) {
        return error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message();
    }
    return "read";
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
    CHECK(refusal("  trigger.x: |\n    - when: app ==\n      send: [app-created]\n") ==
          "notifications.yaml:3: column 7 of the condition: something is missing at the end");
    CHECK(refusal("  trigger.x: |\n    - {when: 'true', send: [app-gone]}\n") ==
          "notifications.yaml:0: trigger.x sends the template \"app-gone\", which is not there");
    CHECK(refusal("  service.slack: 'token: $nope'\n") == "notifications.yaml:3: there is no secret \"nope\"");
    CHECK(refusal("  service.teams: 'recipientUrls: {}'\n") == "notifications.yaml:3: the service \"teams\" is not supported");
    CHECK(refusal("  service.webhook: 'url: x'\n") == "notifications.yaml:3: a webhook has a name: service.webhook.NAME");
    CHECK(refusal("  service.email: 'host: x'\n") == "notifications.yaml:3: service.email.from: is missing");
    CHECK(refusal("  service.webhook.x: {url: y}\n") == "notifications.yaml:3: service.webhook.x must be a text");
    CHECK(refusal("  triggers.x: ''\n") == "notifications.yaml:3: \"triggers.x\" is no key of a notifications ConfigMap");
    CHECK(refusal("  template.x: 'mesage: hi'\n") == "notifications.yaml:3: unknown field template.x.mesage (did you mean message?)");
    CHECK(refusal("  subscriptions: '[{recipients: [slack:x]}]'\n") ==
          "notifications.yaml:0: subscriptions name the service \"slack\", which is not there");
    CHECK_THROWS_WITH(read("kind: Pod\n"), "expected a ConfigMap or a Secret, found kind \"Pod\"");
}
