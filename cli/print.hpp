// The answer of a command on standard output, in the form that -o asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/env.hpp"
#include "cli/output/table.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

/// True for -o json and -o yaml: the answer is one document.
bool wants_document(const Env& env);
/// The document as JSON or YAML.
void print_document(Env& env, const doc::Value& document);
void print_text(Env& env, std::string_view text);
/// A line for people, on standard error; not with --quiet.
void tell(Env& env, std::string_view line);
/// Always shown, also with --quiet.
void warn(Env& env, std::string_view line);

/// A list in every form: `items` become {"items": [...]}.
struct Listing {
    std::vector<doc::Value> items{};
    Table table{};
    std::vector<std::string> names{};
    std::string_view nothing{};  ///< told on standard error when there are none: "no applications"
};
void print_listing(Env& env, const Listing& listing);

/// Kubernetes objects: YAML documents one after the other, {"items": [...]} as JSON, a key per line as names.
void print_objects(Env& env, std::vector<doc::Value> objects);

/// {"items": [...]}
doc::Value items_document(std::vector<doc::Value> items);

}  // namespace gitops::cli
