// Revisions as they are stored and shown. An application with one source has one revision: a commit, or the version of
// a chart. One with several has a list, "1f0c...,6.0.1,9ab3...", in the order of its sources.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/app/application.hpp"

namespace gitops::app {

std::string joined_revisions(const std::vector<std::string>& revisions);
/// The parts of a joined text; one for a plain revision, none for "".
std::vector<std::string> split_revisions(std::string_view text);
/// Each commit cut to seven digits, versions whole: "1f0c123, 6.0.1".
std::string short_revision(std::string_view text);

/// What each source is asked for: its own target, or its part of `revision`, in the order of the sources. "" in
/// `revision` keeps the targets. Error(invalid) when it has another number of parts than there are sources.
std::vector<std::string> wanted_revisions(const Application& application, const std::string& revision);

}  // namespace gitops::app
