// Users' own scripts of health: which one is taken, and what becomes of its answer.
#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/deliver/health/health_book.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;
using deliver::HealthBook;
using deliver::HealthScript;

namespace {

const base::SystemClock k_clock;

std::string told(const std::optional<deliver::Health>& health) {
    if (!health) return "none";
    const std::string name(deliver::health_name(health->status));
    return health->message.empty() ? name : name + ": " + health->message;
}

std::string judged(const HealthBook& book, const std::string& yaml) { return told(book.judge(doc::read_yaml_one(yaml))); }

/// What a script for x.io/Thing makes of an object.
std::string by_script(const std::string& script, const std::string& rest = "") {
    return judged(HealthBook({{"x.io", "Thing", script, "my.lua"}}, k_clock), "apiVersion: x.io/v1\nkind: Thing\n" + rest);
}

std::string healthy(const std::string& message) { return "return {status = 'Healthy', message = '" + message + "'}"; }

}  // namespace

TEST_CASE("a book without scripts judges by the built-in rules", "[health][book]") {
    const HealthBook book;
    CHECK(book.empty());
    CHECK(judged(book, "apiVersion: v1\nkind: PersistentVolumeClaim\nstatus: {phase: Bound}") == "Healthy");
    CHECK(judged(book, "apiVersion: v1\nkind: ConfigMap") == "none");
    CHECK(HealthBook({}, k_clock).empty());
}

TEST_CASE("the script of an object's kind comes before everything else", "[health][book]") {
    const HealthBook book({{"*.x.io", "*", healthy("wild"), "a"},
                           {"a.x.io", "Thing", healthy("exact"), "b"},
                           {"a.x.io", "Thing", healthy("later"), "c"},
                           {"", "ConfigMap", healthy("core"), "d"},
                           {"apps", "Deployment", "return {status = obj.metadata.labels.mood}", "e"}},
                          k_clock);
    CHECK(judged(book, "apiVersion: a.x.io/v1\nkind: Thing") == "Healthy: exact");
    CHECK(judged(book, "apiVersion: a.x.io/v1\nkind: Other") == "Healthy: wild");
    CHECK(judged(book, "apiVersion: x.io/v1\nkind: Other") == "none");
    CHECK(judged(book, "apiVersion: v1\nkind: ConfigMap") == "Healthy: core");
    CHECK(judged(book, "apiVersion: v1\nkind: Secret") == "none");
    CHECK(judged(book, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {labels: {mood: Suspended}}") == "Suspended");
    CHECK(judged(book, "apiVersion: a.x.io/v1\nkind: Thing\nmetadata: {deletionTimestamp: '2025-01-01T00:00:00Z'}") ==
          "Progressing: Pending deletion");
    CHECK(book.can_judge({"", "v1", "ConfigMap"}));
    CHECK_FALSE(book.can_judge({"", "v1", "Secret"}));
}

TEST_CASE("where no operator runs, what nobody looked at has no health", "[health][book]") {
    const std::string certificate = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {generation: 1}\n";
    const auto book = HealthBook().without_operators();
    CHECK(judged(HealthBook(), certificate).starts_with("Progressing"));
    CHECK(judged(book, certificate) == "none");
    CHECK(judged(book, certificate + "status: {conditions: [{type: Ready, status: 'True'}]}").starts_with("Healthy"));
    CHECK(judged(book, "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 1}").starts_with("Progressing"));
    CHECK(judged(HealthBook({{"cert-manager.io", "Certificate", healthy("mine"), "a"}}, k_clock).without_operators(), certificate) ==
          "Healthy: mine");
}

TEST_CASE("a script sees the whole object, numbers as numbers", "[health][book]") {
    CHECK(by_script("return {status = obj.status.ok and 'Healthy', message = obj.spec.replicas + 1 .. obj.spec.list[2] .. tostring(obj.spec.gone)}",
                    "spec: {replicas: 2, list: [a, b], gone: null}\nstatus: {ok: true}") == "Healthy: 3bnil");
    CHECK(by_script("local n = 0 for _, c in ipairs(obj.status.conditions) do if c.status == 'True' then n = n + 1 end end "
                    "return {status = 'Progressing', message = n .. '/' .. #obj.status.conditions}",
                    "status: {conditions: [{status: 'True'}, {status: 'False'}]}") == "Progressing: 1/2");
}

TEST_CASE("what is no answer is Unknown, and says why", "[health][book]") {
    CHECK(by_script("return nil") == "none");
    CHECK(by_script("return {status = 'Splendid'}") == "Unknown: the health script my.lua: it returned no status Argo CD knows");
    CHECK(by_script("return {}") == "Unknown: the health script my.lua: it returned no status Argo CD knows");
    CHECK(by_script("return 'Healthy'") ==
          "Unknown: the health script my.lua: it returned a string, not a table with status and message");
    CHECK(by_script("return obj.status.phase") ==
          "Unknown: the health script my.lua: my.lua:1: attempt to index field 'status' (a nil value)");
    CHECK(by_script("while true do end") == "Unknown: the health script my.lua: it was stopped: it takes longer than 1s");
    std::string deep = "spec: ";
    for (int i = 0; i < 300; ++i) deep += "{a: ";
    for (int i = 0; i < 300; ++i) deep += "}";
    CHECK(by_script("return nil", deep) ==
          "Unknown: the health script my.lua: the object is too large or nested too deeply for it");
}

TEST_CASE("scripts in the layout of Argo CD", "[health][book]") {
    const base::MemoryTree tree({{"x.io/Thing/health.lua", "a"},
                                 {"x.io/Thing/health_test.yaml", "tests: []"},
                                 {"x.io/Thing/actions/discovery.lua", "no"},
                                 {"_.crossplane.io/_/health.lua", "b"},
                                 {"ConfigMap/health.lua", "c"},
                                 {"README.md", "text"}});
    std::string found;
    for (const auto& script : deliver::health_scripts_in(tree, "rc"))
        found += script.group + "/" + script.kind + " " + script.text + " " + script.origin + "\n";
    CHECK(found ==
          "/ConfigMap c rc/ConfigMap/health.lua\n"
          "*.crossplane.io/* b rc/_.crossplane.io/_/health.lua\n"
          "x.io/Thing a rc/x.io/Thing/health.lua\n");
}

TEST_CASE("scripts of settings", "[health][book]") {
    const auto script = deliver::health_script_of_setting("argoproj.io_Application", "text", "argocd-cm");
    CHECK(script.group + "|" + script.kind + "|" + script.text + "|" + script.origin == "argoproj.io|Application|text|argocd-cm");
    CHECK(deliver::health_script_of_setting("ConfigMap", "text", "x").group == "");
    CHECK_THROWS_AS(HealthBook({{"x.io", "Thing", std::string(deliver::k_max_health_script + 1, ' '), "x"}}, k_clock), base::Error);
}
