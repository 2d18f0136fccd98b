#include "core/backend/exec_plugin.hpp"

#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "tests/unit/backend/exec_fixture.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using backend::run_exec_plugin;
using test::PluginFolder;
using test::plugin_environment;
using test::prints;
using test::thrown;

namespace {

std::string refusal(const std::string& script) {
    PluginFolder plugin;
    const auto access = plugin.access(script);
    const auto error = thrown([&] { run_exec_plugin(access, plugin_environment(), {}); });
    std::string text = error.message();
    for (const std::string& note : error.notes()) text += " | " + note;
    return text;
}

}  // namespace

TEST_CASE("a plugin's token, certificate and expiry are taken") {
    PluginFolder plugin;
    const auto got = run_exec_plugin(plugin.access(prints("\"token\":\"t\",\"clientCertificateData\":\"C\","
                                                          "\"clientKeyData\":\"K\",\"expirationTimestamp\":\"2026-01-02T03:04:05Z\"")),
                                     plugin_environment(), {});
    CHECK(got.token == "t");
    CHECK(got.identity.cert_pem == "C");
    CHECK(got.identity.key_pem == "K");
    REQUIRE(got.expires);
    CHECK(base::to_rfc3339(*got.expires) == "2026-01-02T03:04:05Z");
}

TEST_CASE("a plugin is given its arguments, its variables over ours, and nothing on standard input") {
    PluginFolder plugin;
    auto access = plugin.access("cat > input\necho \"$# $1 $2 $TEAM $LANG\" > said\n" + prints("\"token\":\"t\""));
    access.exec->arguments = {"a b", "c;d"};
    access.exec->environment = {{"TEAM", "red"}, {"HERE", plugin.folder.path()}};
    plugin.write_script("login", "cd \"$HERE\"\ncat > input\necho \"$#:$1:$2:$TEAM:$LANG\" > said\n" + prints("\"token\":\"t\""));
    run_exec_plugin(access, plugin_environment(), {});
    CHECK(plugin.folder.read("said") == "2:a b:c;d:red:C\n");
    CHECK(plugin.folder.read("input") == "");
}

TEST_CASE("a plugin learns about the cluster only when it asks to") {
    PluginFolder plugin;
    auto access = plugin.access("printf %s \"$KUBERNETES_EXEC_INFO\" > '" + (plugin.folder / "info") + "'\n" +
                                prints("\"token\":\"t\""));
    run_exec_plugin(access, plugin_environment(), {});
    CHECK(plugin.folder.read("info") ==
          R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}})");
    access.exec->provide_cluster_info = true;
    access.exec->cluster_config = doc::read_json(R"({"audience":"x"})");
    access.ca_pem = "CA";
    access.tls_server_name = "api";
    access.proxy_url = "http://p";
    run_exec_plugin(access, plugin_environment(), {});
    CHECK(plugin.folder.read("info") ==
          R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false,)"
          R"("cluster":{"server":"https://api.example.com:6443","tls-server-name":"api","certificate-authority-data":"Q0E=",)"
          R"("proxy-url":"http://p","config":{"audience":"x"}}}})");
}

TEST_CASE("a command without a slash is found in PATH, whose relative folders are passed over") {
    PluginFolder plugin;
    auto access = plugin.access(prints("\"token\":\"t\""));
    access.exec->command = "login";
    access.exec->install_hint = "brew install login";
    CHECK(run_exec_plugin(access, {"PATH=/nowhere:" + plugin.folder.path() + ":/usr/bin:/bin"}, {}).token == "t");
    const auto error = thrown([&] { run_exec_plugin(access, {"PATH=:.:/nowhere"}, {}); });
    CHECK(error.code() == base::Code::denied);
    CHECK(error.message() == "cannot get credentials from the plugin login: it is in no folder of $PATH");
    CHECK(error.hint_text() == "brew install login");
}

TEST_CASE("a plugin's complaint is told, its last lines and without secrets; its answer never") {
    CHECK(refusal("echo TOKEN-IN-OUTPUT\nfor i in 1 2 3 4 5; do echo line $i >&2; done\n"
                  "echo 'see https://ann:pw@sso.example.com' >&2\nexit 3\n") ==
          "the credential plugin ./login failed with status 3 | it said: line 2\nline 3\nline 4\nline 5\nsee "
          "https://***@sso.example.com");
    CHECK(refusal("exit 7\n") == "the credential plugin ./login failed with status 7");
    CHECK(refusal("echo secret-token\n") == "the credential plugin ./login printed something that is no JSON (line 1)");
}

TEST_CASE("an answer that is no credential is refused") {
    CHECK(refusal("echo '{}'") == "the credential plugin ./login printed no ExecCredential");
    CHECK(refusal("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}'") ==
          "the credential plugin ./login answered in another apiVersion than the kubeconfig's "
          "client.authentication.k8s.io/v1");
    CHECK(refusal(prints("")) == "the credential plugin ./login printed neither a token nor a client certificate");
    CHECK(refusal(prints("\"clientCertificateData\":\"C\"")) ==
          "the credential plugin ./login printed a client certificate without its key, or a key without its certificate");
    CHECK(refusal(prints("\"token\":\"t\",\"expirationTimestamp\":\"soon\"")) ==
          "the credential plugin ./login printed an expirationTimestamp that is no RFC 3339 time");
}

TEST_CASE("a plugin that says too much is ended") {
    CHECK(refusal("yes\n").ends_with("said more than 1048576 bytes"));
}

TEST_CASE("a plugin is ended by a stop request, with what it started") {
    PluginFolder plugin;
    const auto access = plugin.access("sleep 600\n");
    std::stop_source stop;
    stop.request_stop();
    CHECK(thrown([&] { run_exec_plugin(access, plugin_environment(), stop.get_token()); }).code() == base::Code::cancelled);
}

TEST_CASE("a plugin that must talk with a person is an error without a terminal") {
    PluginFolder plugin;
    auto access = plugin.access(prints("\"token\":\"t\""));
    access.exec->interactive_mode = "Always";
    const auto error = thrown([&] { run_exec_plugin(access, plugin_environment(), {}); });
    CHECK(error.message() == "the credential plugin ./login wants to ask a person, and there is no terminal");
    CHECK(plugin.runs() == 0);
}
