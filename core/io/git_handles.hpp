// Owners of libgit2's handles, and the translation of its errors. For this folder only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

struct git_commit;
struct git_config;
struct git_diff;
struct git_index;
struct git_note;
struct git_object;
struct git_odb;
struct git_odb_object;
struct git_oid;
struct git_packbuilder;
struct git_reference;
struct git_reference_iterator;
struct git_remote;
struct git_repository;
struct git_revwalk;
struct git_signature;
struct git_status_list;
struct git_tree;
struct git_treebuilder;

namespace gitops::io {

struct Free {
    void operator()(git_commit* handle) const;
    void operator()(git_config* handle) const;
    void operator()(git_diff* handle) const;
    void operator()(git_index* handle) const;
    void operator()(git_note* handle) const;
    void operator()(git_object* handle) const;
    void operator()(git_odb* handle) const;
    void operator()(git_odb_object* handle) const;
    void operator()(git_packbuilder* handle) const;
    void operator()(git_reference* handle) const;
    void operator()(git_reference_iterator* handle) const;
    void operator()(git_remote* handle) const;
    void operator()(git_repository* handle) const;
    void operator()(git_revwalk* handle) const;
    void operator()(git_signature* handle) const;
    void operator()(git_status_list* handle) const;
    void operator()(git_tree* handle) const;
    void operator()(git_treebuilder* handle) const;
};

template <class T>
using Handle = std::unique_ptr<T, Free>;

/// Starts libgit2 on the first call; it is shut down when the process ends.
void start_libgit2();

/// Text of a server or of libgit2, made fit for one line of a terminal: no control characters, at most 300 bytes.
std::string one_line(std::string_view text);
/// The last libgit2 error as an Error: "`doing`: what libgit2 said".
base::Error git_error_of(int result, std::string_view doing);
/// Throws git_error_of() when `result` is negative.
void check_git(int result, std::string_view doing);

/// 40 hex digits.
std::string sha_of(const git_oid& id);
/// Error(invalid) unless `sha` is 40 hex digits.
git_oid oid_of(std::string_view sha);

/// Error(not_found) when there is no such commit, naming `sha`.
Handle<git_commit> commit_of(git_repository* repo, std::string_view sha);
Handle<git_tree> tree_of(git_repository* repo, std::string_view commit_sha);
/// Opens the repository at `path` itself, not one above it. Error(not_found), or Error(denied) when it belongs to
/// another user and git's safe.directory does not list it.
Handle<git_repository> open_handle(const std::string& path);
/// True when `result` says that a repository belongs to another user.
bool is_foreign(int result);

/// Paths that differ between two trees, sorted; a null tree is an empty one.
std::vector<std::string> changed_paths(git_repository* repo, git_tree* from, git_tree* to);
std::vector<std::string> changed_paths(git_repository* repo, const std::string& from_commit, const std::string& to_commit);

}  // namespace gitops::io
