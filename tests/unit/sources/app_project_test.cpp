#include "core/sources/app_project.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/sources/app_project_rules.hpp"

using namespace gitops;
using sources::AppProject;

namespace {

AppProject project_of(const std::string& spec) {
    std::vector<std::string> warnings;
    return sources::read_project(doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team}\nspec: " + spec),
                                 "team.yaml", warnings);
}

/// "why (file:line) [hint]"
std::string refusal_of(const std::string& yaml) {
    std::vector<std::string> warnings;
    try {
        sources::read_project(doc::read_yaml_one(yaml), "p.yaml", warnings);
    } catch (const base::Error& error) {
        return error.message() + " (" + error.place().file + ":" + std::to_string(error.place().line) + ")" +
               (error.hint_text().empty() ? "" : " [" + error.hint_text() + "]");
    }
    return base::join(warnings, "; ");
}

std::string refusal_of_spec(const std::string& spec) {
    return refusal_of("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team}\nspec:\n" + spec);
}

const sources::DestinationCluster k_prod{{"prod"}, {"https://prod.example"}};

bool goes_to(const std::string& destinations, const std::string& ns, const sources::DestinationCluster& cluster = k_prod) {
    return !sources::destination_refusal(project_of("{destinations: [" + destinations + "]}"), cluster, ns);
}

bool comes_from(const std::string& repos, const std::string& url) {
    return !sources::source_refusal(project_of("{sourceRepos: [" + repos + "]}"), url);
}

bool has(const std::string& lists, const kube::ResourceKey& key) {
    return !sources::kind_refusal(project_of("{" + lists + "}"), key, key.ns.empty() ? kube::Scope::cluster : kube::Scope::namespaced);
}

const kube::ResourceKey k_deployment{"apps", "Deployment", "prod", "web"};
const kube::ResourceKey k_namespace{"", "Namespace", "", "team-a"};

}  // namespace

TEST_CASE("source rules: '*' stops at '/', '**' does not, and URLs are compared in one spelling", "[project]") {
    struct Row {
        std::string rules, url;
        bool permitted;
    };
    for (const Row& row : {
             Row{"'*'", "https://git.example/team/app.git", true},
             {"", "https://git.example/team/app.git", false},
             {"'https://git.example/team/app'", "https://GIT.example/team/App.git", true},
             {"'https://git.example/team/app.git'", "https://git.example/team/app/", true},
             {"'https://git.example/team/app'", "https://git.example/team/app1", false},
             {"'https://git.example/team/*'", "https://git.example/team/app", true},
             {"'https://git.example/team/*'", "https://git.example/team/sub/app", false},
             {"'https://git.example/team/*/*'", "https://git.example/team/sub/app", true},
             {"'https://git.example/team/**'", "https://git.example/team/sub/sub/app", true},
             {"'https://git.example/team/**'", "https://git.example/team", false},
             {"'https://git.example/{a,b}/*'", "https://git.example/b/app", true},
             {"'https://git.example/team-[a-c]/*'", "https://git.example/team-d/app", false},
             {"'https://git.example/team-?/*'", "https://git.example/team-d/app", true},
             {"'https://git.example.org/*'", "https://gitxexample.org/app", false},
             {"'git@git.example:team/*'", "ssh://git@git.example/team/app.git", true},
             {"'ssh://git@git.example/team/app'", "git@git.example:team/app.git", true},
             {"'ssh://git@git.example:2222/team/app'", "git@git.example:team/app.git", false},
             {"'/srv/Git/app'", "/srv/git/app", false},
             {"'/srv/git/*'", "/srv/git/app.git", true},
             // Denials only take away, wherever they stand.
             {"'!https://git.example/team/app'", "https://git.example/team/other", false},
             {"'*', '!https://git.example/team/app.git'", "https://git.example/team/app", false},
             {"'!https://git.example/team/app.git', '*'", "https://git.example/team/app", false},
             {"'!https://git.example/team/*', '*'", "https://git.example/other/app", true},
             {"'!ssh://git@git.example:team/*', '*'", "git@git.example:team/app", false},
             {"'https://git.example/team/**', '!https://git.example/team/*/secret'", "https://git.example/team/x/secret", false},
         }) {
        CAPTURE(row.rules, row.url);
        CHECK(comes_from(row.rules, row.url) == row.permitted);
    }
}

TEST_CASE("destination rules: each asymmetry of server, name and namespace", "[project]") {
    struct Row {
        std::string rules, ns;
        bool permitted;
    };
    for (const Row& row : {
             Row{"{server: https://prod.example, namespace: default}", "default", true},
             {"{server: https://prod.example, namespace: default}", "kube-system", false},
             {"{server: https://other.example, namespace: default}", "default", false},
             {"{server: '*', namespace: '*'}", "any", true},
             {"{server: 'https://*', namespace: 'team-*'}", "team-a", true},
             {"{server: 'https://*', namespace: 'team-*'}", "team", false},
             {"{name: prod, namespace: '*'}", "any", true},
             {"{name: test, namespace: '*'}", "any", false},
             {"{server: https://prod.example}", "default", false},  // an absent namespace is no "*"
             // Server or name is enough.
             {"{server: https://other.example, name: prod, namespace: '*'}", "any", true},
             // A rule with a denial allows nothing.
             {"{server: '*', namespace: '!kube-system'}", "default", false},
             {"{server: '!https://other.example', namespace: '*'}", "default", false},
             {"{name: '!other', namespace: '*'}", "default", false},
             // Denied by namespace: only at the server of the rule.
             {"{server: '*', namespace: '*'}, {server: '*', namespace: '!kube-*'}", "kube-system", false},
             {"{server: '*', namespace: '*'}, {server: '*', namespace: '!kube-*'}", "default", true},
             {"{server: '*', namespace: '*'}, {server: https://other.example, namespace: '!kube-system'}", "kube-system", true},
             {"{server: '*', namespace: '*'}, {name: prod, namespace: '!kube-system'}", "kube-system", false},
             {"{server: '*', namespace: '*'}, {name: test, namespace: '!kube-system'}", "kube-system", true},
             // Denied by server: only where the namespace of the rule matches.
             {"{server: '*', namespace: '*'}, {server: '!https://prod.example', namespace: kube-system}", "kube-system", false},
             {"{server: '*', namespace: '*'}, {server: '!https://prod.example', namespace: kube-system}", "default", true},
             {"{server: '*', namespace: '*'}, {server: '!https://other.example', namespace: '*'}", "default", true},
             // Denied by name: in every namespace.
             {"{server: '*', namespace: '*'}, {name: '!prod', namespace: kube-system}", "default", false},
             {"{server: '*', namespace: '*'}, {name: '!pr*'}", "default", false},
             {"{server: '*', namespace: '*'}, {name: '!test', namespace: '*'}", "default", true},
         }) {
        CAPTURE(row.rules, row.ns);
        CHECK(goes_to(row.rules, row.ns) == row.permitted);
    }
}

TEST_CASE("a cluster with several addresses is allowed by any and denied by any", "[project]") {
    const sources::DestinationCluster both{{"local", "in-cluster"}, {"https://kubernetes.default.svc", "https://10.0.0.1"}};
    CHECK(goes_to("{server: https://kubernetes.default.svc, namespace: '*'}", "a", both));
    CHECK(goes_to("{name: in-cluster, namespace: '*'}", "a", both));
    CHECK_FALSE(goes_to("{server: '*', namespace: '*'}, {server: '!https://10.0.0.1', namespace: '*'}", "a", both));
    CHECK_FALSE(goes_to("{server: '*', namespace: '*'}", "a", {{"prod"}, {}}));  // its address is not known
    CHECK(goes_to("{name: '*', namespace: '*'}", "a", {{"prod"}, {}}));
}

TEST_CASE("kinds: nothing of the cluster without a list, everything of a namespace without one", "[project]") {
    struct Row {
        std::string lists;
        bool deployment, ns;
    };
    for (const Row& row : {
             Row{"", true, false},
             {"clusterResourceWhitelist: []", true, false},
             {"clusterResourceWhitelist: [{group: '*', kind: '*'}]", true, true},
             {"clusterResourceWhitelist: [{group: '', kind: Namespace}]", true, true},
             {"clusterResourceWhitelist: [{group: apps, kind: Namespace}]", true, false},
             {"clusterResourceWhitelist: [{group: '', kind: Namespace, name: 'team-*'}]", true, true},
             {"clusterResourceWhitelist: [{group: '', kind: Namespace, name: 'other-*'}]", true, false},
             {"clusterResourceBlacklist: [{group: '', kind: ConfigMap}]", true, false},
             {"clusterResourceWhitelist: [{group: '*', kind: '*'}], clusterResourceBlacklist: [{group: '', kind: 'Name*'}]", true, false},
             {"clusterResourceWhitelist: [{group: '*', kind: '*'}], clusterResourceBlacklist: [{group: '', kind: Namespace, name: kube-system}]",
              true, true},
             {"namespaceResourceWhitelist: []", false, false},
             {"namespaceResourceWhitelist: null", true, false},
             {"namespaceResourceWhitelist: [{group: apps, kind: '*'}]", true, false},
             {"namespaceResourceWhitelist: [{group: '', kind: '*'}]", false, false},
             {"namespaceResourceBlacklist: [{group: apps, kind: Deployment}]", false, false},
             {"namespaceResourceBlacklist: [{group: apps, kind: Deployment, name: db}]", true, false},
             {"namespaceResourceWhitelist: [{group: '*', kind: '*'}], namespaceResourceBlacklist: [{group: '*', kind: Deploy*}]", false, false},
         }) {
        CAPTURE(row.lists);
        CHECK(has(row.lists, k_deployment) == row.deployment);
        CHECK(has(row.lists, k_namespace) == row.ns);
    }
}

TEST_CASE("the order of rules is irrelevant", "[project]") {
    std::mt19937 random(7);
    std::vector<std::string> sources_of{"'*'", "'!https://git.example/a/*'", "'https://git.example/**'", "'!git@git.example:b/*'"};
    std::vector<std::string> destinations{"{server: '*', namespace: 'team-*'}", "{name: '!test', namespace: x}",
                                          "{server: '*', namespace: '!team-c'}", "{server: '!https://prod.example', namespace: team-b}",
                                          "{name: prod, namespace: kube-system}"};
    const auto picture = [&] {
        std::string bits;
        for (const char* url : {"https://git.example/a/x", "https://git.example/b/x", "git@git.example:b/x", "https://other/x"})
            bits += comes_from(base::join(sources_of, ", "), url) ? '1' : '0';
        for (const char* ns : {"team-a", "team-b", "team-c", "kube-system", "other"})
            bits += goes_to(base::join(destinations, ", "), ns) ? '1' : '0';
        return bits;
    };
    const auto expected = picture();
    CHECK(expected == "010110010");
    for (int i = 0; i < 30; ++i) {
        std::ranges::shuffle(sources_of, random);
        std::ranges::shuffle(destinations, random);
        CHECK(picture() == expected);
    }
}

TEST_CASE("refusals name the rule", "[project]") {
    const auto project = project_of(R"({sourceRepos: ['https://git.example/*', '!https://git.example/secret'],
        destinations: [{server: '*', namespace: 'team-*'}, {server: '*', namespace: '!team-x'}],
        clusterResourceWhitelist: [{group: '', kind: Namespace}],
        namespaceResourceBlacklist: [{group: '', kind: ResourceQuota}]})");
    const auto object = [&](const kube::ResourceKey& key) { return sources::object_refusal(project, k_prod, key).value_or("permitted"); };
    CHECK(sources::source_refusal(project, "https://git.example/secret") ==
          "repository https://git.example/secret is denied by its source rule \"!https://git.example/secret\"");
    CHECK(sources::source_refusal(project, "https://elsewhere/x") == "repository https://elsewhere/x is none of its sourceRepos");
    CHECK(sources::destination_refusal(project, k_prod, "team-x") ==
          "namespace team-x of cluster prod is denied by its destination rule {server *, namespace !team-x}");
    CHECK(object({"", "ConfigMap", "other", "a"}) == "namespace other of cluster prod is none of its destinations");
    CHECK(object({"", "ConfigMap", "team-a", "a"}) == "permitted");
    CHECK(object({"", "ResourceQuota", "team-a", "a"}) ==
          "kind ResourceQuota is denied by its namespaceResourceBlacklist {group \"\", kind ResourceQuota}");
    CHECK(object({"rbac.authorization.k8s.io", "ClusterRole", "", "a"}) ==
          "kind rbac.authorization.k8s.io/ClusterRole is not in its clusterResourceWhitelist");
}

TEST_CASE("the built-in project permits everything, a new one nothing", "[project]") {
    std::vector<std::string> warnings;
    const auto all = sources::read_project(sources::default_project_document(), "", warnings);
    CHECK_FALSE(sources::source_refusal(all, "git@anywhere:x/y"));
    CHECK_FALSE(sources::destination_refusal(all, k_prod, "kube-system"));
    CHECK_FALSE(sources::object_refusal(all, k_prod, k_namespace));
    CHECK_FALSE(sources::object_refusal(all, k_prod, k_deployment));
    CHECK_FALSE(sources::home_refusal(all, "anywhere"));
    const auto none = sources::read_project(sources::new_project_document("new"), "", warnings);
    CHECK(sources::source_refusal(none, "git@anywhere:x/y"));
    CHECK(sources::destination_refusal(none, k_prod, "default"));
    CHECK(warnings.empty());
}

TEST_CASE("what a project cannot say is told with its line", "[project]") {
    CHECK(refusal_of("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n") ==
          "kind: expected an AppProject of argoproj.io/v1alpha1, found \"Application\" (p.yaml:2)");
    CHECK(refusal_of_spec("  destinations:\n  - server: '*'\n    namespace: '!*'\n") ==
          "spec.destinations[0].namespace: \"!*\" denies everything (p.yaml:7) [leave the rule out: what no rule allows is denied]");
    CHECK(refusal_of_spec("  destinations:\n  - namespace: a\n") ==
          "spec.destinations[0].server: a destination has a server or a name (p.yaml:0)");
    CHECK(refusal_of_spec("  sourceRepos:\n  - '*'\n  - 'https://x/{a'\n") == "\"https://x/{a\" is no pattern (p.yaml:7)");
    CHECK(refusal_of_spec("  sourceRepo: ['*']\n") == "unknown field spec.sourceRepo (did you mean sourceRepos?) has no effect");
    CHECK(refusal_of_spec("  roles:\n  - name: dev\n    policies:\n    - p, proj:other:dev, applications, get, team/*, allow\n") ==
          "the policy \"p, proj:other:dev, applications, get, team/*, allow\" is of a role of this project, so its subject has to "
          "be proj:team:dev (p.yaml:8) [the form is: p, proj:PROJECT:ROLE, RESOURCE, ACTION, PROJECT/OBJECT, allow|deny]");
    CHECK(refusal_of_spec("  syncWindows:\n  - {kind: allow, schedule: '0 25 * * *', duration: 1h, applications: ['*']}\n") ==
          "spec.syncWindows[0].schedule: the hour \"25\" is not between 0 and 23 (p.yaml:6)");
    CHECK(refusal_of_spec("  syncWindows:\n  - {kind: allow, schedule: '0 2 * * *', duration: 60, applications: ['*']}\n") ==
          "spec.syncWindows[0].duration: expected a string, found a number (p.yaml:6)");
    CHECK(refusal_of_spec("  syncWindows:\n  - {kind: allow, schedule: '0 2 * * *', duration: '60', applications: ['*']}\n") ==
          "spec.syncWindows[0].duration: \"60\" is no length of a window (p.yaml:6) [write it like 90m, 8h or 1h30m; more than "
          "nothing and at most 8784h]");
    CHECK(refusal_of_spec("  syncWindows:\n  - {kind: allow, schedule: '0 2 * * *', duration: 1h}\n") ==
          "spec.syncWindows[0].applications: a window needs applications, namespaces or clusters (p.yaml:0)");
    CHECK(refusal_of_spec("  syncWindows:\n  - {kind: deny, schedule: '0 2 * * *', duration: 1h, clusters: [a], timeZone: ../../etc/passwd}\n") ==
          "spec.syncWindows[0].timeZone: \"../../etc/passwd\" is no name of a time zone, as Europe/Berlin is (p.yaml:6)");
}

TEST_CASE("what Argo CD's server refuses in a project, and what means less than it looks", "[project]") {
    CHECK(refusal_of_spec("  sourceRepos:\n  - a\n  - b\n  - a\n") == "sourceRepos: \"a\" is there twice (p.yaml:8)");
    // One that is registered already can still be read.
    std::vector<std::string> warnings;
    const auto document = doc::read_yaml_one("{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: team}, spec: {sourceRepos: [a, a], "
                                             "destinations: [{name: b}, {name: b}]}}");
    CHECK(sources::read_project(document, "state.db", warnings, sources::EqualEntries::warn).destinations.size() == 2);
    CHECK(warnings == std::vector<std::string>{"sourceRepos: \"a\" is there twice", "\"name b, namespace \" is there twice"});
    CHECK(refusal_of_spec("  sourceNamespaces: [a, a]\n") == "sourceNamespaces: \"a\" is there twice (p.yaml:5)");
    CHECK(refusal_of_spec("  destinations:\n  - {server: '*', namespace: a}\n  - {name: '*', namespace: a}\n  - {server: '*', namespace: a}\n") ==
          "spec.destinations[2].server: \"server *, namespace a\" is there twice (p.yaml:8)");
    CHECK(refusal_of_spec("  destinations: [{name: a, namespace: a}, {name: a, namespace: a}]\n") ==
          "spec.destinations[1].name: \"name a, namespace a\" is there twice (p.yaml:5)");
    CHECK(refusal_of_spec("  roles: [{name: dev, groups: [a, a]}]\n") == "groups: \"a\" is there twice (p.yaml:5)");
    const std::string window = "{kind: allow, schedule: '0 2 * * *', duration: 1h, clusters: [a], ";
    CHECK(refusal_of_spec("  syncWindows: [" + window + "description: x}, " + window + "manualSync: true}]\n") ==
          "spec.syncWindows[1].schedule: the window \"allow 0 2 * * * 1h  [] [] [a]\" is there twice (p.yaml:5)");
    CHECK(refusal_of_spec("  syncWindows: [" + window + "timeZone: UTC}, " + window + "andOperator: true}]\n") == "");
    CHECK(refusal_of_spec("  destinations: [{name: a, server: 'https://a', namespace: a}]\n") ==
          "spec.destinations[0] has a server and a name: clusters that meet either of them are permitted");
    CHECK(refusal_of_spec("  sourceNamespaces: ['/[/', '/^team-/', 'team-*']\n") ==
          "spec.sourceNamespaces: \"/[/\" is no regular expression of RE2: it permits no namespace");
    CHECK(refusal_of_spec("  roles: [{name: dev, jwtTokens: [{iat: 1535390316}]}]\n") ==
          "jwtTokens of role dev have no effect: there is no server here that would take them");
    const auto account = [](const std::string& fields) { return refusal_of_spec("  destinationServiceAccounts: [{" + fields + "}]\n"); };
    const std::string told = "spec.destinationServiceAccounts has no effect: objects are applied as the user of the cluster's credentials";
    CHECK(account("server: '*', namespace: a, defaultServiceAccount: 'ns:sa'") == told);
    CHECK(account("server: '*', namespace: a, defaultServiceAccount: 'sa*'") ==
          "spec.destinationServiceAccounts[0].defaultServiceAccount: \"sa*\" is no name of a service account (p.yaml:5) [write NAME or NAMESPACE:NAME]");
    CHECK(account("server: '*', namespace: a") ==
          "spec.destinationServiceAccounts[0].defaultServiceAccount: \"\" is no name of a service account (p.yaml:0) [write NAME or NAMESPACE:NAME]");
    CHECK(account("server: '!x', namespace: a, defaultServiceAccount: sa") ==
          "spec.destinationServiceAccounts[0].server: \"!x\" is no pattern: '!' means nothing here (p.yaml:5) [name what is meant; the first entry that matches counts]");
    CHECK(account("server: '*', defaultServiceAccount: sa}, {server: '*', defaultServiceAccount: other") ==
          "spec.destinationServiceAccounts[1].server: \"server *, namespace \" is there twice (p.yaml:5)");
}

TEST_CASE("demands that cannot be checked are kept as unmet, never dropped", "[project]") {
    CHECK(project_of("{signatureKeys: [{keyID: 4AEE18F83AFDEB23}]}").unmet ==
          "it demands signed commits (spec.signatureKeys), which this version of gitopsctl cannot check");
    CHECK(project_of("{sourceIntegrity: {git: {policies: [{repos: [{url: '*'}], gpg: {mode: strict, keys: [A]}}]}}}").unmet ==
          "it demands signed commits (spec.sourceIntegrity), which this version of gitopsctl cannot check");
    CHECK(project_of("{permitOnlyProjectScopedClusters: true}").unmet ==
          "it demands clusters of its own (spec.permitOnlyProjectScopedClusters), which this version of gitopsctl cannot check");
    CHECK_FALSE(project_of("{signatureKeys: [], permitOnlyProjectScopedClusters: false}").unmet);
    CHECK_FALSE(project_of("{sourceIntegrity: {git: {policies: [{repos: [{url: '*'}], gpg: {mode: none}}]}}}").unmet);
}

TEST_CASE("applications live with their project or where it lets them", "[project]") {
    const auto lives = [](const std::string& metadata, const std::string& list, const std::string& ns) {
        std::vector<std::string> warnings;
        return !sources::home_refusal(
            sources::read_project(doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: " + metadata +
                                                     "\nspec: {sourceNamespaces: " + list + "}"),
                                  "p.yaml", warnings),
            ns);
    };
    CHECK(lives("{name: team}", "[]", "anywhere"));
    CHECK(lives("{name: team, namespace: argocd}", "[]", ""));
    CHECK(lives("{name: team, namespace: argocd}", "[]", "argocd"));
    CHECK_FALSE(lives("{name: team, namespace: argocd}", "[]", "team-a"));
    CHECK(lives("{name: team, namespace: argocd}", "['team-*']", "team-a"));
    CHECK(lives("{name: team, namespace: argocd}", "['/^team-[ab]$/']", "team-b"));
    CHECK_FALSE(lives("{name: team, namespace: argocd}", "['/^team-[ab]$/']", "team-c"));
    CHECK_FALSE(lives("{name: team}", "['team-*']", "other"));
    CHECK(lives("{name: team}", "['team-*']", "argocd"));
}

TEST_CASE("orphans: not what every namespace has, nor what the project ignores", "[project]") {
    const auto project = project_of("{orphanedResources: {ignore: [{group: '', kind: ConfigMap, name: 'cache-*'}, {group: batch}]}}");
    REQUIRE(project.orphaned);
    CHECK(project.orphaned->warn);
    struct Row {
        kube::ResourceKey key;
        bool orphan;
    };
    for (const Row& row : {Row{{"", "ConfigMap", "a", "kube-root-ca.crt"}, false},
                           {{"", "ServiceAccount", "a", "default"}, false},
                           {{"", "ServiceAccount", "a", "robot"}, true},
                           {{"", "Service", "default", "kubernetes"}, false},
                           {{"", "Service", "a", "kubernetes"}, true},
                           {{"", "ConfigMap", "a", "cache-1"}, false},
                           {{"", "ConfigMap", "a", "other"}, true},
                           {{"batch", "Job", "a", "any"}, false},
                           {{"apps", "Deployment", "a", "any"}, true}}) {
        CAPTURE(row.key.text());
        CHECK(sources::may_be_orphan(project, row.key) == row.orphan);
    }
}
