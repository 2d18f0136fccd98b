#include <catch2/catch.hpp>

#include "core/base/error.hpp"
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
std::string said(const doc::Value& application, const doc::Value& project = {}) {
    const auto found = notify::occasions_of(notify::read_catalog(doc::read_yaml(k_config), "n.yaml", {}), {application, k_now, project});
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
    const auto hook = notify::letter_of(catalog, occasion, "page", {application, k_now});
    CHECK(hook.message == "shop on line north: degraded");
    CHECK(hook.request.method + " " + hook.request.path + " " + hook.request.body == R"(PUT /apps/shop {"to": "ops"})");
    CHECK(notify::letter_of(catalog, occasion, "page", {application, k_now + base::Duration(1000)}).id == hook.id);
    const auto began = [](doc::Value shop, const char* time) {
        shop.at("status").set("operationState", doc::Value::map({{"startedAt", time}}));
        return shop;
    };
    const auto id_of = [&](const doc::Value& shop) { return notify::letter_of(catalog, occasion, "page", {shop, k_now}).id; };
    CHECK(id_of(began(application, "2026-01-01T00:00:00Z")) != id_of(began(application, "2026-01-01T00:00:01Z")));
    occasion.is_lasting = true;
    CHECK(id_of(began(application, "2026-01-01T00:00:00Z")) == id_of(began(application, "2026-01-01T00:00:01Z")));
    occasion.is_lasting = false;
    occasion.recipient = {"slack", "wafer-team"};
    const auto slack = notify::letter_of(catalog, occasion, "page", {application, k_now});
    CHECK(slack.attachments == R"([{"title": "shop"}])");
    CHECK(slack.id != hook.id);
    occasion.recipient = {"email", "x@example.com"};
    const auto mail = notify::letter_of(catalog, occasion, "page", {application, k_now});
    CHECK(mail.subject + "|" + mail.body == "About shop|shop on line north: degraded");
}

TEST_CASE("annotations of the project subscribe for its applications") {
    const auto project = doc::read_yaml(R"(
metadata: {name: wafers, annotations: {notifications.argoproj.io/subscribe.on-created.slack: wafers}}
)").front();
    CHECK(said(doc::read_yaml("metadata: {name: shop}").front(), project) == "on-created[0]:slack:wafers holds shop\n");
}

TEST_CASE("who subscribes to what is off is told why") {
    const auto catalog = notify::read_catalog(doc::read_yaml("kind: ConfigMap\ndata:\n  service.teams: 'a: b'\n"), "n.yaml", {});
    const auto found = notify::occasions_of(catalog, {app("Healthy", "{notifications.argoproj.io/subscribe.on-created.teams: x}"), k_now});
    CHECK(found.problems ==
          std::vector<std::string>{"annotation notifications.argoproj.io/subscribe.on-created.teams: the service \"teams\" is off: n.yaml:3: "
                                   "service.teams: the service \"teams\" is not supported (webhook, slack and email are)"});
}

namespace {

notify::Subject with_commits(const doc::Value& application) {
    return {application, k_now, {}, [](const std::string& sha) {
                if (sha != "abc") throw base::Error(base::Code::not_found, "there is no commit " + sha);
                return notify::CommitFacts{"second\n\nmore", "Anna <anna@fab.example>", k_now, {"v1", "v2"}};
            }};
}

/// What a template writes, or why it cannot.
std::string written(const std::string& text, const doc::Value& application) {
    auto catalog = notify::read_catalog(doc::read_yaml(k_config), "n.yaml", {});
    catalog.templates["t"].message = text;
    try {
        return notify::letter_of(catalog, {{"ops", ""}, "on-trouble", 0, true, "", false, {"t"}}, "t", with_commits(application)).message;
    } catch (const base::Error& error) {
        return error.message();
    }
}

}  // namespace

TEST_CASE("templates call Argo CD's functions") {
    auto shop = app("Healthy");
    CHECK(written("{{(call .repo.GetCommitMetadata .app.status.sync.revision).Author}}", shop) == "Anna <anna@fab.example>");
    CHECK(written("{{$c := call .repo.GetCommitMetadata \"abc\"}}{{$c.Tags}} {{$c.Date.Format \"2006-01-02\"}} {{$c.Date}}", shop) ==
          "[v1 v2] 2026-01-01 2026-01-01 12:00:00 +0000 UTC");
    CHECK(written("{{call .repo.GetCommitMetadata \"xyz\"}}", shop) ==
          "template: t.message:1:2: executing \"t.message\" at <call .repo.GetCommitMetadata \"xyz\">: error calling call: there is no commit xyz");
    CHECK(written("{{call .repo.GetCommitMetadata}}", shop) ==
          "template: t.message:1:2: executing \"t.message\" at <call .repo.GetCommitMetadata>: error calling call: wrong number of args: got 0 want 1");
    CHECK(written("{{call .repo.FullNameByRepoURL \"git@host.example:argoproj/argo-cd.git\"}}", shop) == "argoproj/argo-cd");
    CHECK(written("{{call .repo.RepoURLToHTTPS \"git@host.example:argoproj/argo-cd.git\"}}", shop) == "https://host.example/argoproj/argo-cd.git");
    CHECK(written("{{call .repo.QueryEscape \"a b&c\"}}", shop) == "a+b%26c");
    CHECK(written("{{(call .time.Parse \"2026-01-02T03:04:05Z\").Local.Format \"15:04\"}}", shop) == "03:04");
    CHECK(written("{{call .strings.ReplaceAll \"a.b.c\" \".\" \"-\"}} {{call .strings.ToUpper \"x\"}}", shop) == "a-b-c X");
    CHECK(written("{{call .app 1}}", shop) ==
          "template: t.message:1:2: executing \"t.message\" at <call .app 1>: error calling call: non-function of type map[string]interface {}");
}

TEST_CASE("what an operation was started with is asked for by its name") {
    const auto shop = doc::read_yaml("metadata: {name: shop}\n"
                                     "status: {operationState: {operation: {info: [{name: reason, value: release}]}}}").front();
    CHECK(written("{{call .sync.GetInfoItem \"reason\"}}|{{call .sync.GetInfoItem .app \"reason\"}}|{{call .sync.GetInfoItem \"x\"}}", shop) ==
          "release|release|");
    const auto subject = with_commits(shop);
    const auto functions = notify::functions_of(subject);
    CHECK(notify::Expression::parse("sync.GetInfoItem('reason') == 'release'").holds(doc::Value::map({{"app", shop}}), k_now, functions));
    CHECK(notify::Expression::parse("repo.GetCommitMetadata('abc').Author contains 'anna@'").holds(doc::Value::map(), k_now, functions));
    CHECK_THROWS_WITH(notify::Expression::parse("repo.GetCommitMetadata('xyz') == nil").holds(doc::Value::map(), k_now, functions),
                      "column 1 of the condition: repo.GetCommitMetadata(): there is no commit xyz");
    CHECK(notify::full_name_of_repo("https://user@host.example/a/b/c") == "a/b");
    CHECK(notify::full_name_of_repo("ssh://git@host.example:22/a/b.git") == "a/b");
    CHECK(notify::https_url_of_repo("ssh://git@host.example:22/a/b.git") == "https://host.example:22/a/b.git");
}
