// Application documents on their way into the register: from files and from flags.
#pragma once

#include <string>
#include <vector>

#include "cli/env.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

/// What to do with a name that is taken by a different definition.
enum class Existing { refuse, replace };

struct Registered {
    std::string name;
    std::string result;  ///< "created", "updated", "unchanged"
};

/// The Application and AppProject documents of a file, a folder or standard input. Error(invalid) for anything else in it, which
/// says what was `expected`.
std::vector<kube::Manifest> read_definitions(const std::string& path, std::string_view expected = "an Application");

/// Stores all of them, projects first, or, when one of them is wrong, none. Relative repository paths become absolute.
std::vector<Registered> register_applications(Env& env, const std::vector<kube::Manifest>& definitions,
                                              Existing existing);

}  // namespace gitops::cli
