#include "core/backend/discovery.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/backend/api_fixture.hpp"

using namespace gitops;
using namespace gitops::test;
using backend::Discovery;
using Lines = std::vector<std::string>;

namespace {

const char* const k_core = R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
  {"name":"configmaps","kind":"ConfigMap","namespaced":true,"verbs":["get","list","patch"]},
  {"name":"namespaces","kind":"Namespace","namespaced":false,"verbs":["get","list"]},
  {"name":"namespaces/status","kind":"Namespace","namespaced":false,"verbs":["get"]},
  {"name":"bindings","kind":"Binding","namespaced":true,"verbs":["create"]}]})";
const char* const k_apps = R"({"kind":"APIResourceList","groupVersion":"apps/v1","resources":[
  {"name":"deployments","kind":"Deployment","namespaced":true,"verbs":["get","list","watch"]},
  {"name":"deployments/scale","kind":"Scale","group":"autoscaling","version":"v1","namespaced":true,"verbs":["get"]}]})";
const char* const k_batch = R"({"kind":"APIGroup","name":"batch","preferredVersion":{"version":"v1"},
  "versions":[{"version":"v1"},{"version":"v1beta1"}]})";
const char* const k_batch_v1 = R"({"resources":[{"name":"jobs","kind":"Job","namespaced":true,"verbs":["list"]}]})";
const char* const k_batch_beta = R"({"resources":[
  {"name":"cronjobs","kind":"CronJob","namespaced":true,"verbs":["list"]},
  {"name":"jobs","kind":"Job","namespaced":true,"verbs":["list"]}]})";
const char* const k_groups = R"({"kind":"APIGroupList","groups":[
  {"name":"apps","preferredVersion":{"version":"v1"},"versions":[{"version":"v1"}]},
  {"name":"batch","preferredVersion":{"version":"v1"},"versions":[{"version":"v1beta1"},{"version":"v1"}]},
  {"name":"metrics.k8s.io","versions":[{"version":"v1beta1"}]}]})";

/// "apps/v1 Deployment deployments namespaced"
std::string line_of(const kube::KindInfo& kind) {
    return kind.gvk.api_version() + " " + kind.gvk.kind + " " + kind.resource +
           (kind.scope == kube::Scope::namespaced ? " namespaced" : " cluster");
}

struct DiscoveryLab : ApiFixture {
    backend::DiscoveryCache cache;
    std::unique_ptr<backend::ApiClient> api;

    DiscoveryLab() {
        options.in_flight = 1;
        server.answer("/api", json(R"({"kind":"APIVersions","versions":["v1"]})"));
        server.answer("/apis", json(k_groups));
        server.answer("/api/v1", json(k_core));
        server.answer("/apis/apps/v1", json(k_apps));
        server.answer("/apis/batch", json(k_batch));
        server.answer("/apis/batch/v1", json(k_batch_v1));
        server.answer("/apis/batch/v1beta1", json(k_batch_beta));
        HttpAnswer down = json(R"({"kind":"Status","message":"the server is currently unable"})", 503);
        server.answer("/apis/metrics.k8s.io/v1beta1", down);
        api = client();
    }
    std::unique_ptr<Discovery> discovery() { return std::make_unique<Discovery>(*api, cache, clock); }
    /// The requests since the last time this was asked.
    Lines asked() {
        Lines lines = server.lines();
        server.forget();
        return lines;
    }
};

std::string found(Discovery& discovery, const kube::Gvk& gvk) {
    const auto kind = discovery.find(gvk);
    return kind ? line_of(*kind) : "not found";
}

Lines all_of(Discovery& discovery) {
    Lines lines;
    for (const kube::KindInfo& kind : discovery.all()) lines.push_back(line_of(kind));
    return lines;
}

const Lines k_all{"v1 ConfigMap configmaps namespaced", "v1 Namespace namespaces cluster",
                  "apps/v1 Deployment deployments namespaced", "batch/v1beta1 CronJob cronjobs namespaced",
                  "batch/v1 Job jobs namespaced"};

}  // namespace

TEST_CASE("finding a kind reads its group and version only, once") {
    DiscoveryLab lab;
    const auto discovery = lab.discovery();
    CHECK(found(*discovery, {"apps", "v1", "Deployment"}) == "apps/v1 Deployment deployments namespaced");
    CHECK(found(*discovery, {"", "v1", "Namespace"}) == "v1 Namespace namespaces cluster");
    CHECK(found(*discovery, {"", "v1", "ConfigMap"}) == "v1 ConfigMap configmaps namespaced");
    CHECK(lab.asked() == Lines{"GET /apis/apps/v1", "GET /api/v1"});
    CHECK(discovery->find_served({"apps", "v1", "Deployment"})->verbs == Lines{"get", "list", "watch"});
    CHECK(lab.asked().empty());
}

TEST_CASE("without a version the preferred one that has the kind is found") {
    DiscoveryLab lab;
    const auto discovery = lab.discovery();
    CHECK(found(*discovery, {"batch", "", "Job"}) == "batch/v1 Job jobs namespaced");
    CHECK(lab.asked() == Lines{"GET /apis/batch", "GET /apis/batch/v1"});
    CHECK(found(*discovery, {"batch", "", "CronJob"}) == "batch/v1beta1 CronJob cronjobs namespaced");
    CHECK(lab.asked() == Lines{"GET /apis/batch/v1beta1"});
    CHECK(found(*discovery, {"", "", "ConfigMap"}) == "v1 ConfigMap configmaps namespaced");
}

TEST_CASE("a subresource is no kind, and an unserved version has none") {
    DiscoveryLab lab;
    const auto discovery = lab.discovery();
    CHECK(found(*discovery, {"apps", "v1", "Scale"}) == "not found");
    CHECK(found(*discovery, {"apps", "v1beta1", "Deployment"}) == "not found");
    CHECK(found(*discovery, {"example.org", "", "Widget"}) == "not found");
    CHECK(found(*discovery, {"..", "v1/../../secrets", "Widget"}) == "not found");
    CHECK(lab.asked() == Lines{"GET /apis/apps/v1", "GET /apis/apps/v1beta1", "GET /apis/example.org",
                               "GET /apis/%2E%2E/v1%2F..%2F..%2Fsecrets"});
}

TEST_CASE("a kind that is missing in what is remembered is asked for anew") {
    DiscoveryLab lab;
    lab.server.answer("/apis/example.org/v1", json("{}", 404));
    lab.server.answer("/apis/example.org/v1", json(R"({"resources":[{"name":"widgets","kind":"Widget","verbs":["list"]}]})"));
    const auto discovery = lab.discovery();
    CHECK(found(*discovery, {"example.org", "v1", "Widget"}) == "not found");
    for (int i = 0; i < 1'000; ++i) CHECK(found(*discovery, {"example.org", "v1", "Widget"}) == "not found");
    CHECK(lab.asked() == Lines{"GET /apis/example.org/v1"});
    lab.clock->advance(base::Duration(501));
    CHECK(found(*discovery, {"example.org", "v1", "Widget"}) == "example.org/v1 Widget widgets cluster");
    CHECK(lab.asked() == Lines{"GET /apis/example.org/v1"});
}

TEST_CASE("what was forgotten is read again at once") {
    DiscoveryLab lab;
    lab.server.answer("/apis/example.org/v1", json("{}", 404));
    lab.server.answer("/apis/example.org/v1", json(R"({"resources":[{"name":"widgets","kind":"Widget","verbs":["list"]}]})"));
    const auto discovery = lab.discovery();
    found(*discovery, {"apps", "v1", "Deployment"});
    found(*discovery, {"example.org", "v1", "Widget"});
    discovery->forget("example.org");
    lab.asked();
    CHECK(found(*discovery, {"example.org", "v1", "Widget"}) == "example.org/v1 Widget widgets cluster");
    CHECK(found(*discovery, {"apps", "v1", "Deployment"}) == "apps/v1 Deployment deployments namespaced");
    CHECK(lab.asked() == Lines{"GET /apis/example.org/v1"});
    discovery->forget_all();
    found(*discovery, {"apps", "v1", "Deployment"});
    CHECK(lab.asked() == Lines{"GET /apis/apps/v1"});
}

TEST_CASE("what was asked for before something was forgotten is not remembered") {
    DiscoveryLab lab;
    const auto discovery = lab.discovery();
    lab.server.handle([&](const HttpSeen&) {
        discovery->forget("example.org");
        return json(R"({"resources":[{"name":"widgets","kind":"Widget","verbs":["list"]}]})");
    });
    for (int i = 0; i < 2; ++i)
        CHECK(found(*discovery, {"example.org", "v1", "Widget"}) == "example.org/v1 Widget widgets cluster");
    CHECK(lab.asked() == Lines{"GET /apis/example.org/v1", "GET /apis/example.org/v1"});
}

TEST_CASE("a server that knows nothing of aggregated discovery is asked in plain words") {
    DiscoveryLab lab;
    HttpServer server;
    lab.access.server = server.url();
    server.handle([](const HttpSeen& seen) {
        if (seen.header("accept") != "application/json") return json("{}", 406);
        return json(seen.target == "/api" ? R"({"kind":"APIVersions","versions":["v1"]})" : seen.target == "/apis" ? "{}" : k_core);
    });
    const auto client = lab.client();
    Discovery discovery(*client, {}, lab.clock);
    CHECK(all_of(discovery) == Lines{"v1 ConfigMap configmaps namespaced", "v1 Namespace namespaces cluster"});
}

TEST_CASE("a server that fails is an error, not a missing kind") {
    DiscoveryLab lab;
    const auto discovery = lab.discovery();
    CHECK_THROWS_AS(discovery->find({"metrics.k8s.io", "v1beta1", "PodMetrics"}), base::Error);
    lab.server.answer("/apis/secret.io/v1", json(R"({"kind":"Status","message":"no"})", 403));
    CHECK(thrown_by([&] { discovery->find({"secret.io", "v1", "X"}); }, lab.server) ==
          "denied: the kinds of secret.io/v1: no");
}

TEST_CASE("threads that want the same group ask once") {
    DiscoveryLab lab;
    const auto discovery = lab.discovery();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] { discovery->find({"batch", "", "CronJob"}); });
    }
    CHECK(lab.asked() == Lines{"GET /apis/batch", "GET /apis/batch/v1", "GET /apis/batch/v1beta1"});
}

TEST_CASE("an old server is walked, and a group that is down hides no other") {
    DiscoveryLab lab;
    const auto discovery = lab.discovery();
    CHECK(all_of(*discovery) == k_all);
    const Lines warnings = lab.events.messages("discovery", base::Level::warning);
    CHECK(warnings == Lines{"the kinds of metrics.k8s.io/v1beta1 are not known: " + lab.server.url() +
                            " answered 503 (Service Unavailable): the server is currently unable"});
    CHECK(lab.waited() <= 1'000);
    const Lines lines = lab.asked();
    const std::set<std::string> different(lines.begin(), lines.end());
    CHECK(different == std::set<std::string>{"GET /api", "GET /apis", "GET /api/v1", "GET /apis/apps/v1", "GET /apis/batch/v1",
                                             "GET /apis/batch/v1beta1", "GET /apis/metrics.k8s.io/v1beta1"});
    CHECK(all_of(*discovery) == k_all);
    CHECK(found(*discovery, {"batch", "", "CronJob"}) == "batch/v1beta1 CronJob cronjobs namespaced");
    CHECK(lab.asked().empty());
    lab.clock->advance(std::chrono::seconds(31));
    CHECK(all_of(*discovery) == k_all);
    CHECK(lab.asked().size() >= 3);  // the roots and the broken group, but not what is known
    lab.clock->advance(std::chrono::minutes(10));
    all_of(*discovery);
    CHECK(lab.asked().size() >= 7);
}

TEST_CASE("a server that can says everything at once") {
    for (const char* version : {"v2", "v2beta1"}) {
        DiscoveryLab fresh;
        HttpServer server;
        fresh.access.server = server.url();
        const std::string head = R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/)" + std::string(version) + R"(","items":)";
        server.answer("/api", json(head + R"([{"metadata":{},"versions":[{"version":"v1","resources":[
            {"resource":"pods","responseKind":{"group":"","version":"v1","kind":"Pod"},"scope":"Namespaced","verbs":["list"],
             "subresources":[{"subresource":"status","verbs":["get"]}]}]}]}]})"));
        server.answer("/apis", json(head + R"([
          {"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[
            {"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced","verbs":["list","get"]}]}]},
          {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1","freshness":"Stale"}]}]})"));
        const auto client = fresh.client();
        Discovery discovery(*client, {}, fresh.clock);
        CHECK(all_of(discovery) == Lines{"v1 Pod pods namespaced", "apps/v1 Deployment deployments namespaced"});
        CHECK(found(discovery, {"apps", "", "Deployment"}) == "apps/v1 Deployment deployments namespaced");
        const Lines lines = server.lines();
        CHECK(std::set<std::string>(lines.begin(), lines.end()) == std::set<std::string>{"GET /api", "GET /apis"});
        CHECK(lines.size() == 2);
        CHECK(server.requests().at(0).header("accept") ==
              "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
              "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json");
        CHECK(fresh.events.messages("discovery", base::Level::warning) ==
              Lines{"the kinds of metrics.k8s.io/v1 are not known: the server behind it does not answer"});
    }
}

TEST_CASE("the answers outlive the process, until they expire") {
    DiscoveryLab lab;
    TempDir folder;
    lab.cache = {folder / "discovery", std::chrono::minutes(10)};
    {
        const auto discovery = lab.discovery();
        found(*discovery, {"batch", "", "CronJob"});
        found(*discovery, {"example.org", "v1", "Widget"});
    }
    lab.asked();
    lab.clock->advance(std::chrono::minutes(9));
    CHECK(found(*lab.discovery(), {"batch", "", "CronJob"}) == "batch/v1beta1 CronJob cronjobs namespaced");
    CHECK(lab.asked().empty());
    CHECK(found(*lab.discovery(), {"example.org", "v1", "Widget"}) == "not found");
    CHECK(lab.asked() == Lines{"GET /apis/example.org/v1"});
    lab.clock->advance(std::chrono::minutes(2));
    found(*lab.discovery(), {"batch", "v1beta1", "CronJob"});
    CHECK(lab.asked() == Lines{"GET /apis/batch/v1beta1"});
    lab.clock->advance(-std::chrono::hours(1));
    found(*lab.discovery(), {"batch", "v1beta1", "CronJob"});
    CHECK(lab.asked() == Lines{"GET /apis/batch/v1beta1"});
}

TEST_CASE("everything that was read is kept too") {
    DiscoveryLab lab;
    TempDir folder;
    lab.cache = {folder.path(), std::chrono::minutes(10)};
    CHECK(all_of(*lab.discovery()) == k_all);
    lab.asked();
    CHECK(all_of(*lab.discovery()) == k_all);
    CHECK(lab.asked().empty());
}

TEST_CASE("a file of another server or user, or a damaged one, is not believed") {
    DiscoveryLab lab;
    TempDir folder;
    lab.cache = {folder.path(), std::chrono::minutes(10)};
    found(*lab.discovery(), {"apps", "v1", "Deployment"});
    lab.asked();
    Lines files;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) files.push_back(entry.path().filename());
    REQUIRE(files.size() == 1);
    CHECK(files[0].size() == 32 + 5);
    const std::string text = folder.read(files[0]);

    lab.access.impersonate.user = "bob";
    lab.api = lab.client();
    found(*lab.discovery(), {"apps", "v1", "Deployment"});
    CHECK(lab.asked() == Lines{"GET /apis/apps/v1"});
    lab.access.impersonate.user = "";
    lab.api = lab.client();

    std::string foreign = text;
    foreign.replace(foreign.find("127.0.0.1"), 9, "127.0.0.2");
    for (const std::string& damaged : {text.substr(0, text.size() / 2), foreign, std::string("[]"), std::string()}) {
        folder.write(files[0], damaged);
        CHECK(found(*lab.discovery(), {"apps", "v1", "Deployment"}) == "apps/v1 Deployment deployments namespaced");
        CHECK(lab.asked() == Lines{"GET /apis/apps/v1"});
    }
}

TEST_CASE("a folder that cannot be written costs nothing but time") {
    DiscoveryLab lab;
    TempDir folder;
    lab.cache = {folder.write("file", "x") + "/below", std::chrono::minutes(10)};
    CHECK(found(*lab.discovery(), {"apps", "v1", "Deployment"}) == "apps/v1 Deployment deployments namespaced");
}

TEST_CASE("names that would leave their place, and lists without end, are left out") {
    DiscoveryLab lab;
    std::string many = R"({"resources":[{"name":"../secrets","kind":"Evil","verbs":["list"]},{"name":"x?y","kind":"Evil"},
      {"name":7,"kind":"Evil"},"Evil",{"name":"a","kind":"A","verbs":["list","no space",3]})";
    for (int i = 0; i < 6'000; ++i) many += R"(,{"name":"k)" + std::to_string(i) + R"(","kind":"K)" + std::to_string(i) + "\"}";
    lab.server.answer("/apis/evil/v1", json(many + "]}"));
    const auto discovery = lab.discovery();
    CHECK(found(*discovery, {"evil", "v1", "Evil"}) == "not found");
    CHECK(discovery->find_served({"evil", "v1", "A"})->verbs == Lines{"list"});
    CHECK(found(*discovery, {"evil", "v1", "K4000"}) == "evil/v1 K4000 k4000 cluster");
    CHECK(found(*discovery, {"evil", "v1", "K5500"}) == "not found");
}

TEST_CASE("paths of objects and collections") {
    const kube::KindInfo deployment{{"apps", "v1", "Deployment"}, "deployments", kube::Scope::namespaced};
    const kube::KindInfo ns{{"", "v1", "Namespace"}, "namespaces", kube::Scope::cluster};
    CHECK(backend::path_of(deployment, "prod", "web") == "/apis/apps/v1/namespaces/prod/deployments/web");
    CHECK(backend::path_of(deployment, "prod", "") == "/apis/apps/v1/namespaces/prod/deployments");
    CHECK(backend::path_of(deployment, "", "") == "/apis/apps/v1/deployments");
    CHECK(backend::path_of(ns, "prod", "prod") == "/api/v1/namespaces/prod");
    CHECK(backend::path_of(ns, "", "a/b") == "/api/v1/namespaces/a%2Fb");
}
