// What may come next on a command line.
#pragma once

#include <string>
#include <vector>

#include "cli/env.hpp"

namespace gitops::cli {

struct Candidate {
    std::string word;
    std::string about;  ///< one line for people; "" for none
};

/// Candidates for the last of `words`, which may be empty or begun. Nothing for what cannot be completed: the shell
/// then offers files. Never throws: a broken state has no names.
std::vector<Candidate> candidates(Env& env, const std::vector<std::string>& words);

}  // namespace gitops::cli
