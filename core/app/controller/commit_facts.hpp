// Commits of an application's repositories, as notifications tell of them.
#pragma once

#include "core/app/services.hpp"
#include "core/notify/subject.hpp"

namespace gitops::app {

/// Looks into the caches of the application's Git repositories, one after the other. Error(invalid) for what is no commit,
/// Error(not_found) when none of them has it.
notify::CommitFacts commit_facts(const Services& services, const Application& application, const std::string& sha);

}  // namespace gitops::app
