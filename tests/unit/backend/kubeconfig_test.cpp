#include "core/backend/kubeconfig.hpp"

#include <catch2/catch.hpp>

#include "core/base/digest.hpp"
#include "tests/support/temp_dir.hpp"

using namespace gitops;
using backend::Kubeconfig;
using backend::KubeAccess;
using test::TempDir;
using Texts = std::vector<std::string>;

namespace {

const std::string k_ca = "-----BEGIN CERTIFICATE-----\nCA\n-----END CERTIFICATE-----\n";
const std::string k_cert = "-----BEGIN CERTIFICATE-----\nCERT\n-----END CERTIFICATE-----\n";
const std::string k_key = "-----BEGIN PRIVATE KEY-----\nKEY\n-----END PRIVATE KEY-----\n";

/// A kubeconfig with one context "c" whose cluster and user hold these fields, in YAML's flow style.
std::string one(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
           "contexts: [{name: c, context: {cluster: k, user: u, namespace: shop}}]\n"
           "clusters:\n- name: k\n  cluster: {" + cluster + "}\n"
           "users:\n- name: u\n  user: {" + user + "}\n";
}

KubeAccess access(const TempDir& folder, const std::string& cluster, const std::string& user) {
    return Kubeconfig::read({folder.write("config", one(cluster, user))}).access("");
}

}  // namespace

TEST_CASE("a context leads to its cluster and its user") {
    TempDir folder;
    const KubeAccess found = access(folder, "server: 'https://api.example.com:6443/', tls-server-name: api.internal",
                                    "token: abc");
    CHECK(found.context == "c");
    CHECK(found.server == "https://api.example.com:6443");
    CHECK(found.ns == "shop");
    CHECK(found.user == "u");
    CHECK(found.tls_server_name == "api.internal");
    CHECK(found.verify == io::TlsVerify::yes);
    CHECK(found.token == "abc");
}

TEST_CASE("certificates come from data, else from files beside the kubeconfig; data counts more") {
    TempDir folder;
    folder.write("pki/ca.pem", k_ca);
    folder.write("pki/cert.pem", k_cert);
    folder.write("pki/key.pem", k_key);
    const KubeAccess files = access(folder, "server: 'https://a', certificate-authority: pki/ca.pem",
                                    "client-certificate: pki/cert.pem, client-key: '" + folder / "pki/key.pem" + "'");
    CHECK(files.ca_pem == k_ca);
    CHECK(files.identity.cert_pem == k_cert);
    CHECK(files.identity.key_pem == k_key);
    const KubeAccess data = access(
        folder, "server: 'https://a', certificate-authority: missing.pem, certificate-authority-data: " + base::base64_encode(k_ca),
        "client-certificate-data: " + base::base64_encode(k_cert) + ", client-key-data: " + base::base64_encode(k_key));
    CHECK(data.ca_pem == k_ca);
    CHECK(data.identity.cert_pem == k_cert);
    CHECK(data.identity.key_pem == k_key);
}

TEST_CASE("token file, password, proxy, no verification and impersonation are read") {
    TempDir folder;
    const KubeAccess file = access(folder, "server: 'https://a', insecure-skip-tls-verify: true, proxy-url: 'socks5://p:1080'",
                                   "tokenFile: token, as: ann, as-uid: '7', as-groups: [ops, dev], as-user-extra: "
                                   "{reason: [deploy], scopes: [a, b]}");
    CHECK(file.token_file == folder / "token");
    CHECK(file.verify == io::TlsVerify::no);
    CHECK(file.proxy_url == "socks5://p:1080");
    CHECK(file.impersonate.user == "ann");
    CHECK(file.impersonate.uid == "7");
    CHECK(file.impersonate.groups == Texts{"ops", "dev"});
    CHECK(file.impersonate.extra ==
          std::vector<std::pair<std::string, Texts>>{{"reason", {"deploy"}}, {"scopes", {"a", "b"}}});
    const KubeAccess basic = access(folder, "server: 'https://a'", "username: ann, password: 12345");
    CHECK(basic.username == "ann");
    CHECK(basic.password == "12345");
}

TEST_CASE("an exec plugin is read whole") {
    TempDir folder;
    const auto plugin = access(folder,
                               "server: 'https://a', extensions: [{name: client.authentication.k8s.io/exec, "
                               "extension: {audience: \"12\", count: 3, deep: [true]}}]",
                               "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [get, 5], "
                               "env: [{name: A, value: b}], installHint: get it, provideClusterInfo: true, "
                               "interactiveMode: IfAvailable}")
                            .exec;
    REQUIRE(plugin);
    CHECK(plugin->api_version == "client.authentication.k8s.io/v1");
    CHECK(plugin->command == "./login");
    CHECK(plugin->arguments == Texts{"get", "5"});
    CHECK(plugin->environment == std::vector<std::pair<std::string, std::string>>{{"A", "b"}});
    CHECK(plugin->install_hint == "get it");
    CHECK(plugin->provide_cluster_info);
    CHECK(plugin->interactive_mode == "IfAvailable");
    CHECK(plugin->folder == folder.path());
    CHECK(plugin->cluster_config.text_at("audience") == "12");
    CHECK(plugin->cluster_config.find("audience")->is_string());
    CHECK(plugin->cluster_config.find("count")->is_integer());
    CHECK(plugin->cluster_config.find("deep")->items()[0].as_bool());
}

TEST_CASE("a token counts more than an exec plugin, which then is not even asked for trust") {
    TempDir folder;
    const auto file = folder.write("config", one("server: 'https://a'", "token: t, exec: {command: x}"));
    CHECK_FALSE(Kubeconfig::read({file}).access("", backend::ExecTrust::refuse).exec);
}

TEST_CASE("of several files the first to name a thing wins, and missing files are left out") {
    TempDir folder;
    const auto first = folder.write("first", "clusters: [{name: k, cluster: {server: 'https://first'}}]\n"
                                             "users: [{name: u, user: {username: ann}}]\n");
    const auto second = folder.write("second", "current-context: c\n"
                                               "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
                                               "clusters: [{name: k, cluster: {server: 'https://second'}}]\n"
                                               "users: [{name: u, user: {username: bob, password: p}}]\n");
    const Kubeconfig merged = Kubeconfig::read({first, folder / "missing", second});
    CHECK(merged.current_context() == "c");
    CHECK(merged.contexts() == Texts{"c"});
    CHECK(merged.access("").server == "https://first");
    CHECK(merged.access("").username == "ann");
    CHECK(merged.access("").password == "");
    CHECK(backend::kubeconfig_list("a::b:") == Texts{"a", "b"});
}

TEST_CASE("JSON is a kubeconfig too, unknown fields are passed over, and a user is not needed") {
    TempDir folder;
    const auto file = folder.write(
        "config", R"({"kind": "Config", "apiVersion": "v1", "preferences": {}, "future": [1], "current-context": "c",
 "contexts": [{"name": "c", "context": {"cluster": "k", "user": ""}}],
 "clusters": [{"name": "k", "cluster": {"server": "https://a", "new-field": {"x": 1}}}], "users": null})");
    CHECK(Kubeconfig::read({file}).access("c").server == "https://a");
}

TEST_CASE("a server without scheme is https where the entry speaks of TLS, as in client-go") {
    TempDir folder;
    CHECK(access(folder, "server: 'localhost:8080'", "").server == "http://localhost:8080");
    CHECK(access(folder, "server: 'a:6443', insecure-skip-tls-verify: true", "").server == "https://a:6443");
}

TEST_CASE("a view of a context looks at no other file") {
    TempDir folder;
    const auto file = folder.write("config", one("server: 'https://a', certificate-authority: missing.pem",
                                                 "exec: {command: login}"));
    const backend::ContextView view = Kubeconfig::read({file}).view("c");
    CHECK(view.context == "c");
    CHECK(view.cluster == "k");
    CHECK(view.server == "https://a");
    CHECK(view.user == "u");
    CHECK(view.ns == "shop");
    CHECK(view.exec_command == "login");
}

TEST_CASE("a Pod's service account") {
    TempDir folder;
    folder.write("token", "t\n");
    folder.write("ca.crt", k_ca);
    folder.write("namespace", "prod\n");
    const KubeAccess found = backend::in_cluster_access("10.0.0.1", "443", folder.path());
    CHECK(found.context == "in-cluster");
    CHECK(found.server == "https://10.0.0.1:443");
    CHECK(found.ns == "prod");
    CHECK(found.ca_pem == k_ca);
    CHECK(found.token_file == folder / "token");
    CHECK(backend::in_cluster_access("fd00::1", "443", folder.path()).server == "https://[fd00::1]:443");
    CHECK_THROWS_WITH(backend::in_cluster_access("", "", folder.path()),
                      "this is no Pod with a service account: $KUBERNETES_SERVICE_HOST and _PORT are not set");
}
