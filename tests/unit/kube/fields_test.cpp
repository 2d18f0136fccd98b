#include <catch2/catch.hpp>

#include "core/kube/fields.hpp"
#include "tests/unit/kube/fixture.hpp"

using namespace gitops::kube;
using gitops::kube_test::json;
using gitops::kube_test::yaml;

namespace {

FieldSet set_of(std::string_view fields_v1) { return FieldSet::from_json(yaml(fields_v1)); }

const char* const k_web = R"(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  uid: u
  labels: {app: web}
  finalizers: [example.com/a]
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: web
        args: [a]
        ports: [{containerPort: 80}]
        securityContext: {}
)";

Type type_of(const gitops::doc::Value& object) { return Schema::kubernetes().root(gvk_of(object)); }

}  // namespace

TEST_CASE("the fields of a Deployment in FieldsV1") {
    const auto web = yaml(k_web);
    CHECK(json(fields_of(web, type_of(web)).to_json()) ==
          R"({"f:metadata":{"f:finalizers":{"v:\"example.com/a\"":{}},"f:labels":{"f:app":{}}},)"
          R"("f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:args":{},"f:name":{},)"
          R"("f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},"f:securityContext":{}}}}}}})");
}

TEST_CASE("fields as people write them") {
    const auto web = yaml(k_web);
    CHECK(fields_of(web, type_of(web)).paths() ==
          std::vector<std::string>{"metadata.finalizers[=example.com/a]", "metadata.labels.app", "spec.replicas",
                                   "spec.template.spec.containers[name=web]", "spec.template.spec.containers[name=web].args",
                                   "spec.template.spec.containers[name=web].name",
                                   "spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP]",
                                   "spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP].containerPort",
                                   "spec.template.spec.containers[name=web].securityContext"});
    CHECK(set_of("{f:metadata: {f:annotations: {f:example.com/a: {}}}, f:x: {'i:3': {}}}").paths() ==
          std::vector<std::string>{"metadata.annotations[example.com/a]", "x[3]"});
}

TEST_CASE("a custom resource's maps are granular and its lists atomic") {
    const auto widget = yaml("{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {size: {x: 1}, parts: [{name: a}]}}");
    CHECK(json(fields_of(widget, type_of(widget)).to_json()) ==
          R"({"f:spec":{".":{},"f:parts":{},"f:size":{".":{},"f:x":{}}}})");
}

TEST_CASE("FieldsV1 is read as it was written, foreign escapes and rubbish included") {
    const char* text = R"({"f:a":{".":{},"f:b":{}},"k:{\"name\":\"<x>\"}":{}})";
    CHECK(json(FieldSet::from_json(yaml(text)).to_json()) == text);
    CHECK(set_of(R"({"k:{\"name\":\"\\u003cx\\u003e\"}": {}})") == set_of(R"({"k:{\"name\":\"<x>\"}": {}})"));
    CHECK(json(set_of("{junk: {}, f:a: text, 'v:{': {}}").to_json()) == R"({"f:a":{},"v:{":{}})");
    CHECK(set_of("[1]").empty());
}

TEST_CASE("sets are united, subtracted, intersected") {
    const auto a = set_of("{f:x: {'.': {}, f:y: {}}, f:z: {}}"), b = set_of("{f:x: {f:y: {}, f:w: {}}}");
    CHECK(json(a.unite(b).to_json()) == R"({"f:x":{".":{},"f:w":{},"f:y":{}},"f:z":{}})");
    CHECK(json(a.subtract(b).to_json()) == R"({"f:x":{},"f:z":{}})");
    CHECK(json(a.intersect(b).to_json()) == R"({"f:x":{"f:y":{}}})");
    CHECK(a.contains(set_of("{f:x: {f:y: {}}}")));
    CHECK_FALSE(a.contains(b));
    CHECK(a.subtract(a).empty());
}

TEST_CASE("fields are taken out of a value") {
    const auto web = yaml(k_web);
    const auto fields = set_of(R"({f:metadata: {f:labels: {}}, f:spec: {f:replicas: {}, f:template: {f:spec: {f:containers:
        {'k:{"name":"web"}': {f:args: {}, f:ports: {'k:{"containerPort":80,"protocol":"TCP"}': {}}}}}}}})");
    CHECK(json(*without_fields(web, fields, type_of(web)).find("spec")) ==
          R"({"template":{"spec":{"containers":[{"name":"web","ports":null,"securityContext":{}}]}}})");
    CHECK_FALSE(without_fields(web, fields, type_of(web)).find("metadata")->has("labels"));
}

TEST_CASE("who set a field") {
    const auto object = yaml(R"(
metadata:
  managedFields:
  - {manager: git, operation: Apply, apiVersion: apps/v1, time: '2026-01-01T00:00:00Z', fieldsType: FieldsV1,
     fieldsV1: {f:spec: {f:replicas: {}, f:template: {f:spec: {f:containers: {'k:{"name":"web"}': {'.': {}, f:image: {}}}}}}}}
  - {manager: kubectl, operation: Update, apiVersion: apps/v1, time: '2026-01-02T00:00:00Z', fieldsType: FieldsV1,
     fieldsV1: {f:spec: {f:replicas: {}}}}
)");
    auto owner = [&](std::string_view path) {
        const auto found = owner_of(object, path);
        return found ? found->name : "none";
    };
    CHECK(owner("spec.replicas") == "kubectl");
    CHECK(owner("spec.template.spec.containers[name=web].image") == "git");
    CHECK(owner("spec.template.spec.containers[name=web].env[name=A].value") == "git");
    CHECK(owner("spec.template.spec.containers[name=webx]") == "none");
    CHECK(owner("spec") == "none");
    CHECK(owner("spec.replicasX") == "none");
}

TEST_CASE("managers survive being written and read") {
    auto object = yaml("{metadata: {managedFields: [{manager: a}, {manager: b, operation: Update, fieldsV1: {}}, text]}}");
    std::vector<Manager> managers(2);
    managers[0] = {"z", Operation::update, "v1", "status", gitops::base::Time(std::chrono::seconds(5)), set_of("{f:status: {}}")};
    managers[1] = {"a", Operation::apply, "v1", "", gitops::base::Time(std::chrono::seconds(9)), set_of("{f:data: {}}")};
    set_managers(object, managers);
    CHECK(json(object) == R"({"metadata":{"managedFields":[)"
                          R"({"apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{}},"manager":"a","operation":"Apply","time":"1970-01-01T00:00:09Z"},)"
                          R"({"apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:status":{}},"manager":"z","operation":"Update","subresource":"status","time":"1970-01-01T00:00:05Z"}]}})");
    CHECK(managers_of(object).size() == 2);
    set_managers(object, {});
    CHECK(json(object) == R"({"metadata":{}})");
}
