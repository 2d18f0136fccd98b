// Reading: pages, restarts, what is not there.
#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "tests/unit/backend/cluster_lab.hpp"

using namespace gitops;
using namespace gitops::test;
using Lines = std::vector<std::string>;

namespace {

const kube::Gvk k_config_map{"", "v1", "ConfigMap"};

std::string item(std::string_view ns, std::string_view name) {
    return R"({"metadata":{"name":")" + std::string(name) + R"(","namespace":")" + std::string(ns) + "\"}}";
}

/// A page of a list, with the token of the next one.
HttpAnswer page(const std::string& items, std::string_view next = {}) {
    return json(R"({"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":")" +
                std::string(next) + R"("},"items":[)" + items + "]}");
}

/// "dev/b prod/a": what a list holds, in its order.
std::string told(const std::vector<doc::Value>& objects) {
    std::string text;
    for (const doc::Value& object : objects)
        text += (text.empty() ? "" : " ") + std::string(kube::namespace_of(object)) + "/" + std::string(kube::name_of(object));
    return text;
}

}  // namespace

TEST_CASE("a list is read page by page, ordered by namespace and name, each object whole") {
    ClusterLab lab;
    lab.server.answer("/api/v1/configmaps?labelSelector=app%20in%20%28a%2Cb%29&limit=500", page(item("a-b", "x") + "," + item("a", "y"), "t/1=="));
    lab.server.answer("/api/v1/configmaps?labelSelector=app%20in%20%28a%2Cb%29&limit=500&continue=t%2F1%3D%3D", page(item("a", "b")));
    const auto objects = lab.cluster->list({k_config_map, std::nullopt, "app in (a,b)"});
    CHECK(told(objects) == "a/b a/y a-b/x");
    CHECK(doc::write_json(objects[0]) == R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"a"}})");
}

TEST_CASE("a list whose version the server forgot between two pages is read again, then whole") {
    ClusterLab lab;
    lab.server.answer("GET " + k_configs + "?limit=500", page(item("prod", "a"), "t1"));
    lab.server.answer("GET " + k_configs + "?limit=500&continue=t1", json(status(410, "Expired", "The provided continue parameter is too old"), 410));
    lab.server.answer("GET " + k_configs, page(item("prod", "a") + "," + item("prod", "b")));
    CHECK(told(lab.cluster->list({k_config_map, "prod", ""})) == "prod/a prod/b");
    CHECK(lab.lines() == Lines{"GET " + k_configs + "?limit=500", "GET " + k_configs + "?limit=500&continue=t1", "GET " + k_configs});
}

TEST_CASE("a list that never ends is an error") {
    ClusterLab lab;
    lab.server.answer("GET " + k_configs, page(item("prod", "a"), "again"));
    CHECK(thrown_by([&] { lab.cluster->list({k_config_map, "prod", ""}); }, lab.server) ==
          "unavailable: configmaps: the server's list does not come to an end");
}

TEST_CASE("a list that is not allowed says who may not") {
    ClusterLab lab;
    lab.server.answer("GET " + k_configs, json(status(403, "Forbidden", R"(configmaps is forbidden: User "ada" cannot list resource "configmaps")"), 403));
    CHECK(thrown_by([&] { lab.cluster->list({k_config_map, "prod", ""}); }, lab.server) ==
          "denied: configmaps is forbidden: User \"ada\" cannot list resource \"configmaps\"\nwhile listing configmaps");
}

TEST_CASE("a list or items that are null are empty") {
    ClusterLab lab;
    lab.server.answer("GET " + k_configs, json(R"({"kind":"ConfigMapList","metadata":{},"items":null})"));
    CHECK(lab.cluster->list({k_config_map, "prod", ""}).empty());
}

TEST_CASE("kinds and versions that are not served are empty to read") {
    ClusterLab lab;
    CHECK(lab.cluster->list({{"nobody.example", "v1", "Unheard"}, std::nullopt, ""}).empty());
    CHECK(lab.cluster->get({{"apps", "v1beta1", "Deployment"}, "prod", "web"}) == std::nullopt);
    CHECK_FALSE(lab.cluster->remove({{"nobody.example", "v1", "Unheard"}, "prod", "a"}, {}));
}

TEST_CASE("a path that is gone is looked up once more, then the list is empty") {
    ClusterLab lab;
    lab.server.answer("GET /apis/fab.example.org/v1/wafers", {.status = 404, .headers = {{"Content-Type", "text/plain"}}, .body = "404 page not found\n"});
    CHECK(lab.cluster->list({{"fab.example.org", "v1", "Wafer"}, std::nullopt, ""}).empty());
    const std::string line = "GET /apis/fab.example.org/v1/wafers?limit=500";
    CHECK(lab.lines() == Lines{line, line});
}

TEST_CASE("names that are no path segments are never asked for") {
    ClusterLab lab;
    for (std::string_view name : {"", ".", "..", "a/b", "a%2Fb"}) {
        INFO(name);
        CHECK(lab.cluster->get({k_config_map, "prod", std::string(name)}) == std::nullopt);
        CHECK_FALSE(lab.cluster->remove({k_config_map, "prod", std::string(name)}, {}));
    }
    CHECK(lab.lines().empty());
}

TEST_CASE("the version is the server's own word, and requests are counted") {
    ClusterLab lab;
    lab.server.answer("GET /version", json(R"({"gitVersion":"v1.30.2"})"));
    CHECK(lab.cluster->version() == "v1.30.2");
    CHECK(lab.cluster->requests() == 1);
    CHECK(lab.cluster->in_flight() == 16);
}
