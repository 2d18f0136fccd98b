#include "core/sources/application_set_generate.hpp"

#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/sources/application_set_rows.hpp"

using namespace gitops;

namespace {

const std::map<std::string, std::string> k_files{
    {"apps/web/kustomization.yaml", ""},  {"apps/api/deploy.yaml", ""},   {"apps/api/sub/x.yaml", ""},
    {"apps/.hidden/x.yaml", ""},          {"apps/old_one/x.yaml", ""},    {"envs/dev/config.json", R"({"env":"dev","size":{"cpu":2},"tags":["a","b"]})"},
    {"envs/prod/config.json", R"({"env":"prod","size":{"cpu":1000000},"on":true})"}, {"envs/many.yaml", "- {env: x}\n- {env: z}\n"}, {"envs/empty.yaml", ""},
    {"envs/bad.yaml", "just text"},       {"root.yaml", "env: r\n---\nenv: second\n"},
};

sources::SetPorts ports() {
    sources::SetPorts ports;
    ports.clusters = [] {
        return std::vector<sources::ClusterFacts>{
            {"prod_eu", "https://eu.example", "", {{"env", "prod"}, {"region", "eu"}}, {{"note", "x"}}},
                {"dev", "embedded://dev", "", {{"env", "dev"}}}, {"local", "embedded://local", "", {}, {}, true}};
    };
    ports.tree = [](const std::string& url, const std::string& revision) -> std::shared_ptr<const base::FileTree> {
        if (url != "https://git.example/r" || revision == "gone")
            throw base::Error(base::Code::not_found, "no such repository or revision");
        return std::make_shared<base::MemoryTree>(k_files);
    };
    return ports;
}

std::string error_text(const base::Error& error) {
    std::string text = "error: " + error.message();
    if (!error.place().file.empty()) text += " (" + error.place().file + ":" + std::to_string(error.place().line) + ")";
    return error.hint_text().empty() ? text : text + " [" + error.hint_text() + "]";
}

sources::ApplicationSet read(const std::string& spec) {
    std::vector<std::string> warnings;
    return sources::read_application_set(
        doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n" + spec),
            "set.yaml", warnings);
}

std::vector<sources::GeneratedApplication> made(const std::string& spec) { return sources::generate(read(spec), ports()); }

/// The names, one per line, each with what made it.
std::string names(const std::string& spec) {
    try {
        std::string text;
        for (const auto& application : made(spec)) text += application.name + " < " + application.origin + "\n";
        return text;
    } catch (const base::Error& error) {
        return error_text(error);
    }
}

/// The names alone, on one line: a template that prints what it is given.
std::string shown(const std::string& generators, const std::string& name, const std::string& more = "") {
    try {
        std::vector<std::string> found;
        for (const auto& application : made(more + "  generators:\n" + generators + "  template: {metadata: {name: '" +
                name + "'}, spec: {}}\n"))
            found.push_back(application.name);
        return base::join(found, " | ");
    } catch (const base::Error& error) {
        return error_text(error);
    }
}

const std::string k_go = "  goTemplate: true\n", k_strict = "  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n";
const std::string k_dirs = "  - git: {repoURL: 'https://git.example/r', directories: [{path: 'apps/*'}]}\n";

}  // namespace

TEST_CASE("list generator", "[appset]") {
    CHECK(shown("  - list: {elements: [{a: x, values: {b: y}}, {a: z}]}\n",
        "{{a}}-{{ values.b }}-{{c}}") == "x-y-{{c}} | z-{{ values.b }}-{{c}}");
    CHECK(shown("  - list: {elements: [{a: 1}]}\n", "{{a}}") ==
          "error: \"a\" is a number; without goTemplate only texts can be used (set.yaml:6) [put it in quotes, or set goTemplate: true]");
    CHECK(shown("  - list: {elements: [{a: 1, b: {c: [q]}}]}\n", "{{.a}}-{{index .b.c 0}}-{{.no}}", k_go) == "1-q-<no value>");
    CHECK(shown("  - list: {elements: [{a: 1}]}\n", "{{.no}}", k_strict) ==
          "error: template: :1:2: executing \"\" at <.no>: map has no entry for key \"no\" (set.yaml:9)");
    CHECK(shown("  - list: {elements: [{a: '{{tpl .a .}}'}]}\n", "{{tpl .a .}}", k_go) ==
          "error: template: :1:2: executing \"\" at <tpl .a .>: error calling tpl: template: :1:9: executing \"\" at <.>: "
          "exceeded maximum template depth (set.yaml:8)");
    CHECK(shown("  - list: {elements: [], elementsYaml: \"[{a: x}, {a: z}]\"}\n", "{{a}}") == "x | z");
    CHECK(shown("  - list: {elementsYaml: \"a: x\"}\n", "{{a}}") == "error: elementsYaml is a map, not a list (set.yaml:6)");
    CHECK(shown("  - list: {elements: [{a: x}]}\n", "{{a}}{{b") == "error: \"{{\" without \"}}\" in \"{{b\" (set.yaml:7)");
    CHECK(shown("  - list: {elements: [{a: x}]}\n", "{{a") == "{{a");
}

TEST_CASE("clusters generator", "[appset]") {
    CHECK(shown("  - clusters: {}\n", "{{nameNormalized}} {{server}} {{metadata.labels.env}}") ==
          "dev embedded://dev dev | local embedded://local {{metadata.labels.env}} | prod-eu https://eu.example prod");
    CHECK(shown("  - clusters: {selector: {matchLabels: {env: prod}}, values: {v: '{{name}}/x'}}\n",
        "{{name}} {{values.v}} {{metadata.annotations.note}}") ==
          "prod_eu prod_eu/x x");
    CHECK(shown("  - clusters: {selector: {matchExpressions: [{key: env, operator: Exists}]}, values: {v: '{{.name}}'}}\n",
                "{{.name}} {{.values.v}} {{.metadata.labels.env}}", k_go) == "dev dev dev | prod_eu prod_eu prod");
    // A cluster without a Secret has no labels, and is not chosen by that either.
    CHECK(shown("  - clusters: {selector: {matchLabels: {env: prod}}, values: {a: '{{name}}', b: '{{values.a}}'}}\n", "{{values.b}}") ==
          "{{values.a}}");
    CHECK(shown("  - clusters: {selector: {matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}}\n", "{{name}}") == "dev");
    CHECK(shown("  - clusters: {selector: {matchExpressions: [{key: region, operator: DoesNotExist}]}}\n", "{{name}}") == "dev");
    CHECK(shown("  - clusters: {selector: {matchLabels: {}}}\n", "{{name}}") == "dev | local | prod_eu");
    CHECK(shown("  - clusters: {flatList: true}\n", "{{range .clusters}}{{.name}},{{end}}", k_go) == "dev,prod_eu,local,");
    CHECK(shown("  - clusters: {flatList: true}\n", "x") ==
          "error: flatList gives a list, which only Go templates can use (set.yaml:6) [set goTemplate: true]");
}

TEST_CASE("git directories", "[appset]") {
    CHECK(shown(k_dirs, "{{path}} {{path.basename}} {{path.basenameNormalized}} {{path[0]}} {{path[1]}}") ==
          "apps/api api api apps api | apps/old_one old_one old-one apps old_one | apps/web web web apps web");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r', directories: [{path: '*/*'}, {path: 'apps/o*', exclude: true}, {path: 'envs/*', exclude: true}]}\n",
                "{{.path.path}} {{.path.basename}} {{index .path.segments 1}}", k_go) == "apps/api api api | apps/web web web");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r', directories: [{path: '**'}]}\n", "{{path}}") == "apps | envs");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r', directories: [{path: 'apps/api/*'}], pathParamPrefix: p, values: {n: '{{p.path.basename}}!'}}\n",
                "{{p.path}} {{p.path[2]}} {{values.n}}") == "apps/api/sub sub sub!");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r', directories: [{path: 'apps/api'}], pathParamPrefix: p}\n",
        "{{.p.path.path}}", k_go) == "apps/api");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r', revision: gone, directories: [{path: '*'}]}\n", "x") ==
          "error: no such repository or revision (set.yaml:6)");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r'}\n",
        "x") == "error: a git generator needs directories or files (set.yaml:6)");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r', directories: [], files: []}\n",
        "x") == "error: a git generator needs directories or files (set.yaml:6)");
    CHECK(shown("  - git: {repoURL: 'https://git.example/r', directories: [{path: 'apps/w*'}], files: [{path: root.yaml}]}\n",
        "{{path}}") == "apps/web");
}

TEST_CASE("git files", "[appset]") {
    const auto files = [](const std::string& path) { return "  - git: {repoURL: 'https://git.example/r', files: [{path: '" +
        path + "'}]}\n"; };
    CHECK(shown(files("envs/*/config.json"),
        "{{env}} {{size.cpu}} {{tags.1}} {{path}} {{path.filename}} {{path.filenameNormalized}} {{path.basename}}") ==
          "dev 2 b envs/dev config.json config.json dev | prod 1e+06 {{tags.1}} envs/prod config.json config.json prod");
    CHECK(shown(files("envs/**/config.json"), "{{.env}} {{.size.cpu | int}} {{.path.path}} {{.path.filename}}", k_go) ==
          "dev 2 envs/dev config.json | prod 1000000 envs/prod config.json");
    CHECK(shown(files("envs/many.yaml"), "{{env}}") == "x | z");
    CHECK(shown(files("envs/empty.yaml"), "{{path.filename}}") == "empty.yaml");
    CHECK(shown(files("envs/bad.yaml"), "x") == "error: expected an object or a list of objects, found a string (envs/bad.yaml:1)");
    CHECK(shown(files("none/*.yaml"), "x") == "");
    // At the top of the repository, and of several documents the first.
    CHECK(shown(files("root.yaml"), "{{env}} {{path}} {{path[0]}} {{path.basename}}") == "r . . .");
    CHECK(shown(files("root.yaml"), "{{.env}} {{.path.segments}}", k_go) == "r [.]");
}

TEST_CASE("path.Match", "[appset]") {
    const auto match = [](std::string_view pattern, std::string_view name) {
        try {
            return sources::detail::path_match(pattern, name) ? "yes" : "no";
        } catch (const base::Error&) {
            return "bad";
        }
    };
    for (const auto& [pattern, name, expected] : std::vector<std::array<std::string, 3>>{
             {"abc", "abc", "yes"}, {"*", "abc", "yes"}, {"*c", "abc", "yes"}, {"a*", "a", "yes"}, {"a*", "ab/c", "no"},
                 {"a*/b", "abc/b", "yes"},
             {"a*b*c*d*e*/f", "axbxcxdxe/f", "yes"}, {"a*b*c*d*e*/f", "axbxcxdxexxx/fff", "no"}, {"ab[c]", "abc", "yes"},
                 {"ab[b-d]", "abc", "yes"},
             {"ab[^c]", "abc", "no"}, {"ab[^e-g]", "abc", "yes"}, {"a\\*b", "a*b", "yes"},
                 {"a?b", "a\xE2\x98\xBA" "b", "yes"}, {"a?b", "a/b", "no"},
             {"[]a]", "]", "bad"}, {"[-]", "-", "bad"}, {"[a", "a", "bad"}, {"*x", "xxx", "yes"}, {"", "", "yes"},
                 {"*", "", "yes"}, {"a*", "", "no"}}) {
        INFO(pattern << " " << name);
        CHECK(match(pattern, name) == expected);
    }
}

TEST_CASE("matrix", "[appset]") {
    const auto matrix = [](const std::string& first, const std::string& second) {
        return "  - matrix:\n      generators:\n      - " + first + "\n      - " + second + "\n";
    };
    CHECK(shown(matrix("list: {elements: [{a: x}, {a: y}]}", "list: {elements: [{b: '1'}, {b: '2'}]}"),
        "{{a}}{{b}}") == "x1 | x2 | y1 | y2");
    CHECK(shown(matrix("list: {elements: [{env: prod}]}",
        "clusters: {selector: {matchLabels: {env: '{{env}}'}}, values: {v: '{{env}}-{{name}}'}}"), "{{name}} {{values.v}}") ==
          "prod_eu prod-prod_eu");
    CHECK(shown(matrix("git: {repoURL: 'https://git.example/r', directories: [{path: 'apps/*'}]}",
        "list: {elementsYaml: '[{x: \"{{.path.basename}}\"}]'}"), "{{.x}}-{{.path.path}}", k_go) ==
          "api-apps/api | old_one-apps/old_one | web-apps/web");
    CHECK(shown(matrix("list: {elements: [{a: x}]}", "list: {elements: [{a: y}]}"), "{{a}}") ==
          "error: both generators of the matrix give \"a\", the first \"x\", the second \"y\" (set.yaml:7) [rename one of them, as with pathParamPrefix or values]");
    CHECK(shown(matrix("list: {elements: [{a: x, m: {p: 1}}]}", "list: {elements: [{a: y, m: {p: 2, q: 3}}]}"),
        "{{.a}} {{.m}}", k_go) == "x map[p:1 q:3]");
    CHECK(shown("  - matrix: {generators: [{list: {}}]}\n", "x") ==
          "error: a matrix takes exactly two generators, found 1 (set.yaml:6) [nest a second matrix for a third one]");
    const std::string inner = "matrix: {generators: [{list: {elements: [{a: x}]}}, {list: {elements: [{b: y}]}}]}";
    CHECK(shown(matrix(inner, "list: {elements: [{c: z}]}"), "{{a}}{{b}}{{c}}") == "xyz");
    CHECK(shown(matrix("matrix: {generators: [{" + inner + "}, {list: {}}]}", "list: {}"), "x") ==
          "error: matrix and merge generators nest only two levels deep (set.yaml:8) [flatten the innermost one, for example into a list generator]");
    CHECK(names("  generators:\n" + matrix("clusters: {}", "list: {elements: [{a: x}]}") +
        "  template: {metadata: {name: '{{name}}-{{a}}'}, spec: {}}\n") ==
          "dev-x < clusters dev × list 1\nlocal-x < clusters local × list 1\nprod_eu-x < clusters prod_eu × list 1\n");
}

TEST_CASE("merge", "[appset]") {
    const auto merge = [](const std::string& keys, const std::string& rest) { return "  - merge:\n      mergeKeys: " +
        keys + "\n      generators:\n" + rest; };
    const std::string base = "      - clusters: {values: {size: small}}\n";
    CHECK(shown(merge("[name]", base +
        "      - list: {elements: [{name: dev, values.size: large}, {name: nobody, values.size: x}]}\n"),
            "{{name}}-{{values.size}}") ==
          "dev-large | local-small | prod_eu-small");
    CHECK(shown(merge("[name]", base + "      - list: {elements: [{name: dev, values: {size: large}, x: 1}]}\n"),
        "{{.name}}-{{.values.size}}-{{.x}}", k_go) ==
          "dev-large-1 | local-small-<no value> | prod_eu-small-<no value>");
    CHECK(shown(merge("[values.size]", base + "      - list: {elements: []}\n"), "x", k_go) ==
          "error: two results of one generator have the same merge keys: {\"values.size\":\"small\"} (set.yaml:10) [add a key that tells them apart to mergeKeys]");
    CHECK(shown(merge("[]", base + base), "x") == "error: a merge needs mergeKeys (set.yaml:7)");
    CHECK(shown(merge("[a]", base), "x") == "error: a merge takes at least two generators, found 1 (set.yaml:9)");
}

TEST_CASE("selectors choose among results", "[appset]") {
    CHECK(shown("  - list: {elements: [{a: x, b: '1'}, {a: y, b: '2'}]}\n    selector: {matchLabels: {b: '2'}}\n", "{{a}}") == "y");
    CHECK(shown("  - list: {elements: [{a: x, m: {n: 1}}, {a: y, m: {n: 2}}]}\n    selector: {matchExpressions: [{key: m.n, operator: NotIn, values: ['2']}]}\n", "{{.a}}", k_go) == "x");
}

TEST_CASE("what asks other servers is refused", "[appset]") {
    CHECK(shown("  - pullRequest: {github: {owner: x}}\n", "x") ==
          "error: the pullRequest generator is not supported: it asks a server outside of Git and the clusters (set.yaml:6) [let the pipeline of a pull request "
          "run `gitopsctl appset generate` with a list generator that names it]");
    CHECK(shown("  - lst: {}\n", "x") == "error: there is no generator \"lst\" (set.yaml:6)");
    CHECK(shown("  - {list: {}, clusters: {}}\n", "x").starts_with("error: one entry has two generators: list and clusters"));
}

TEST_CASE("the Application", "[appset]") {
    const auto yaml = [](const std::string& spec) {
        try {
            std::string text;
            for (const auto& application : made(spec)) text += doc::write_yaml(application.document);
            return text;
        } catch (const base::Error& error) {
            return error_text(error);
        }
    };
    const std::string list =
        "  generators: [{list: {elements: [{n: web, p: 'yes', k: team}], template: {metadata: {labels: {from: list}}, spec: {project: own}}}}]\n";
    const std::string head =
        "  template:\n    metadata: {name: '{{n}}', labels: {'{{k}}': '{{p}}'}}\n    spec: {project: all, source: {repoURL: r, path: 'a/{{n}}'}}\n";
    CHECK(yaml(list + head) == R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  finalizers:
  - resources-finalizer.argocd.argoproj.io
  labels:
    from: list
    team: "yes"
  name: web
spec:
  project: own
  source:
    path: a/web
    repoURL: r
)");
    const std::string patched = list + head +
        "  syncPolicy: {preserveResourcesOnDeletion: true}\n  templatePatch: |\n    metadata: {labels: {from: null}, finalizers: [x]}\n" +
                                "    spec:\n      source: {$patch: replace, chart: '{{n}}'}\n      syncPolicy: {automated: {prune: true}}\n";
    CHECK(yaml(patched) == R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  finalizers:
  - x
  labels:
    team: "yes"
  name: web
spec:
  project: own
  source:
    chart: web
  syncPolicy:
    automated:
      prune: true
)");
    const auto finalizers = [&](const std::string& patch) {
        return doc::write_json(*made(list + head + "  templatePatch: 'metadata: " + patch + "'\n")[0].document.path("metadata", "finalizers"));
    };
    CHECK(finalizers("{finalizers: [x]}") == R"(["x","resources-finalizer.argocd.argoproj.io"])");
    CHECK(finalizers("{$deleteFromPrimitiveList/finalizers: [resources-finalizer.argocd.argoproj.io]}") == "[]");
    CHECK(yaml(list + head + "  syncPolicy: {preserveResourcesOnDeletion: true}\n" +
               "  templatePatch: 'spec: {source: {$retainKeys: [path], path: z}}'\n") == R"(apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  labels:
    from: list
    team: "yes"
  name: web
spec:
  project: own
  source:
    path: z
)");
    CHECK(yaml(list + head + "  templatePatch: 'spec: {project: other}'\n") ==
          "error: templatePatch must not change spec.project (set.yaml:9) [set the project in spec.template]");
    CHECK(yaml(list + head + "  templatePatch: '[1]'\n") == "error: templatePatch is a list, not a map (set.yaml:9)");
}

TEST_CASE("Applications live where their set does", "[appset]") {
    const auto homes = [](const std::string& metadata, const std::string& patch) {
        std::vector<std::string> warnings;
        const auto set = sources::read_application_set(
            doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: " + metadata +
                               "\nspec:\n  generators: [{list: {elements: [{n: web}]}}]\n  templatePatch: '" + patch +
                               "'\n  template: {metadata: {name: '{{n}}', namespace: team-z}, spec: {}}\n"),
            "set.yaml", warnings);
        std::string text = base::join(warnings, "; ");
        for (const auto& application : sources::generate(set, ports()))
            text += " | " + doc::write_json(*application.document.find("metadata"));
        return text;
    };
    const std::string told = "spec.template.metadata.namespace has no effect: Applications live in the namespace of their ApplicationSet";
    const std::string finalizers = R"("finalizers":["resources-finalizer.argocd.argoproj.io"])";
    CHECK(homes("{name: s, namespace: team-z}", "") == R"( | {"name":"web","namespace":"team-z",)" + finalizers + "}");
    CHECK(homes("{name: s, namespace: argocd}", "") == told + R"( | {"name":"web","namespace":"argocd",)" + finalizers + "}");
    CHECK(homes("{name: s, namespace: argocd}", "metadata: {namespace: kube-system}") ==
          told + R"( | {"name":"web","namespace":"argocd",)" + finalizers + "}");
    CHECK(homes("{name: s}", "metadata: {namespace: kube-system}") == told + R"( | {"name":"web",)" + finalizers + "}");
}

TEST_CASE("fields that nobody reads are told", "[appset]") {
    const auto told = [](const std::string& spec) {
        std::vector<std::string> warnings;
        sources::read_application_set(
            doc::read_yaml_one("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n" + spec), "set.yaml", warnings);
        return base::join(warnings, "\n") + "\n";
    };
    CHECK(told(R"(
  generators:
  - list: {element: []}
  - git: {repoURL: r, directories: [{path: e, excluded: true}], files: [{path: e, exclude: true}], pathPrefix: x}
  - matrix:
      generators:
      - clusters: {selector: {matchLabel: {a: b}}, flatlist: true}
      - merge: {mergeKey: [a], generators: [{list: {elements: [], values: {}}}, {list: {elements: [], template: {metdata: {}}}}]}
    selector: {matchExpressions: [{key: a, op: In}]}
  template: {metadata: {label: {}, annotations: {any: thing}}, spec: {}, status: {}}
  strategy: {typ: AllAtOnce}
)") == R"(unknown field spec.strategy.typ (did you mean type?) has no effect
unknown field spec.generators[0].list.element (did you mean elements?) has no effect
unknown field spec.generators[1].git.pathPrefix has no effect
unknown field spec.generators[1].git.directories[0].excluded (did you mean exclude?) has no effect
spec.generators[1].git.files has no effect: the directories beside them are taken, as in Argo CD
unknown field spec.generators[2].selector.matchExpressions[0].op has no effect
unknown field spec.generators[2].matrix.generators[0].clusters.flatlist (did you mean flatList?) has no effect
unknown field spec.generators[2].matrix.generators[0].clusters.selector.matchLabel (did you mean matchLabels?) has no effect
unknown field spec.generators[2].matrix.generators[1].merge.mergeKey (did you mean mergeKeys?) has no effect
unknown field spec.generators[2].matrix.generators[1].merge.generators[0].list.values has no effect
unknown field spec.generators[2].matrix.generators[1].merge.generators[1].list.template.metdata (did you mean metadata?) has no effect
unknown field spec.template.status has no effect
unknown field spec.template.metadata.label (did you mean labels?) has no effect
)");
    CHECK(told("  generators: [{list: {elements: [{any: thing}]}}]\n  template: {metadata: {name: x}, spec: {}}\n") == "\n");
}

TEST_CASE("names are there and differ", "[appset]") {
    CHECK(shown("  - list: {elements: [{a: x}, {a: x}]}\n", "{{a}}") ==
          "error: two Applications are called x: from list 1 and from list 2 (set.yaml:7) [put what tells them apart into spec.template.metadata.name]");
    CHECK(shown("  - list: {elements: [{a: ''}]}\n", "{{a}}") ==
          "error: an Application without a name comes out (set.yaml:7) [spec.template.metadata.name is empty or names a parameter that is empty]");
}
