#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "tests/unit/backend/api_fixture.hpp"

using namespace gitops;
using gitops::test::text_of;

namespace {

/// error_of() as text, about "apps/Deployment prod/web".
std::string said(int status, const char* body) {
    static const test::HttpServer nobody;
    return text_of(backend::error_of(status, doc::read_json(body), "apps/Deployment prod/web"), nobody);
}

}  // namespace

TEST_CASE("a Status becomes an error of the house") {
    CHECK(said(403, R"({"kind":"Status","reason":"Forbidden",
        "message":"deployments.apps \"web\" is forbidden: User \"ada\" cannot delete resource"})") ==
          "denied: apps/Deployment prod/web: deployments.apps \"web\" is forbidden: User \"ada\" cannot delete resource");
    CHECK(said(404, R"({"kind":"Status","message":"namespaces \"prod\" not found"})") ==
          "not_found: apps/Deployment prod/web: namespaces \"prod\" not found");
    CHECK(said(409, R"({"kind":"Status","reason":"AlreadyExists","message":"it exists"})") ==
          "conflict: apps/Deployment prod/web: it exists");
    CHECK(said(410, R"~({"kind":"Status","reason":"Expired","message":"too old resource version: 1 (9)"})~") ==
          "conflict: apps/Deployment prod/web: too old resource version: 1 (9)");
    CHECK(said(410, "{}") == "conflict: apps/Deployment prod/web: too old: the server has forgotten that version");
    CHECK(said(413, "{}") == "invalid: apps/Deployment prod/web: the server finds it too large");
    CHECK(said(418, "{}") == "unavailable: apps/Deployment prod/web: the server answered 418");
    CHECK(said(404, R"("404 page not found")") == "not_found: apps/Deployment prod/web: 404 page not found");
}

TEST_CASE("a validation tells each field") {
    CHECK(said(422, R"({"kind":"Status","reason":"Invalid","message":"Deployment.apps \"web\" is invalid: [...]","details":{"causes":[
        {"reason":"FieldValueInvalid","field":"spec.replicas","message":"Invalid value: -1"},
        {"reason":"FieldValueRequired","field":"spec.selector","message":"Required value"}]}})") ==
          "invalid: apps/Deployment prod/web: spec.replicas: Invalid value: -1; spec.selector: Required value");
    std::string many = R"({"kind":"Status","details":{"causes":[)";
    for (int i = 0; i < 9; ++i) many += (i > 0 ? "," : "") + std::string(R"({"field":"f","message":"m"})");
    CHECK(said(422, (many + "]}}").c_str()) == "invalid: apps/Deployment prod/web: f: m; f: m; f: m; f: m; f: m; and 4 more");
}

TEST_CASE("a namespace that is being deleted") {
    CHECK(said(403, R"({"kind":"Status","message":"unable to create new content in namespace prod because it is being terminated"})") ==
          "denied: apps/Deployment prod/web: unable to create new content in namespace prod because it is being terminated\n"
          "hint: the namespace is being deleted: wait until it is gone, or see its status for the finalizers that hold it");
}

TEST_CASE("what a server quotes of a Secret that it refuses is not told") {
    // As Kubernetes 1.20 answers a create, two patches and an apply.
    CHECK(said(400, R"~({"kind":"Status","message":"Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.StringData: ReadString: expects \" or n, but found 1, error found in #10 byte of ...|word\":12345}}|..., bigger context ...|12345}}|..."})~") ==
          "invalid: apps/Deployment prod/web: Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.StringData: "
          "ReadString: expects \" or n, but found 1");
    CHECK(said(422, R"~({"kind":"Status","details":{"causes":[{"field":"patch",
        "message":"Invalid value: \"{\\\"data\\\":{\\\"p\\\":\\\"aHVudGVyMg==\\\"}}\": it is no map"}]}})~") ==
          "invalid: apps/Deployment prod/web: patch: Invalid value: it is no map");
    CHECK(said(422, R"~({"kind":"Status","message":"patch: Invalid value: \"map[data:map[p:hunter2]]\": cannot convert, and Invalid value: \"-1\""})~") ==
          "invalid: apps/Deployment prod/web: patch: Invalid value: cannot convert, and Invalid value: \"-1\"");
    CHECK(said(422, R"~({"kind":"Status","message":"failed to create typed patch object: .stringData.p: expected string, got &value.valueUnstructured{Value:12345}"})~") ==
          "invalid: apps/Deployment prod/web: failed to create typed patch object: .stringData.p: expected string");
    CHECK(said(422, R"~({"kind":"Status","details":{"causes":[{"field":"spec.template","message":"Invalid value: core.PodTemplateSpec{Spec:core.PodSpec{Env:[]core.EnvVar{core.EnvVar{Value:\"}hunter2\"}}, Host:(*string)(nil)}}: field is immutable"}]}})~") ==
          "invalid: apps/Deployment prod/web: spec.template: Invalid value: field is immutable");
    CHECK(said(422, R"~({"kind":"Status","message":"spec.ips: Invalid value: []string{\"10.1\"}: out of range"})~") ==
          "invalid: apps/Deployment prod/web: spec.ips: Invalid value: []string{\"10.1\"}: out of range");
    CHECK(said(422, R"~({"kind":"Status","message":"Invalid value: \"{\\\"p\\\":\\\"hunter2"})~") ==
          "invalid: apps/Deployment prod/web: Invalid value:");
}

TEST_CASE("a server's words are kept short and on one line") {
    const std::string said_long = said(400, (R"({"kind":"Status","message":"a\nb\u001b[1m )" + std::string(5'000, 'x') + "\"}").c_str());
    CHECK(said_long == "invalid: apps/Deployment prod/web: a b [1m " + std::string(992, 'x') + "...");
}

TEST_CASE("the causes of a conflict can be had") {
    const auto causes = backend::status_causes(doc::read_json(R"({"kind":"Status","details":{"causes":[
        {"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using apps/v1","field":".spec.replicas"}]}})"));
    REQUIRE(causes.size() == 1);
    CHECK(causes[0].reason == "FieldManagerConflict");
    CHECK(causes[0].message == "conflict with \"kubectl\" using apps/v1");
    CHECK(causes[0].field == ".spec.replicas");
    CHECK(backend::status_causes(doc::read_json(R"({"details":{"causes":[{}]}})")).empty());
    std::string many = R"({"kind":"Status","details":{"causes":[{})";
    for (int i = 0; i < 5'000; ++i) many += ",{}";
    CHECK(backend::status_causes(doc::read_json(many + "]}}")).size() == 1'000);
}

TEST_CASE("segments of a path are encoded") {
    CHECK(backend::url_encode("system:node a/b%é") == "system%3Anode%20a%2Fb%25%C3%A9");
    CHECK(backend::url_encode("web-1.x_~") == "web-1.x_~");
    CHECK(backend::url_encode("..") == "%2E%2E");
}
