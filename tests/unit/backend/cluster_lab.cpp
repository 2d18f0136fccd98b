#include "tests/unit/backend/cluster_lab.hpp"

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::test {

namespace {

constexpr const char* k_core = R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
  {"name":"configmaps","kind":"ConfigMap","namespaced":true,"verbs":["get","list","watch"]},
  {"name":"secrets","kind":"Secret","namespaced":true,"verbs":["get","list","watch"]},
  {"name":"services","kind":"Service","namespaced":true,"verbs":["get","list","watch"]},
  {"name":"namespaces","kind":"Namespace","namespaced":false,"verbs":["get","list","watch"]}]})";
constexpr const char* k_apps = R"({"kind":"APIResourceList","groupVersion":"apps/v1","resources":[
  {"name":"deployments","kind":"Deployment","namespaced":true,"verbs":["get","list","watch"]}]})";
constexpr const char* k_fab = R"({"kind":"APIResourceList","groupVersion":"fab.example.org/v1","resources":[
  {"name":"wafers","kind":"Wafer","namespaced":true,"verbs":["get","list","watch"]}]})";

std::string group_of(std::string_view name) {
    return R"({"kind":"APIGroup","name":")" + std::string(name) +
           R"(","preferredVersion":{"version":"v1"},"versions":[{"version":"v1"}]})";
}

bool is_discovery(std::string_view target) {
    return target == "/api" || target == "/apis" || target == "/api/v1" || target == "/apis/apps" || target == "/apis/apps/v1" ||
           target == "/apis/fab.example.org" || target == "/apis/fab.example.org/v1";
}

}  // namespace

ClusterLab::ClusterLab() {
    server.answer("GET /api", json(R"({"kind":"APIVersions","versions":["v1"]})"));
    server.answer("GET /apis", json(R"({"kind":"APIGroupList","groups":[)" + group_of("apps") + "," + group_of("fab.example.org") + "]}"));
    server.answer("GET /api/v1", json(k_core));
    server.answer("GET /apis/apps", json(group_of("apps")));
    server.answer("GET /apis/apps/v1", json(k_apps));
    server.answer("GET /apis/fab.example.org", json(group_of("fab.example.org")));
    server.answer("GET /apis/fab.example.org/v1", json(k_fab));
    cluster_options.api = options;
    cluster = std::make_unique<backend::ApiCluster>(access, cluster_options, clock, events);
}

std::vector<HttpSeen> ClusterLab::asked() {
    std::vector<HttpSeen> seen = server.requests();
    server.forget();
    std::erase_if(seen, [](const HttpSeen& request) { return is_discovery(request.target); });
    return seen;
}

std::vector<std::string> ClusterLab::lines() {
    std::vector<std::string> lines;
    for (const HttpSeen& request : asked()) lines.push_back(request.line());
    return lines;
}

std::string config_map(std::string_view name, std::string_view version, std::string_view color) {
    return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + std::string(name) +
           R"(","namespace":"prod","uid":"u1","resourceVersion":")" + std::string(version) + R"("},"data":{"color":")" +
           std::string(color) + R"("}})";
}

std::string status(int code, std::string_view reason, std::string_view message, std::string_view details) {
    doc::Value body = doc::Value::map({{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"}});
    body.set("message", message);
    body.set("reason", reason);
    body.set("details", doc::read_json(details));
    body.set("code", code);
    return doc::write_json(body);
}

doc::Value yaml(std::string_view text) { return doc::read_yaml_one(text); }

}  // namespace gitops::test
