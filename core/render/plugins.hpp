// Builtin generators and transformers configured by their own objects, from `generators`, `transformers` and
// `validators`.
#pragma once

#include <vector>

#include "core/render/target.hpp"

namespace gitops::render {

/// The transformer that `config` describes. Error(denied) for plugins that would run a program.
Step make_transformer(const Object& config, const Target& target);
/// The objects that the generator `config` describes makes.
std::vector<std::unique_ptr<Object>> run_generator(const Object& config, const Target& target);

}  // namespace gitops::render
