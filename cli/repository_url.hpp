// The addresses of repositories as people type them and as they are stored.
#pragma once

#include <string>
#include <string_view>

namespace gitops::cli {

/// What is behind an address: charts may be all of a host ("https://charts.example.com"), which no Git repository is.
enum class Holds { git, charts, either };

/// The address as it is stored: a relative local path is made absolute. Error(invalid) for what nothing can be fetched from.
std::string stored_url(std::string_view url, Holds holds = Holds::git);

/// The same for one from the command line, where a folder that does not exist is a slip: Error(not_found).
std::string typed_url(std::string_view url, Holds holds = Holds::git);

}  // namespace gitops::cli
