// GoTemplate is a set of templates in the language of Go's text/template, as Argo CD's `goTemplate: true` and Helm use it.
//
// Overview: go_template_lexer cuts text into tokens, go_template_parser makes a tree (go_template_tree.hpp) whose
// function names are resolved against a table (go_functions.hpp), go_template_run walks it over a Datum (go_datum.hpp),
// go_print writes values as fmt does. Errors have the words and places of Go. Parsed sets are immutable and may run in
// several threads at once; hostile templates end at the limits.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/templates/go_functions.hpp"
#include "core/templates/go_template_tree.hpp"

namespace gitops::templates {

/// What `.a` is where a map has no "a": nothing ("<no value>"), nil, or an error.
enum class MissingKey { nothing, zero, error };

struct GoOptions {
    MissingKey missing_key = MissingKey::nothing;
    base::Time now{};                          ///< what `now` says
    std::size_t max_work = 20'000'000;         ///< steps, elements and bytes
    std::size_t max_output = 64UL << 20;       ///< bytes
    /// Work that several texts share, taken off as they are filled in; null: each has max_work alone.
    std::shared_ptr<std::size_t> budget{};
    int max_depth = 1000;                      ///< templates that call templates
};

/// Reads Argo CD's goTemplateOptions: "missingkey=default|invalid|zero|error". Error(invalid) for anything else.
void read_go_option(std::string_view option, GoOptions& options);

class GoTemplate {
  public:
    explicit GoTemplate(std::shared_ptr<const GoFunctions> functions) : m_functions(std::move(functions)) {}

    /// Adds the template `name` and those it defines. Error(invalid): `template: NAME:LINE: ...`.
    void parse(const std::string& name, std::string_view text);
    bool defines(std::string_view name) const { return m_trees.contains(name); }
    /// Error(invalid): `template: NAME:LINE:COLUMN: executing "NAME" at <.a.b>: ...`.
    std::string execute(std::string_view name, const Datum& data, const GoOptions& options) const;

  private:
    std::shared_ptr<const GoFunctions> m_functions;
    detail::Trees m_trees;
};

}  // namespace gitops::templates
