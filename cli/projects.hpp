// AppProject documents on their way into the register, and small changes of those that are there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/env.hpp"
#include "cli/register_apps.hpp"
#include "core/kube/resource.hpp"
#include "core/sources/app_project.hpp"

namespace gitops::cli {

bool is_project(const doc::Value& object);
/// The rule as it is stored: a relative local path, also behind '!', is made absolute.
std::string stored_source_rule(std::string_view rule);

/// A project that may be stored, and what storing it will be.
struct ReadProject {
    sources::AppProject project;
    std::string result;  ///< "created", "updated", "unchanged"
};
/// The AppProjects among `definitions`; nothing is stored yet. Relative repository paths become absolute. Error(invalid)
/// with file:line, Error(conflict) for a name that is taken or given twice.
std::vector<ReadProject> read_projects(Env& env, const std::vector<kube::Manifest>& definitions, Existing existing);
void store_projects(Env& env, const std::vector<ReadProject>& projects);

/// Changes the document of the project NAME, checks the result and stores it. `change` says whether it changed
/// anything; `done` and `already` are told: "project team: DONE". Returns the exit code.
int edit_project(Env& env, const std::string& name, const std::function<bool(doc::Value& document)>& change,
                 const std::string& done, const std::string& already);

}  // namespace gitops::cli
