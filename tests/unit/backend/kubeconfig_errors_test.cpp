#include <catch2/catch.hpp>

#include "core/backend/kubeconfig.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using backend::Kubeconfig;
using test::TempDir;
using test::thrown;

namespace {

/// "config:3: message | hint", with the folder's name taken out.
std::string said(const TempDir& folder, const base::Error& error) {
    std::string text = error.place().file + ":" + std::to_string(error.place().line) + ": " + error.message();
    if (!error.hint_text().empty()) text += " | " + error.hint_text();
    for (auto at = text.find(folder.path()); at != std::string::npos; at = text.find(folder.path()))
        text.erase(at, folder.path().size() + 1);
    return text;
}

std::string refusal(const std::string& text, const std::string& context = "",
                    backend::ExecTrust trust = backend::ExecTrust::allow) {
    TempDir folder;
    const auto file = folder.write("config", text);
    return said(folder, thrown([&] { Kubeconfig::read({file}).access(context, trust); }));
}

std::string refusal_of(const std::string& cluster, const std::string& user,
                       backend::ExecTrust trust = backend::ExecTrust::allow) {
    return refusal("current-context: c\n"
                   "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
                   "clusters: [{name: k, cluster: {" + cluster + "}}]\n"
                   "users: [{name: u, user: {" + user + "}}]\n", "", trust);
}

const std::string k_a = "server: 'https://a'";

}  // namespace

TEST_CASE("files that are no kubeconfigs are named with their line") {
    CHECK(refusal("a: [1\nb: 2\n") == "config:2: this is no YAML: end of sequence flow not found");
    CHECK(refusal("- 1\n") == "config:1: a kubeconfig must be a map | is this the right file?");
    CHECK(refusal("kind: Deployment\napiVersion: apps/v1\n") ==
          "config:1: this is no kubeconfig: expected kind Config of apiVersion v1, found kind Deployment of apiVersion "
          "apps/v1");
    CHECK(refusal("kind: Config\nclusters:\n  a: b\n") == "config:3: clusters must be a list");
    CHECK(refusal("kind: Config\nclusters:\n- name: a\n  cluster:\n    server: [x]\n") == "config:5: server must be a text");
    CHECK(refusal("clusters: [{name: a, cluster: {insecure-skip-tls-verify: maybe}}]") ==
          "config:1: insecure-skip-tls-verify must be true or false");
    CHECK(refusal("users:\n- name: a\n- name: a\n") == "config:3: users names \"a\" twice, first in line 2");
}

TEST_CASE("hostile files cost neither time nor memory nor the stack") {
    CHECK(refusal(std::string(100'000, '[')).starts_with("config:1: this is no YAML"));
    CHECK(refusal(std::string(600'000, ',')) == ":0: config has too many entries to be a kubeconfig");
    CHECK(refusal(std::string((16 << 20) + 1, 'a')) == ":0: config is larger than 16777216 bytes");
    std::string laughs = "clusters:\n- name: k\n  cluster:\n    extensions:\n    - name: client.authentication.k8s.io/exec\n"
                         "      extension:\n        a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'k'; ++c) {
        laughs += std::string("        ") + c + ": &" + c + " [";
        for (int i = 0; i < 9; ++i) laughs += std::string(i == 0 ? "" : ", ") + "*" + static_cast<char>(c - 1);
        laughs += "]\n";
    }
    CHECK(refusal(laughs).ends_with("the extension is too large: at most 10000 values, 64 levels deep"));
    TempDir folder;
    CHECK(said(folder, thrown([&] { Kubeconfig::read({folder.path()}); })).ends_with("is a folder, not a file"));
    CHECK(refusal_of(k_a + ", certificate-authority: /dev/zero", "") == "config:3: /dev/zero is a device or pipe, not a file");
}

TEST_CASE("missing names come with near ones") {
    const std::string text = "contexts:\n- name: prod-eu\n  context: {cluster: prod, user: ann}\n- {name: staging}\n"
                             "clusters: [{name: prot, cluster: {server: 'https://a'}}]\n";
    TempDir folder;
    const Kubeconfig config = Kubeconfig::read({folder.write("config", text)});
    const auto context = thrown([&] { config.access("prod-eo"); });
    CHECK(context.code() == base::Code::not_found);
    CHECK(said(folder, context) == ":0: there is no context \"prod-eo\" in the kubeconfig | contexts: prod-eu, staging");
    CHECK(context.suggestions() == std::vector<std::string>{"prod-eu"});
    const auto cluster = thrown([&] { config.access("prod-eu"); });
    CHECK(said(folder, cluster) ==
          "config:2: context \"prod-eu\" names the cluster \"prod\", which the kubeconfig does not have");
    CHECK(cluster.suggestions() == std::vector<std::string>{"prot"});
    CHECK(said(folder, thrown([&] { config.access(""); })) ==
          ":0: the kubeconfig has no current-context: name one with --context | contexts: prod-eu, staging");
    CHECK(said(folder, thrown([&] { Kubeconfig::read({folder / "x"}); })) ==
          ":0: there is no kubeconfig: x does not exist | name one with --kubeconfig FILE or $KUBECONFIG");
}

TEST_CASE("clusters that contradict themselves are refused") {
    CHECK(refusal_of("", "") == "config:3: cluster \"k\" has no server");
    CHECK(refusal_of("server: 'ftp://a'", "") ==
          "config:3: the server of cluster \"k\" must be an http or https URL, found ftp://");
    CHECK(refusal_of(k_a + ", proxy-url: 'ftp://p'", "") ==
          "config:3: the proxy-url of cluster \"k\" must be an http, https or socks5 URL");
    CHECK(refusal_of(k_a + ", certificate-authority-data: LS0tLS1CRUdJTiA=, insecure-skip-tls-verify: true", "") ==
          "config:3: cluster \"k\" has both a certificate authority and insecure-skip-tls-verify, which contradict each "
          "other | remove insecure-skip-tls-verify, so that the certificate is checked");
    CHECK(refusal_of(k_a + ", certificate-authority-data: '***'", "") ==
          "config:3: certificate-authority-data is not base64");
    CHECK(refusal_of(k_a + ", certificate-authority-data: QUJD", "") ==
          "config:3: the certificate-authority is not PEM text");
    CHECK(refusal_of(k_a + ", certificate-authority: ca.pem", "") == "config:3: ca.pem does not exist");
}

TEST_CASE("ways to log in that contradict each other or are gone are refused") {
    CHECK(refusal_of(k_a, "client-certificate: c") ==
          "config:4: user \"u\" has a client-certificate without a client-key");
    CHECK(refusal_of(k_a, "client-key-data: c") == "config:4: user \"u\" has a client-key without a client-certificate");
    CHECK(refusal_of(k_a, "token: a, username: b") ==
          "config:4: user \"u\" has both a token and a user name with password: only one can be used");
    CHECK(refusal_of(k_a, "as-groups: [a]") ==
          "config:4: user \"u\" impersonates groups, a uid or extra fields, but no user: `as` is missing");
    CHECK(refusal_of(k_a, "auth-provider: {name: gcp}") ==
          "config:4: user \"u\" logs in with the auth-provider gcp, which gitopsctl does not support | Kubernetes 1.26 has "
          "removed auth-providers: use an exec plugin, such as gke-gcloud-auth-plugin, kubelogin or `aws eks get-token`");
}

TEST_CASE("an exec plugin must be complete") {
    const std::string v1 = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never";
    CHECK(refusal_of(k_a, "exec: {" + v1 + "}") == "config:4: the exec plugin of user \"u\" has no command");
    CHECK(refusal_of(k_a, "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}") ==
          "config:4: the exec plugin of user \"u\" has the apiVersion \"client.authentication.k8s.io/v1alpha1\", expected "
          "client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
    CHECK(refusal_of(k_a, "exec: {command: x, apiVersion: client.authentication.k8s.io/v1}") ==
          "config:4: the exec plugin of user \"u\" has the interactiveMode \"\", expected Never, IfAvailable or Always");
    CHECK(refusal_of(k_a, "exec: {command: x, " + v1 + ", env: [{value: y}]}") ==
          "config:4: the exec plugin of user \"u\" has a variable in env without a proper name");
}

TEST_CASE("an exec plugin of a kubeconfig that is not trusted is refused") {
    TempDir folder;
    const std::string user = "exec: {command: ./steal, apiVersion: client.authentication.k8s.io/v1beta1}";
    CHECK(refusal_of(k_a, user, backend::ExecTrust::refuse) ==
          "config:4: user \"u\" logs in by running the program ./steal, which this kubeconfig is not allowed to | a "
          "kubeconfig inside a repository may start no programs until you have looked at it and said so: gitopsctl "
          "cluster add NAME --allow-exec");
}
