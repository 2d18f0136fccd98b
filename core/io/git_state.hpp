// What a GitRepo holds. For this folder only.
#pragma once

#include <string>

#include "core/io/git.hpp"
#include "core/io/git_handles.hpp"

namespace gitops::io {

struct GitRepo::State {
    GitOptions options;
    RemoteUrl remote;
    Handle<git_repository> repo;
    std::string path;    ///< the git directory
    bool fresh = false;  ///< cloned a moment ago: the first fetch has nothing to do
};

/// "the repository https://host/path", as messages name it.
std::string describe(const RemoteUrl& remote);

}  // namespace gitops::io
