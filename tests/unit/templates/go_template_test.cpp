#include "core/templates/go_template.hpp"

#include <catch2/catch.hpp>

#include <fstream>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/templates/sprig.hpp"

using namespace gitops;
using templates::Datum;
using templates::GoTemplate;

namespace {

templates::GoOptions options_at_noon() {
    templates::GoOptions options;
    options.now = *base::parse_rfc3339("2026-11-28T15:04:05Z");
    return options;
}

/// The output, or the error.
std::string run(const std::string& text, const Datum& data, const templates::GoOptions& options) {
    try {
        GoTemplate set(templates::argo_functions());
        set.parse("t", text);
        return set.execute("t", data, options);
    } catch (const base::Error& error) {
        return "error: " + error.message();
    }
}

std::string run(const std::string& text, const std::string& json = "{}") {
    return run(text, to_datum(doc::read_json(json), templates::Numbers::as_float), options_at_noon());
}

}  // namespace

// Expected outputs and errors are those of Go 1.26 with sprig 3.3 and gosimple/slug 1.15.
TEST_CASE("templates mean what they mean to Go", "[template]") {
    std::ifstream file(GITOPS_SOURCE_DIR "/tests/data/templates/go_templates.jsonl");
    std::string line;
    std::getline(file, line);
    const doc::Value data = *doc::read_json(line).find("data");
    int count = 0;
    while (std::getline(file, line)) {
        const doc::Value row = doc::read_json(line);
        auto options = options_at_noon();
        if (row.has("option")) read_go_option(row.text_at("option"), options);
        const std::string expected =
            row.has("error") ? "error: " + std::string(row.text_at("error")) : std::string(row.text_at("output"));
        const std::string text(row.text_at("template"));
        INFO(text);
        CHECK(run(text, to_datum(data, templates::Numbers::as_float), options) == expected);
        ++count;
    }
    CHECK(count == 657);
}

TEST_CASE("hostile templates end", "[template]") {
    CHECK(run("{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}") ==
          "error: template: t:1:25: executing \"a\" at <{{template \"a\" .}}>: exceeded maximum template depth (1000)");
    CHECK(run("{{range 100000}}{{range 100000}}{{end}}{{end}}").ends_with("the template does too much work: more than 20000000 steps"));
    CHECK(run("{{$s := \"xxxxxxxxxx\"}}{{range 60}}{{$s = printf \"%s%s\" $s $s}}{{end}}{{len $s}}")
              .ends_with("error calling printf: the template does too much work: more than 20000000 steps"));
    CHECK(run("{{range 1000000}}{{repeat 1000000 \"x\"}}{{end}}").ends_with("the template does too much work: more than 20000000 steps"));
    CHECK(run("{{repeat 100000000 \"x\"}}").ends_with("error calling repeat: the text grows beyond 16 MiB"));
    CHECK(run("{{$d := dict}}{{$_ := set $d \"self\" $d}}").ends_with("error calling set: a map cannot hold itself"));
    CHECK(run("{{$d := dict}}{{$_ := merge $d (dict \"x\" (list $d))}}").ends_with("error calling merge: a map cannot hold itself"));
    std::string pipes = "{{\"x\"";
    for (int i = 0; i < 100; ++i) pipes += " | quote";
    CHECK(run(pipes + "}}").ends_with("error calling quote: the template does too much work: more than 20000000 steps"));
    CHECK(run(std::string(100'000, '(')) == std::string(100'000, '('));
    CHECK(run("{{" + std::string(100'000, '(') + "}}") == "error: template: t:1: nested too deeply");
    std::string branches;
    for (int i = 0; i < 10'000; ++i) branches += "{{if true}}";
    CHECK(run(branches) == "error: template: t:1: nested too deeply");
    CHECK(run("{{until 100000000}}").ends_with("error calling until: more than 1000000 numbers"));
    CHECK(run("{{printf \"%999999999d\" 1}}") == "%!(NOVERB)%!(EXTRA int=1)");
}

TEST_CASE("what differs at every look is refused", "[template]") {
    CHECK(run("{{randAlpha 5}}") ==
          "error: template: t:1:2: executing \"t\" at <randAlpha 5>: error calling randAlpha: refused: it makes another value at "
          "every look, so that nothing would ever be in sync; put the value of randAlpha into a file or a Secret");
    CHECK(run("{{env \"HOME\"}}") ==
          "error: template: t:1:2: executing \"t\" at <env \"HOME\">: error calling env: refused: env reads the machine that "
          "renders, and each would render differently");
}

TEST_CASE("names for Kubernetes", "[template]") {
    CHECK(run("{{normalize \"--Team_A/Web.App.\"}}") == "team-a-web.app");
    CHECK(templates::normalized_name(std::string(300, 'a')) == std::string(253, 'a'));
    CHECK(templates::normalized_name("_._") == "");
}

TEST_CASE("functions of the host run templates of the set", "[template]") {
    auto functions = std::make_shared<templates::GoFunctions>(*templates::argo_functions());
    functions->add({"include", "sa", [](templates::GoCall& call) { return Datum(call.run.execute(call.text(0), call.args[1])); }});
    functions->add({"tpl", "sa", [](templates::GoCall& call) { return Datum(call.run.execute_text(call.text(0), call.args[1])); }});
    const auto told = [&](const std::string& text) {
        try {
            GoTemplate set(functions);
            set.parse("helpers", "{{define \"full\"}}{{.name}}-x{{end}}{{define \"bad\"}}{{.name.y}}{{end}}");
            set.parse("main", text);
            return set.execute("main", to_datum(doc::read_json(R"({"name":"web"})"), templates::Numbers::as_float), {});
        } catch (const base::Error& error) {
            return error.message();
        }
    };
    CHECK(told("a: {{include \"full\" . | upper}}{{$x := 1}}{{include \"full\" .}}{{$x}}") == "a: WEB-Xweb-x1");
    CHECK(told("{{tpl \"{{.name}}/{{include \\\"full\\\" .}}\" .}}") == "web/web-x");
    CHECK(told("{{include \"bad\" .}}") ==
          "template: main:1:2: executing \"main\" at <include \"bad\" .>: error calling include: template: helpers:1:58: executing "
          "\"bad\" at <.name.y>: can't evaluate field y in type interface {}");
}

TEST_CASE("lists and maps nested a hundred thousand deep are freed", "[template]") {
    const auto chain = [](const std::string& link) {
        templates::GoOptions options;
        return run("{{ $l := list 1 }}{{ range until 150000 }}{{ $l = " + link + " }}{{end}}done", Datum(), options);
    };
    CHECK(chain("list $l") == "done");
    CHECK(chain("dict \"a\" $l") == "done");
}
