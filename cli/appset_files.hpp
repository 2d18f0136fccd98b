// ApplicationSets from files, and what they would change, as text and as documents.
#pragma once

#include <string>
#include <vector>

#include "cli/env.hpp"
#include "core/app/appset/appset.hpp"
#include "core/sources/application_set.hpp"

namespace gitops::cli {

/// The ApplicationSet documents of a file, a folder or standard input, with relative repositories made absolute; fields
/// without effect are warned about. Error(invalid) for anything else in it.
std::vector<sources::ApplicationSet> read_sets(Env& env, const std::string& path);

/// The ports of generators with folders of this machine in place of the repositories that `local_repos` ("URL=DIR") names.
/// UsageError for one without '='.
sources::SetPorts ports_of(Env& env, const std::vector<std::string>& local_repos);

/// What an Application changes into, as a unified diff of its YAML; "" for none.
std::string change_diff(const app::SetChange& change);
/// {application, change, from, diff}
doc::Value change_value(const app::SetChange& change);
/// Create, update and delete, or something that the policy holds back.
bool is_change(const app::SetChange& change);

/// "2 created, 1 updated, 0 deleted, 5 unchanged"
std::string counts_text(const app::SetPlan& plan);

}  // namespace gitops::cli
