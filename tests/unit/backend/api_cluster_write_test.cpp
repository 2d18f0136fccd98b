// Applying, creating, replacing, patching and deleting: what is sent, and what the answers mean.
#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "tests/unit/backend/cluster_lab.hpp"

using namespace gitops;
using namespace gitops::test;
using kube::DryRun;
using kube::OnConflict;
using Lines = std::vector<std::string>;

namespace {

const std::string k_a = k_configs + "/a";
const kube::ObjectRef k_ref{{"", "v1", "ConfigMap"}, "prod", "a"};
const kube::ApplyOptions k_git{"git", OnConflict::fail, DryRun::no};

doc::Value wish(std::string_view color = "blue") {
    return yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: prod}, data: {color: " + std::string(color) + "}}");
}

/// What `git` applied at a time of day, as a server answers it; somebody's label changes without us.
HttpAnswer applied(std::string_view version, std::string_view color, std::string_view time, std::string_view label = "x") {
    doc::Value object = doc::read_json(config_map("a", version, color));
    doc::Value entry = yaml("{manager: git, operation: Apply, apiVersion: v1, fieldsV1: {'f:data': {'f:color': {}}}}");
    entry.set("time", "2026-01-01T" + std::string(time) + "Z");
    object.at("metadata").set("managedFields", doc::Value::list({entry}));
    object.at("metadata").set("labels", doc::Value::map({{"seen", label}}));
    return json(doc::write_json(object));
}

HttpAnswer ok(std::string body) { return json(std::move(body)); }

kube::Write write_of(decltype(kube::Write::change) change, DryRun dry_run = DryRun::no) { return {std::move(change), "hand", dry_run}; }

}  // namespace

TEST_CASE("an apply is a JSON patch body with the manager, list keys filled in and the server's fields left out") {
    ClusterLab lab;
    lab.server.answer("PATCH /api/v1/namespaces/prod/services/web", ok("{}"));
    doc::Value service = yaml("{apiVersion: v1, kind: Service, metadata: {name: web, namespace: prod, creationTimestamp: null, "
                              "generation: 3, managedFields: []}, spec: {ports: [{port: 80}]}, status: {loadBalancer: {}}}");
    lab.cluster->apply(service, {"git ops", OnConflict::take_over, DryRun::no});
    const HttpSeen sent = lab.asked().at(0);
    CHECK(sent.line() == "PATCH /api/v1/namespaces/prod/services/web?fieldManager=git%20ops&force=true&fieldValidation=Strict");
    CHECK(sent.header("Content-Type") == "application/apply-patch+yaml");
    CHECK(sent.body == R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"prod"},"spec":{"ports":[{"port":80,"protocol":"TCP"}]}})");
}

TEST_CASE("conflicts of an apply name the manager and the field, with the live object unchanged") {
    ClusterLab lab;
    lab.server.answer("PATCH " + k_a, json(status(409, "Conflict", "Apply failed with 2 conflicts", R"({"causes":[
        {"reason":"FieldManagerConflict","message":"conflict with \"kubectl-client-side-apply\" using apps/v1","field":".spec.replicas"},
        {"reason":"FieldManagerConflict","message":"conflict with \"a \\\"b\\\"\" with subresource \"scale\" using v1 at 2026-01-01T00:00:00Z","field":".spec.template.spec.containers[name=\"web\"].image"}]})"), 409));
    lab.server.answer("GET " + k_a, ok(config_map("a", "7", "red")));
    const kube::Applied refused = lab.cluster->apply(wish(), k_git);
    REQUIRE(refused.conflicts.size() == 2);
    CHECK(refused.conflicts[0].manager == "kubectl-client-side-apply");
    CHECK(refused.conflicts[0].path == ".spec.replicas");
    CHECK(refused.conflicts[1].manager == "a \"b\"");
    CHECK(refused.conflicts[1].path == ".spec.template.spec.containers[name=\"web\"].image");
    CHECK_FALSE(refused.changed);
    CHECK(refused.object.path("data", "color")->text() == "red");
    CHECK(lab.lines() == Lines{"PATCH " + k_a + "?fieldManager=git&fieldValidation=Strict", "GET " + k_a});
}

TEST_CASE("an apply that met another writer is sent again, unless it demands a version") {
    ClusterLab lab;
    const HttpAnswer modified = json(status(409, "Conflict", R"(Operation cannot be fulfilled on configmaps "a": the object has been modified)", R"({"name":"a","kind":"configmaps"})"), 409);
    lab.server.answer("PATCH " + k_a, modified);
    lab.server.answer("PATCH " + k_a, ok(config_map("a", "8")));
    CHECK(kube::resource_version_of(lab.cluster->apply(wish(), k_git).object) == "8");
    CHECK(lab.lines().size() == 2);
    ClusterLab strict;
    strict.server.answer("PATCH " + k_a, modified);
    doc::Value at_version = wish();
    at_version.at("metadata").set("resourceVersion", "5");
    CHECK(thrown_by([&] { strict.cluster->apply(at_version, k_git); }, strict.server) ==
          "conflict: ConfigMap prod/a: the object has been modified");
    CHECK(strict.lines().size() == 1);
}

TEST_CASE("an apply changed something when its own fields or its ownership did, whatever others did meanwhile") {
    ClusterLab lab;
    const auto changed_by = [&](HttpAnswer before, HttpAnswer after) {
        ClusterLab fresh;
        fresh.server.answer("GET " + k_a, std::move(before));
        fresh.server.answer("PATCH " + k_a, std::move(after));
        fresh.cluster->get(k_ref);
        return fresh.cluster->apply(wish(), k_git).changed;
    };
    CHECK_FALSE(changed_by(applied("7", "blue", "00:00:00"), applied("7", "blue", "00:00:00")));
    CHECK_FALSE(changed_by(applied("7", "blue", "00:00:00"), applied("9", "blue", "00:00:00", "y")));
    CHECK(changed_by(applied("7", "red", "00:00:00"), applied("8", "blue", "00:00:00")));
    CHECK(changed_by(applied("7", "blue", "00:00:00"), applied("9", "blue", "00:00:05")));
    CHECK(changed_by(ok(config_map("a", "7")), applied("8", "blue", "00:00:00")));
    CHECK(changed_by(json(status(404, "NotFound", "not found"), 404), json(config_map("a", "8"), 201)));
}

TEST_CASE("an apply that is not to be validated is sent again without the fields that the server calls undeclared") {
    const std::string k_web = "/apis/apps/v1/namespaces/prod/deployments/web";
    const doc::Value web = yaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: prod}, spec: {foo: 1, template: "
                                "{spec: {containers: [{name: web, prots: [{a: b}], image: i}]}}}}");
    const HttpAnswer undeclared = json(status(500, "", "failed to create typed patch object (prod/web; apps/v1, Kind=Deployment): errors:\n  .spec.foo: field not "
                                                 "declared in schema\n  .spec.template.spec.containers[name=\"web\"].prots: field not declared in schema"), 500);
    ClusterLab lab;
    lab.server.answer("PATCH " + k_web, undeclared);
    lab.server.answer("PATCH " + k_web, ok(doc::write_json(web)));
    lab.cluster->apply(web, {"git", OnConflict::fail, DryRun::no, kube::UnknownFields::drop});
    const auto sent = lab.asked();
    REQUIRE(sent.size() == 2);
    CHECK(sent[1].line() == "PATCH " + k_web + "?fieldManager=git&fieldValidation=Ignore");
    CHECK(sent[1].body == R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"prod"},"spec":{"template":{"spec":{"containers":[{"name":"web","image":"i"}]}}}})");
    ClusterLab strict;
    strict.server.answer("PATCH " + k_web, undeclared);
    CHECK_THROWS_AS(strict.cluster->apply(web, k_git), base::Error);
}

TEST_CASE("a create that is not to be validated says so") {
    ClusterLab lab;
    lab.server.answer("POST " + k_configs, json(config_map("a", "1"), 201));
    lab.cluster->write({kube::Create{wish()}, "hand", DryRun::no, kube::UnknownFields::drop});
    CHECK(lab.lines() == Lines{"POST " + k_configs + "?fieldManager=hand&fieldValidation=Ignore"});
}

TEST_CASE("a dry run of an apply is compared with what is there and is not remembered") {
    ClusterLab lab;
    lab.server.answer("GET " + k_a, applied("7", "red", "00:00:00"));
    lab.server.answer("PATCH " + k_a, applied("7", "blue", "00:00:05"));
    const kube::ApplyOptions dry{"git", OnConflict::fail, DryRun::yes};
    CHECK(lab.cluster->apply(wish(), dry).changed);
    CHECK(lab.cluster->apply(wish(), dry).changed);
    const Lines once{"GET " + k_a, "PATCH " + k_a + "?fieldManager=git&dryRun=All&fieldValidation=Strict"};
    CHECK(lab.lines() == Lines{once[0], once[1], once[0], once[1]});
}

TEST_CASE("a version or kind that the server does not serve names what it has") {
    ClusterLab lab;
    doc::Value old = yaml("{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: web, namespace: prod}}");
    CHECK(thrown_by([&] { lab.cluster->apply(old, k_git); }, lab.server) ==
          "not_found: the server does not serve apps/v1beta1 Deployment: it has apps/v1\nhint: write apiVersion: apps/v1 in the manifest");
    doc::Value unheard = yaml("{apiVersion: nobody.example/v1, kind: Unheard, metadata: {name: a}}");
    CHECK(thrown_by([&] { lab.cluster->write(write_of(kube::Create{unheard})); }, lab.server) ==
          "not_found: the server does not know the kind nobody.example/v1 Unheard\n"
          "hint: its CustomResourceDefinition has to be there before its objects");
}

TEST_CASE("a kind that was defined a moment ago is waited for") {
    ClusterLab lab;
    const std::string wafers = "/apis/fab.example.org/v1/namespaces/prod/wafers/w1";
    const HttpAnswer unknown{.status = 404, .headers = {{"Content-Type", "text/plain"}}, .body = "404 page not found\n"};
    for (int i = 0; i < 5; ++i) lab.server.answer("PATCH " + wafers, unknown);
    lab.server.answer("PATCH " + wafers, ok(R"({"metadata":{"name":"w1","resourceVersion":"9"}})"));
    doc::Value wafer = yaml("{apiVersion: fab.example.org/v1, kind: Wafer, metadata: {name: w1, namespace: prod}}");
    CHECK(thrown_by([&] { lab.cluster->apply(wafer, k_git); }, lab.server) ==
          "not_found: fab.example.org/Wafer prod/w1: 404 page not found");
    CHECK(lab.waited() == 0);
    lab.server.answer("GET /apis/apiextensions.k8s.io", json(R"({"kind":"APIGroup","name":"apiextensions.k8s.io","versions":[{"version":"v1"}]})"));
    lab.server.answer("GET /apis/apiextensions.k8s.io/v1", json(R"({"resources":[{"name":"customresourcedefinitions","kind":"CustomResourceDefinition","namespaced":false,"verbs":["get"]}]})"));
    lab.server.answer("PATCH /apis/apiextensions.k8s.io/v1/customresourcedefinitions/wafers.fab.example.org", ok("{}"));
    lab.clock->advance(std::chrono::seconds(1));  // what was not found a moment ago may be asked for again
    lab.cluster->apply(yaml("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: wafers.fab.example.org}}"), k_git);
    CHECK(kube::resource_version_of(lab.cluster->apply(wafer, k_git).object) == "9");
    CHECK(lab.waited() > 1000);
}

TEST_CASE("a create whose first try may have arrived finds its own object, and nobody else's") {
    ClusterLab lab;
    const std::string exists = status(409, "AlreadyExists", R"(configmaps "a" already exists)", R"({"name":"a","kind":"configmaps"})");
    lab.server.answer("POST " + k_configs, {.raw = "", .afterwards = Afterwards::drop});
    lab.server.answer("POST " + k_configs, json(exists, 409));
    lab.server.answer("GET " + k_a, ok(config_map("a", "7", "blue")));
    CHECK(kube::resource_version_of(lab.cluster->write(write_of(kube::Create{wish("blue")}))) == "7");
    const std::string post = "POST " + k_configs + "?fieldManager=hand&fieldValidation=Strict";
    CHECK(lab.lines() == Lines{post, post, "GET " + k_a});
    ClusterLab other;
    other.server.answer("POST " + k_configs, {.raw = "", .afterwards = Afterwards::drop});
    other.server.answer("POST " + k_configs, json(exists, 409));
    other.server.answer("GET " + k_a, ok(config_map("a", "7", "red")));
    const std::string already = "conflict: ConfigMap prod/a: already exists";
    CHECK(thrown_by([&] { other.cluster->write(write_of(kube::Create{wish("blue")})); }, other.server) == already);
    ClusterLab plain;
    plain.server.answer("POST " + k_configs, json(exists, 409));
    CHECK(thrown_by([&] { plain.cluster->write(write_of(kube::Create{wish("blue")})); }, plain.server) == already);
    CHECK(plain.lines() == Lines{post});
}

TEST_CASE("a create with a generated name is never sent twice") {
    ClusterLab lab;
    lab.server.answer("POST " + k_configs, {.raw = "", .afterwards = Afterwards::drop});
    doc::Value object = yaml("{apiVersion: v1, kind: ConfigMap, metadata: {generateName: run-, namespace: prod}}");
    CHECK_THROWS_AS(lab.cluster->write(write_of(kube::Create{object})), base::Error);
    CHECK(lab.lines().size() == 1);
}

TEST_CASE("a replace of a kind that demands a version gets the live one") {
    ClusterLab lab;
    const std::string path = "/apis/fab.example.org/v1/namespaces/prod/wafers/w1";
    lab.server.answer("PUT " + path, json(status(422, "Invalid", "is invalid", R"({"causes":[{"reason":"FieldValueInvalid","message":"must be specified for an update","field":"metadata.resourceVersion"}]})"), 422));
    lab.server.answer("PUT " + path, ok(R"({"metadata":{"name":"w1","resourceVersion":"8"}})"));
    lab.server.answer("GET " + path, ok(R"({"metadata":{"name":"w1","resourceVersion":"7"}})"));
    doc::Value wafer = yaml("{apiVersion: fab.example.org/v1, kind: Wafer, metadata: {name: w1, namespace: prod}}");
    lab.cluster->write(write_of(kube::Replace{wafer}));
    const auto seen = lab.asked();
    REQUIRE(seen.size() == 3);
    CHECK(seen[2].body == R"({"apiVersion":"fab.example.org/v1","kind":"Wafer","metadata":{"name":"w1","namespace":"prod","resourceVersion":"7"}})");
}

TEST_CASE("patches carry their type, their subresource and the version they demand") {
    ClusterLab lab;
    lab.server.answer("PATCH " + k_a, ok(config_map("a", "8")));
    lab.server.answer("PATCH " + k_a + "/status", ok(config_map("a", "8")));
    const auto sent = [&](kube::PatchKind kind, std::string_view patch, std::string subresource, std::string version) {
        lab.cluster->write(write_of(kube::Patch{k_ref, kind, yaml(patch), std::move(subresource), std::move(version)}, DryRun::yes));
        const HttpSeen request = lab.asked().at(0);
        return request.target + " " + request.header("Content-Type") + " " + request.body;
    };
    const std::string query = "?fieldManager=hand&dryRun=All ";
    CHECK(sent(kube::PatchKind::merge, "{data: {a: b}}", "", "5") ==
          k_a + query + R"(application/merge-patch+json {"data":{"a":"b"},"metadata":{"resourceVersion":"5"}})");
    CHECK(sent(kube::PatchKind::strategic, "{data: {a: b}}", "status", "") ==
          k_a + "/status" + query + R"(application/strategic-merge-patch+json {"data":{"a":"b"}})");
    CHECK(sent(kube::PatchKind::json, "[{op: remove, path: /data/a}]", "", "5") ==
          k_a + query + R"(application/json-patch+json [{"op":"replace","path":"/metadata/resourceVersion","value":"5"},{"op":"remove","path":"/data/a"}])");
}

TEST_CASE("a deletion says how, of which object, and whether in earnest") {
    ClusterLab lab;
    lab.server.answer("DELETE " + k_a, ok("{}"));
    CHECK(lab.cluster->remove(k_ref, {kube::Propagation::foreground, "u1", DryRun::yes}));
    CHECK(lab.asked().at(0).body ==
          R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","preconditions":{"uid":"u1"},"dryRun":["All"]})");
    CHECK(lab.cluster->remove(k_ref, {kube::Propagation::orphan, "", DryRun::no}));
    CHECK(lab.asked().at(0).body == R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Orphan"})");
}

TEST_CASE("a deletion that finds nothing is none, unless its own first try may have deleted it") {
    ClusterLab lab;
    const HttpAnswer gone = json(status(404, "NotFound", R"(configmaps "a" not found)", R"({"name":"a"})"), 404);
    lab.server.answer("DELETE " + k_a, gone);
    CHECK_FALSE(lab.cluster->remove(k_ref, {}));
    ClusterLab broken;
    broken.server.answer("DELETE " + k_a, json("{}", 504));
    broken.server.answer("DELETE " + k_a, gone);
    CHECK(broken.cluster->remove(k_ref, {kube::Propagation::background, "u1", DryRun::no}));
}

TEST_CASE("a namespace on its way out is being deleted already; another uid is a conflict") {
    ClusterLab lab;
    lab.server.answer("DELETE /api/v1/namespaces/old", json(status(409, "Conflict",
        "Operation cannot be fulfilled on namespaces \"old\": The system is ensuring all content is removed from this namespace."), 409));
    CHECK(lab.cluster->remove({{"", "v1", "Namespace"}, "", "old"}, {}));
    lab.server.answer("DELETE " + k_a, json(status(409, "Conflict", R"(Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not match the UID in record (y).)", R"({"name":"a"})"), 409));
    CHECK(thrown_by([&] { lab.cluster->remove(k_ref, {kube::Propagation::background, "x", DryRun::no}); }, lab.server) ==
          "conflict: ConfigMap prod/a: the UID in the precondition (x) does not match the UID in record (y).");
}

TEST_CASE("a refusal names its object once and never quotes the document it refuses") {
    ClusterLab lab;
    const auto refused = [&](int code, std::string_view reason, std::string_view message, std::string_view details) {
        ClusterLab fresh;
        fresh.server.answer("PATCH " + k_a, json(status(code, reason, message, details), code));
        return thrown_by([&] { fresh.cluster->write(write_of(kube::Patch{k_ref, kube::PatchKind::merge, wish(), "", ""})); }, fresh.server);
    };
    CHECK(refused(404, "NotFound", R"(configmaps "a" not found)", R"({"name":"a"})") == "not_found: ConfigMap prod/a: not found");
    CHECK(refused(404, "NotFound", R"(namespaces "prod" not found)", R"({"name":"prod"})") ==
          "not_found: ConfigMap prod/a: namespaces \"prod\" not found");
    CHECK(refused(403, "Forbidden", R"(configmaps "a" is forbidden: User "ada" cannot patch)", R"({"name":"a"})") ==
          "denied: ConfigMap prod/a: is forbidden: User \"ada\" cannot patch");
    CHECK(refused(422, "Invalid", R"( "" is invalid: patch: Invalid value: "{\"data\":{\"password\":\"hunter2\"}}": v1.Secret.Data: illegal base64)",
                  R"({"causes":[{"reason":"FieldValueInvalid","field":"patch","message":"Invalid value: \"{\\\"data\\\":{\\\"password\\\":\\\"hunter2\\\"}}\": v1.Secret.Data: illegal base64"}]})") ==
          "invalid: ConfigMap prod/a: patch: v1.Secret.Data: illegal base64");
}
