// The function tables of Argo CD's and Helm's templates: sprig v3 by its behaviour.
//
// Random and cryptographic generators are there and refuse to run: what they make differs at every look, so that nothing
// would ever be in sync. Functions that read the machine (env, expandenv, getHostByName) refuse, too; Argo CD does not have them.
// What Go leaves in random order (keys, values) is sorted.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/templates/go_functions.hpp"

namespace gitops::templates {

/// Go's own functions and sprig's.
void add_sprig(GoFunctions& functions);
/// toYaml, fromYaml, fromYamlArray, normalize and slugify, as Argo CD has them.
void add_argo_functions(GoFunctions& functions);
/// The table of ApplicationSets, made once.
std::shared_ptr<const GoFunctions> argo_functions();

/// Lower case, other characters than [-a-z0-9.] replaced by '-', at most 253, no '-' or '.' at the ends.
std::string normalized_name(std::string_view name);

}  // namespace gitops::templates
