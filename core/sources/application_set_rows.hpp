// What the parts of the generators share: a result is a set of parameters and where they came from.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/sources/application_set_blanks.hpp"
#include "core/sources/application_set_generate.hpp"

namespace gitops::sources::detail {

struct Row {
    Datum parameters;  ///< a map: nested with Go templates, flat texts without
    std::string origin;
};

struct Making {
    const ApplicationSet& set;
    const SetPorts& ports;
    Blanks& blanks;

    /// An Error(invalid) at the line of `node`.
    base::Error error(const doc::Value& node, std::string_view message) const;
};

/// Results of a `git` generator; `outer` are the parameters of a matrix around it.
std::vector<Row> git_rows(const Making& making, const doc::Value& git, const Datum& outer);
/// Results of one entry of spec.generators.
std::vector<Row> generator_rows(const Making& making, const doc::Value& generator);
/// The generator's own template, nullptr when it has none.
const doc::Value* own_template(const doc::Value& generator);

/// Adds `values`, filled in with the parameters themselves (and those of a matrix around).
void add_values(const Making& making, const doc::Value& spec, Row& row, const Datum& outer);

/// path.Match: '*' and '?' stop at '/'. Error(invalid) for a pattern that is none.
bool path_match(std::string_view pattern, std::string_view name);

}  // namespace gitops::sources::detail
