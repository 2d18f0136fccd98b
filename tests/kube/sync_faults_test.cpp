// Whole syncs of the real program behind a proxy that injects faults: each ends right, or fails clearly, loses nothing,
// and the next one ends right.
#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;

namespace {

using Kind = Fault::Kind;

Fault of(Kind kind, int after_ms = 0) {
    Fault fault;
    fault.kind = kind;
    fault.after_ms = after_ms;
    return fault;
}

enum class Ends { right, either };

struct Case {
    const char* name;
    FaultRule rule;
    Ends ends = Ends::right;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> cases{
        {"applies answered 429 without Retry-After", {"PATCH", "", status_fault(429, "TooManyRequests", "slow"), 1, 3}},
        {"applies answered 429 with Retry-After",
         {"PATCH", "", status_fault(429, "TooManyRequests", "slow", "Retry-After: 1\r\n"), 1, 2}},
        {"a burst of 503", {"", "", status_fault(503, "ServiceUnavailable", "not yet"), 2, 5}},
        {"a burst of 500", {"PATCH", "", status_fault(500, "InternalError", "etcdserver: leader changed"), 0, 4}},
        {"connections dropped", {"", "", of(Kind::drop), 1, 5}},
        {"applies that are done and whose answers are reset", {"PATCH", "", of(Kind::reset), 1, 4}},
        {"creations that are done and whose answers are reset", {"POST", "", of(Kind::reset), 0, 1}},
        {"deletions that are done and whose answers are reset", {"DELETE", "", of(Kind::reset), 0, 1}},
        {"lists reset in mid-body", {"GET", "configmaps", of(Kind::reset), 0, 2}},
        {"lists cut to half", {"GET", "configmaps", of(Kind::truncate), 0, 1}, Ends::either},
        {"lists cut to half for ever", {"GET", "configmaps", of(Kind::truncate), 0, -1}, Ends::either},
        {"applies whose answers are cut to half", {"PATCH", "configmaps", of(Kind::truncate), 0, 2}, Ends::either},
        {"a login page in place of a list", {"GET", "configmaps", html_fault(200), 0, -1}, Ends::either},
        {"a login page in place of an apply", {"PATCH", "configmaps", html_fault(200), 0, 1}, Ends::either},
        {"a login page in place of discovery", {"GET", "/apis", html_fault(200), 0, -1}, Ends::either},
        {"watches that drop every moment", {"GET", "watch=", of(Kind::cut, 50), 0, -1}},
        {"watches answered 410", {"GET", "watch=", status_fault(410, "Expired", "too old resource version"), 0, 3}},
        {"watches refused", {"GET", "watch=", status_fault(403, "Forbidden", "no watching"), 0, -1}, Ends::either},
        {"a slow server", {"PATCH", "", of(Kind::delay, 300), 0, -1}},
        {"a refused token", {"PATCH", "", status_fault(401, "Unauthorized", "Unauthorized"), 2, -1}, Ends::either},
    };
    return cases;
}

enum class Rollout { quick, watched };

/// Everything anew. A watched rollout takes some seconds, so that a sync on a busy machine cannot find it healthy at its first look.
std::vector<std::pair<std::string, std::string>> version(int number, Rollout rollout = Rollout::quick) {
    std::vector<std::pair<std::string, std::string>> files;
    for (int i = 0; i < 8; ++i)
        files.emplace_back("cm-" + std::to_string(i) + ".yaml",
                           config_map("cm-" + std::to_string(i), "v" + std::to_string(number)));
    files.emplace_back("visit-" + std::to_string(number) + ".yaml",
                       config_map("visit-" + std::to_string(number), "v" + std::to_string(number)));
    if (number > 1) files.emplace_back("visit-" + std::to_string(number - 1) + ".yaml", "");
    std::string web = deployment("web", "web:" + std::to_string(number));
    if (rollout == Rollout::watched) web.insert(web.find("  replicas:"), "  minReadySeconds: 3\n");
    files.emplace_back("web.yaml", web);
    return files;
}

std::vector<std::string> expected(int number) {
    std::vector<std::string> names;
    for (int i = 0; i < 8; ++i) names.push_back("cm-" + std::to_string(i));
    names.insert(names.end(), {"foreign", "visit-" + std::to_string(number)});
    return names;
}

void check_version(Stage& stage, int number) {
    CHECK(stage.configs() == expected(number));
    for (int i = 0; i < 8; ++i) CHECK(stage.config("cm-" + std::to_string(i)) == "v" + std::to_string(number));
    CHECK(stage.config("foreign") == "theirs");
}

const std::vector<std::string> k_sync{"app", "sync", "web", "--prune", "--timeout", "20s"};
const char* const k_foreign = "{apiVersion: v1, kind: ConfigMap, metadata: {name: foreign, namespace: NS}, data: {color: theirs}}";

}  // namespace

REAL_CASE("a sync through each fault ends right or fails clearly, and the next one ends right", "[kube][slow]") {
    stage.commit(version(1));
    stage.create_app();
    stage.must(k_sync);
    stage.apply(k_foreign);
    FaultProxy proxy(Stage::upstream());
    stage.make_home("behind", stage.plain_kubeconfig(proxy.url()));
    stage.create_app({}, "behind");

    int number = 1;
    for (const auto& one : cases()) {
        INFO(one.name);
        stage.commit(version(++number, one.rule.path_part == "watch=" ? Rollout::watched : Rollout::quick));
        const int hits = proxy.hits();
        proxy.add(one.rule);
        const auto result = stage.run(k_sync, "behind");
        proxy.clear();
        INFO(result.out << result.err);
        if (one.rule.method != "POST") CHECK(proxy.hits() > hits);
        CHECK((result.status == 0 || (one.ends == Ends::either && (result.status == 1 || result.status == 2))));
        if (result.status == 0) check_version(stage, number);
        else CHECK((result.out + result.err).find(result.status == 1 ? "failed" : "error") != std::string::npos);
        CHECK(stage.config("foreign") == "theirs");
        stage.must(k_sync, "behind");
        check_version(stage, number);
    }
}

REAL_CASE("a credential plugin is run again when its token has expired", "[kube]") {
    stage.commit({{"a.yaml", config_map("a", "blue")}});
    FaultProxy proxy(Stage::upstream());
    const auto plugin = stage.dir.write("plugin", "#!/bin/sh\necho >>'" + stage.dir / "runs" + "'\nn=$(wc -l <'" + stage.dir / "runs" + "')\n"
        R"(printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%d"}}' $n)" "\n");
    chmod(plugin.c_str(), 0700);
    stage.make_home("behind", stage.plain_kubeconfig(proxy.url(), "{exec: {apiVersion: client.authentication.k8s.io/v1, command: '" +
                                                                      plugin + "', interactiveMode: Never}}"));
    stage.create_app({}, "behind");
    const auto runs = stage.dir.read("runs").size();
    // The first token of the next run is refused: the server's clock says that it has expired.
    proxy.accept_only("token-" + std::to_string(runs + 2));
    stage.must({"app", "sync", "web"}, "behind");
    CHECK(stage.config("a") == "blue");
    proxy.accept_only("another");
    const auto refused = stage.run({"app", "sync", "web"}, "behind");
    CHECK(refused.status == 2);
    CHECK(refused.err.find("token-") == std::string::npos);
}
