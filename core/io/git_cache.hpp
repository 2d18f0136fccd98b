// The bare cache of a remote: where it lies, how it is made, brought up to date and shared. For this folder only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/io/file_lock.hpp"
#include "core/io/git_connection.hpp"
#include "core/io/git_handles.hpp"

namespace gitops::io {

/// What a cache copies: every branch, tag and note, under the remote's own names.
const std::vector<std::string>& cache_refspecs();

/// "<root>/<16 digits>-<name>.git".
std::string cache_path(const std::string& root, const RemoteUrl& remote);

/// Whoever changes the cache's refs holds this.
FileLock lock_cache(const std::string& path);

/// Opens the cache; null when there is none or it is broken.
Handle<git_repository> open_cache(const std::string& path);
/// Clones into a folder of another name and renames it, so that a cache is whole or absent. Under the lock.
Handle<git_repository> create_cache(const std::string& path, const GitOptions& options, const RemoteUrl& remote);
/// Fetches unless the remote's refs are the cache's. Under the lock.
void update_cache(git_repository* repo, const GitOptions& options, const RemoteUrl& remote);

}  // namespace gitops::io
