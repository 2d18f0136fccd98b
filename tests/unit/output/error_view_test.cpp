#include "cli/output/error_view.hpp"

#include <catch2/catch.hpp>

#include "core/doc/json.hpp"

using namespace gitops::cli;
using gitops::base::Code;
using gitops::base::Error;

namespace {

Error full_error() {
    Error error(Code::invalid, "unknown field \"nameprefix\"");
    error.at({"overlays/prod/kustomization.yaml", 3, 5}).note("while rendering overlays/prod").note("while syncing yield-prod");
    error.suggest({"namePrefix", "nameSuffix"}).hint("see the fields of a kustomization");
    return error;
}

}  // namespace

TEST_CASE("an error tells what, where, while doing what, and what to do") {
    CHECK(error_text(full_error()) ==
          "error: unknown field \"nameprefix\"\n"
          "  at overlays/prod/kustomization.yaml:3:5\n"
          "  while rendering overlays/prod\n"
          "  while syncing yield-prod\n"
          "  did you mean \"namePrefix\" or \"nameSuffix\"?\n"
          "  hint: see the fields of a kustomization\n");
}

TEST_CASE("an error without details is one line") {
    CHECK(error_text(Error(Code::internal, "out of memory")) == "error: out of memory\n");
    CHECK(error_text(Error(Code::internal, "x"), Paint::yes) == "\x1b[31merror:\x1b[0m x\n");
}

TEST_CASE("a place may lack its parts") {
    CHECK(error_text(Error(Code::invalid, "x").at({"a.yaml", 0, 0})) == "error: x\n  at a.yaml\n");
    CHECK(error_text(Error(Code::invalid, "x").at({"a.yaml", 4, 0})) == "error: x\n  at a.yaml:4\n");
    CHECK(error_text(Error(Code::invalid, "x").at({"", 4, 2})) == "error: x\n  at line 4:2\n");
}

TEST_CASE("three suggestions are a list") {
    CHECK(error_text(Error(Code::not_found, "x").suggest({"a", "b", "c"})) == "error: x\n  did you mean \"a\", \"b\" or \"c\"?\n");
}

TEST_CASE("a message of several lines is indented, and cannot move the cursor") {
    CHECK(error_text(Error(Code::invalid, "first\nsecond\x1b[2J\n")) == "error: first\n    second?[2J\n");
}

TEST_CASE("an error as data") {
    CHECK(gitops::doc::write_json(error_value(full_error())) ==
          R"({"code":"invalid","message":"unknown field \"nameprefix\"",)"
          R"("place":{"file":"overlays/prod/kustomization.yaml","line":3,"column":5},)"
          R"("notes":["while rendering overlays/prod","while syncing yield-prod"],)"
          R"("suggestions":["namePrefix","nameSuffix"],"hint":"see the fields of a kustomization"})");
    CHECK(gitops::doc::write_json(error_value(Error(Code::denied, "no"))) ==
          R"({"code":"denied","message":"no","place":null,"notes":[],"suggestions":[],"hint":null})");
}
