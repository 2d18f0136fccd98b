#include "core/app/appset/appset.hpp"

#include <catch2/catch.hpp>

#include "core/app/appset/appset_kept.hpp"
#include "core/app/appset/appset_rollout.hpp"
#include "core/app/controller/controller.hpp"
#include "core/app/edit.hpp"
#include "core/app/project/project.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using app::Confirmed;
using test::Lab;

namespace {

/// A set over the folders of the lab's repository; `more` are further lines of its spec.
sources::ApplicationSet set_of(const Lab& lab, const std::string& more = {}, const std::string& labels = "{team: data}") {
    std::vector<std::string> warnings;
    const std::string text =
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: shops}\nspec:\n  generators:\n  - git: {repoURL: '" +
                             lab.repo.path() + "', directories: [{path: '*'}]}\n  template:\n    metadata: {name: '{{path.basename}}', labels: " + labels +
                             "}\n    spec:\n      source: {repoURL: '" + lab.repo.path() +
                                 "', path: '{{path}}'}\n      destination: {server: 'https://local', namespace: '{{path.basename}}'}\n" +
                             "      syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}\n" + more;
    return sources::read_application_set(doc::read_yaml_one(text), "set.yaml", warnings);
}

app::SetPlan plan(Lab& lab, const sources::ApplicationSet& set, const std::string& max_deletions = {}) {
    return app::plan_set(lab.services, set, app::set_ports(lab.services, app::Fetch::remote), max_deletions);
}

/// "create a, delete b", what is invalid, and the error when there is one.
std::string told(const app::SetPlan& plan) {
    std::string text;
    for (const auto& change : plan.changes) text += (text.empty() ? "" : ", ")
        + std::string(app::set_action_name(change.action)) + " " + change.app;
    for (const auto& member : plan.invalid) text += "; " + member.app + ": " + member.error.message();
    return plan.refusal ? text + "; " + plan.refusal->message() : text;
}

std::string error_of(const std::function<void()>& body) {
    try {
        body();
        return "none";
    } catch (const base::Error& error) {
        return error.message();
    }
}

void commit(Lab& lab, const std::vector<std::string>& folders) {
    for (const auto& folder : folders) lab.repo.write(folder + "/a.yaml", test::config_map("a", "1"));
    lab.repo.commit("folders");
}

void apply(Lab& lab, const sources::ApplicationSet& set, Confirmed confirmed = Confirmed::no) {
    app::apply_set(lab.services, plan(lab, set), confirmed, {});
}

void remove_folder(Lab& lab, const std::string& folder) {
    lab.repo.remove(folder + "/a.yaml");
    lab.repo.commit("without " + folder);
}

}  // namespace

TEST_CASE("a set creates, updates and deletes its own applications", "[appset]") {
    Lab lab;
    commit(lab, {"api", "web", "db"});
    CHECK(told(plan(lab, set_of(lab))) == "create api, create db, create web");
    apply(lab, set_of(lab));
    CHECK(lab.state.application_names() == std::vector<std::string>{"api", "db", "web"});
    CHECK(lab.state.application("web").destination.cluster == "local");
    CHECK(app::owner_of(lab.state.application("web").document) == "shops");
    CHECK(app::condition_of(lab.state, "shops")->type == "ResourcesUpToDate");
    CHECK(told(plan(lab, set_of(lab))) == "unchanged api, unchanged db, unchanged web");
    remove_folder(lab, "db");
    CHECK(told(plan(lab, set_of(lab, "", "{team: ops}"))) == "update api, delete db, update web");
    apply(lab, set_of(lab, "", "{team: ops}"));
    CHECK(lab.state.application_names() == std::vector<std::string>{"api", "web"});
}

TEST_CASE("a change that deletes too many needs a yes", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b", "c", "d"});
    apply(lab, set_of(lab));
    for (const char* folder : {"a", "b", "c"}) remove_folder(lab, folder);
    const std::string refused = "ApplicationSet shops would delete 3 of its 4 applications (a, b, c), 2 may go at once";
    CHECK(told(plan(lab, set_of(lab))) == "delete a, delete b, delete c, unchanged d; " + refused);
    CHECK(error_of([&] { apply(lab, set_of(lab)); }) == refused);
    CHECK(lab.state.application_names().size() == 4);
    CHECK(app::refresh_sets(lab.services, {}).at(0).is_news);
    CHECK_FALSE(app::refresh_sets(lab.services, {}).at(0).is_news);
    CHECK(app::condition_of(lab.state, "shops")->message == refused);
    CHECK_FALSE(plan(lab, set_of(lab), "3").refusal);
    CHECK(plan(lab, set_of(lab), "74%").refusal);
    CHECK_FALSE(plan(lab, set_of(lab), "75%").refusal);
    CHECK(error_of([&] { plan(lab, set_of(lab), "many"); }) == "\"many\" is no number of deletions");
    apply(lab, set_of(lab), Confirmed::yes);
    CHECK(lab.state.application_names() == std::vector<std::string>{"d"});
}

TEST_CASE("an error changes nothing", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b"});
    apply(lab, set_of(lab));
    CHECK(error_of([&] { apply(lab,
        set_of(lab, "  templatePatch: 'spec: {project: nowhere}'\n")); }) == "templatePatch must not change spec.project");
    auto broken = set_of(lab);
    broken.generators.push_back(doc::read_yaml_one("git: {repoURL: /nowhere, directories: [{path: '*'}]}"));
    CHECK(error_of([&] { apply(lab, broken); }) != "none");
    CHECK(lab.state.application_names() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("others' applications are not touched", "[appset]") {
    Lab lab;
    commit(lab, {"a"});
    lab.create("a", "a", "shop");
    const auto before = lab.state.application("a").document;
    CHECK(told(plan(lab, set_of(lab))) == "; a: application a exists already and was not made by ApplicationSet shops");
    apply(lab, set_of(lab));
    CHECK(lab.state.application("a").document == before);
    CHECK(app::condition_of(lab.state, "shops")->type == "ErrorOccurred");
}

TEST_CASE("an application that cannot be registered holds up no other, and is not taken for gone", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b", "c", "d"});
    apply(lab, set_of(lab));
    auto set = set_of(lab);
    set.application.at("spec").set("project", "team-{{path.basename}}");
    for (const char* name : {"team-a", "team-c"}) {
        auto project = sources::default_project_document();
        project.at("metadata").set("name", name);
        lab.state.put_definition(app::k_project_kind, name, project);
    }
    commit(lab, {"e"});
    CHECK(told(plan(lab, set)) == "update a, update c; b: there is no project \"team-b\"; d: there is no project \"team-d\"; "
                                 "e: there is no project \"team-e\"");
    apply(lab, set);
    CHECK(lab.state.application_names() == std::vector<std::string>{"a", "b", "c", "d"});
    CHECK(lab.state.application("a").project == "team-a");
    CHECK(lab.state.application("b").project == "default");
    const std::string message = "application b cannot be registered: there is no project \"team-b\" (and 2 more)";
    CHECK(app::condition_of(lab.state, "shops")->message == message);
}

TEST_CASE("what a pass could not register is told once", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b"});
    lab.create("a", "a", "shop");
    apply(lab, set_of(lab));
    app::put_condition(lab.services, "shops", nullptr);
    const auto failed = app::refresh_sets(lab.services, {});
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].message == "application a cannot be registered: application a exists already and was not made by ApplicationSet shops");
    CHECK((failed[0].applied == app::Applied::in_part && failed[0].is_news));
    CHECK_FALSE(app::refresh_sets(lab.services, {}).at(0).is_news);
    CHECK(lab.state.application_names() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("clusters as generators see them", "[appset]") {
    Lab lab;
    app::ClusterRow prod;
    prod.name = "prod";
    prod.kind = "embedded";
    prod.labels = {{"env", "prod"}};
    lab.state.put_cluster(prod);
    commit(lab, {"a"});
    const auto applications = [&](const std::string& selector) {
        auto set = set_of(lab);
        set.generators = doc::read_yaml_one("[{clusters: {" + selector + "}}]");
        set.application = doc::read_yaml_one(
            "{metadata: {name: 'on-{{name}}', labels: {secret: '{{metadata.labels.argocd.argoproj.io/secret-type}}'}}, spec: {source: {repoURL: '" +
            lab.repo.path() + "', path: a}, destination: {server: '{{server}}'}}}");
        std::string text;
        for (const auto& change : plan(lab, set).changes)
            text += change.app + " " + std::string(change.after.path("metadata", "labels", "secret")->text()) + " " +
                    doc::write_json(*change.after.path("spec", "destination")) + "\n";
        return text;
    };
    const std::string own = "on-in-cluster {{metadata.labels.argocd.argoproj.io/secret-type}} {\"name\":\"local\"}\n";
    const std::string other = "on-prod cluster {\"name\":\"prod\"}\n";
    CHECK(applications("") == own + other);
    CHECK(applications("selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster}}") == other);
    CHECK(applications("selector: {matchExpressions: [{key: env, operator: NotIn, values: [dev]}]}") == other);
    // With labels it is like one that was registered.
    auto local = lab.state.cluster("local");
    local.labels = {{"env", "home"}};
    lab.state.put_cluster(local);
    CHECK(applications("selector: {matchLabels: {env: home}}") == "on-in-cluster cluster {\"name\":\"local\"}\n");
    // Which one is current makes no difference: other names would be other applications.
    lab.state.use_cluster("prod");
    CHECK(applications("selector: {matchLabels: {env: home}}") == "on-in-cluster cluster {\"name\":\"local\"}\n");
    // What others than clusters generators call so stays what it is in any Application: the current one.
    auto set = set_of(lab);
    set.application.at("spec").set("destination", doc::read_yaml_one("{name: in-cluster}"));
    CHECK(doc::write_json(*plan(lab, set).changes.at(0).after.path("spec", "destination")) == R"({"name":"in-cluster"})");
}

TEST_CASE("policies and kept fields", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b", "c"});
    apply(lab, set_of(lab));
    remove_folder(lab, "c");
    CHECK(told(plan(lab, set_of(lab, "  syncPolicy: {applicationsSync: create-only}\n",
        "{team: x}"))) == "not updated a, not updated b, not deleted c");
    CHECK(told(plan(lab, set_of(lab, "  syncPolicy: {applicationsSync: create-update}\n",
        "{team: x}"))) == "update a, update b, not deleted c");
    CHECK(told(plan(lab, set_of(lab, "  syncPolicy: {applicationsSync: create-delete}\n",
        "{team: x}"))) == "not updated a, not updated b, delete c");

    auto edited = lab.state.application("a").document;
    edited.at("metadata").at("labels").set("mine", "1");
    edited.at("metadata").at("labels").set("theirs", "1");
    edited.at("spec").at("source").set("targetRevision", "v1");
    std::vector<std::string> warnings;
    lab.state.put_application(app::read_application(edited, "", warnings), lab.clock->now());
    const auto set = set_of(lab,
        "  preservedFields: {labels: [mine]}\n  ignoreApplicationDifferences: [{name: a, jsonPointers: [/spec/source/targetRevision]}]\n");
    apply(lab, set);
    const auto document = lab.state.application("a").document;
    CHECK(document.path("metadata", "labels")->size() == 2);
    CHECK(document.path("metadata", "labels", "mine")->text() == "1");
    CHECK(document.path("spec", "source", "targetRevision")->text() == "v1");
}

TEST_CASE("of what a set and somebody else both wrote the listed keys and paths stay", "[appset]") {
    const auto set = [](const std::string& spec) {
        std::vector<std::string> warnings;
        return sources::read_application_set(
            doc::read_yaml_one("{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: s}, spec: {generators: [], template: {}, " +
                               spec + "}}"),
            "set.yaml", warnings);
    };
    const auto kept = [&](const std::string& spec, const std::string& after, const std::string& before) {
        return doc::write_json(app::with_kept(set(spec), "a", doc::read_yaml_one(after), doc::read_yaml_one(before)));
    };
    CHECK(kept("preservedFields: {annotations: [mine], labels: [team]}",
               "{metadata: {annotations: {mine: set, other: set}, labels: {team: set}}}",
               "{metadata: {annotations: {mine: live, other: live, argocd.argoproj.io/refresh: hard}, labels: {team: live, x: live}}}") ==
          R"({"metadata":{"annotations":{"mine":"live","other":"set","argocd.argoproj.io/refresh":"hard"},"labels":{"team":"live"}}})");
    const std::string path = "ignoreApplicationDifferences: [{jqPathExpressions: ['.spec.sources[] | select(.repoURL == \"x\").targetRevision']}]";
    // The source moved in its list.
    CHECK(kept(path, "{spec: {sources: [{repoURL: x, targetRevision: v1}, {repoURL: y, targetRevision: v1}]}}",
               "{spec: {sources: [{repoURL: y, targetRevision: v7}, {repoURL: x, targetRevision: v8}]}}") ==
          R"({"spec":{"sources":[{"repoURL":"x","targetRevision":"v8"},{"repoURL":"y","targetRevision":"v1"}]}})");
    // It is new, or it is gone: nothing lands in another one.
    CHECK(kept(path, "{spec: {sources: [{repoURL: y, targetRevision: v1}]}}", "{spec: {sources: [{repoURL: x, targetRevision: v8}]}}") ==
          R"({"spec":{"sources":[{"repoURL":"y","targetRevision":"v1"}]}})");
    CHECK(kept("ignoreApplicationDifferences: [{jqPathExpressions: [.spec.source.targetRevision]}]", "{spec: {source: {path: a}}}",
               "{spec: {source: {path: b, targetRevision: v8}}}") == R"({"spec":{"source":{"path":"a","targetRevision":"v8"}}})");
    CHECK(kept("ignoreApplicationDifferences: [{jsonPointers: [/spec/sources/1/path]}]", "{spec: {sources: [{path: a}, {path: b}]}}",
               "{spec: {sources: [{path: c}, {path: d}]}}") == R"({"spec":{"sources":[{"path":"a"},{"path":"d"}]}})");
    // A list that is not there is not made for one of its items, let alone as a map.
    for (const char* field : {"jsonPointers: [/spec/sources/0/path]", "jqPathExpressions: ['.spec.sources[0].path']"})
        CHECK(kept("ignoreApplicationDifferences: [{" + std::string(field) + "}]", "{spec: {source: {path: a}}}",
                   "{spec: {sources: [{path: c}]}}") == R"({"spec":{"source":{"path":"a"}}})");
    CHECK(error_of([&] { set("ignoreApplicationDifferences: [{jqPathExpressions: ['.spec |']}]"); }).starts_with(
        "spec.ignoreApplicationDifferences[0].jqPathExpressions: "));
}

TEST_CASE("what is kept and cannot be read makes one application invalid", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b"});
    apply(lab, set_of(lab));
    auto edited = lab.state.application("a").document;
    edited.at("spec").set("destination", doc::read_yaml_one("{name: local}"));
    std::vector<std::string> warnings;
    lab.state.put_application(app::read_application(edited, "", warnings), lab.clock->now());
    auto set = set_of(lab, "  ignoreApplicationDifferences: [{name: a, jsonPointers: [/spec/destination/name]}]\n", "{team: ops}");
    set.application.at("spec").at("destination").set("server", "https://kubernetes.default.svc");
    set.application.at("spec").at("destination").set("name", "");
    app::ClusterRow prod;
    prod.name = "prod";
    prod.kind = "embedded";
    lab.state.put_cluster(prod);
    lab.state.use_cluster("prod");
    CHECK(told(plan(lab, set)) == "update b; a: spec.destination.server: a destination has a name or a server, not both");
    apply(lab, set);
    CHECK(lab.state.application("b").document.path("metadata", "labels", "team")->text() == "ops");
}

TEST_CASE("a set that was applied in part says so", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b"});
    std::stop_source stop;
    stop.request_stop();
    const std::string message = "interrupted; run the command again to finish";
    CHECK(error_of([&] { app::apply_set(lab.services, plan(lab, set_of(lab)), Confirmed::no, stop.get_token()); }) == message);
    CHECK(app::condition_of(lab.state, "shops")->message == message);
    apply(lab, set_of(lab));
    CHECK(app::condition_of(lab.state, "shops")->type == "ResourcesUpToDate");
}

TEST_CASE("deleting a set takes its applications along, or leaves them alone", "[appset]") {
    Lab lab;
    commit(lab, {"a", "b"});
    lab.create("other", "a", "other");
    apply(lab, set_of(lab));
    app::delete_set(lab.services, "shops", app::Members::leave, {});
    CHECK(lab.state.application_names() == std::vector<std::string>{"a", "b", "other"});
    CHECK(app::owner_of(lab.state.application("a").document).empty());
    CHECK(error_of([&] { app::delete_set(lab.services, "shops", app::Members::remove,
        {}); }) == "there is no ApplicationSet \"shops\"");
    for (const char* name : {"a", "b"}) lab.state.delete_application(name);
    apply(lab, set_of(lab));
    app::delete_set(lab.services, "shops", app::Members::remove, {});
    CHECK(lab.state.application_names() == std::vector<std::string>{"other"});
}

TEST_CASE("a rolling sync goes step by step", "[appset]") {
    Lab lab;
    commit(lab, {"dev", "prod"});
    const auto set = set_of(lab,
                            "  strategy: {type: RollingSync, rollingSync: {steps: [{matchExpressions: [{key: env, operator: In, values: [dev]}]}, "
                            "{matchExpressions: [{key: env, operator: In, values: [prod]}]}]}}\n",
                            "{env: '{{path.basename}}'}");
    apply(lab, set);
    CHECK_FALSE(lab.state.application("dev").sync_policy.automated->enabled);
    const auto standing = [&] {
        std::string text;
        for (const auto& member : app::rollout_of(lab.services, set, app::Fetch::remote))
            text += member.name + " " + std::string(sources::member_phase_name(member.phase)) + "; ";
        return text;
    };
    const auto roll = [&] {
        std::string synced;
        app::roll_sets(lab.services, [&](const app::SyncReport& report) { synced += report.app + " "; }, {});
        return synced;
    };
    CHECK(standing() == "dev Pending; prod Waiting; ");
    CHECK(app::reconcile(lab.services, "dev", app::AfterFailure::hold, {}).verdict.reason ==
          "out of sync; it is synced in its turn, by the rolling sync of ApplicationSet shops");
    CHECK(roll() == "dev ");
    CHECK(standing() == "dev Healthy; prod Pending; ");
    CHECK(roll() == "prod ");
    CHECK(roll().empty());
    CHECK(standing() == "dev Healthy; prod Healthy; ");
    lab.repo.write("dev/a.yaml", test::config_map("a", "2"));
    lab.repo.write("prod/a.yaml", test::config_map("a", "2"));
    lab.repo.commit("second");
    CHECK(roll() == "dev ");
    CHECK(roll() == "prod ");
}
