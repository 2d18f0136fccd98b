// A project as people are told of it.
#pragma once

#include <string>

#include "cli/output/table.hpp"
#include "core/sources/app_project.hpp"

namespace gitops::cli {

/// The titles of `project list` and one row, as argocd prints them.
Table project_table();
std::vector<Cell> project_row(const sources::AppProject& project);

/// `project get`: one line per rule.
Table project_page(const sources::AppProject& project);

}  // namespace gitops::cli
