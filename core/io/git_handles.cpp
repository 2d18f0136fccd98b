#include "core/io/git_handles.hpp"

#include <fmt/format.h>
#include <git2.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/io/git_library.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t k_longest_line = 300;

struct Library {
    Library() { git_libgit2_init(); }
    ~Library() { git_libgit2_shutdown(); }
};

struct Meaning {
    int result;
    Code code;
    std::string_view hint;
};

constexpr Meaning k_results[] = {
    {GIT_ENOTFOUND, Code::not_found, ""},
    {GIT_EAUTH, Code::denied, "check the credentials of the repository"},
    {GIT_ECERTIFICATE, Code::denied, "the server's identity could not be proved"},
    {GIT_EOWNER, Code::denied,
     "the folder belongs to another user; if you trust it: git config --global --add safe.directory <its path>"},
    {GIT_ELOCKED, Code::unavailable, "another program is changing the repository; try again, or remove a stale .lock file"},
    {GIT_ENONFASTFORWARD, Code::conflict, ""},
    {GIT_EMODIFIED, Code::conflict, ""},
    {GIT_ECONFLICT, Code::conflict, ""},
    {GIT_EINVALIDSPEC, Code::invalid, ""},
    {GIT_EAMBIGUOUS, Code::invalid, ""},
};

Code code_of_class(int category) {
    switch (category) {
        case GIT_ERROR_NET:
        case GIT_ERROR_SSH:
        case GIT_ERROR_SSL:
        case GIT_ERROR_HTTP:
        case GIT_ERROR_OS: return Code::unavailable;
        case GIT_ERROR_ODB:
        case GIT_ERROR_ZLIB:
        case GIT_ERROR_INDEXER:
        case GIT_ERROR_REFERENCE:
        case GIT_ERROR_REPOSITORY: return Code::invalid;
        default: return Code::internal;
    }
}

}  // namespace

void Free::operator()(git_commit* handle) const { git_commit_free(handle); }
void Free::operator()(git_config* handle) const { git_config_free(handle); }
void Free::operator()(git_diff* handle) const { git_diff_free(handle); }
void Free::operator()(git_index* handle) const { git_index_free(handle); }
void Free::operator()(git_note* handle) const { git_note_free(handle); }
void Free::operator()(git_object* handle) const { git_object_free(handle); }
void Free::operator()(git_odb* handle) const { git_odb_free(handle); }
void Free::operator()(git_odb_object* handle) const { git_odb_object_free(handle); }
void Free::operator()(git_packbuilder* handle) const { git_packbuilder_free(handle); }
void Free::operator()(git_reference* handle) const { git_reference_free(handle); }
void Free::operator()(git_reference_iterator* handle) const { git_reference_iterator_free(handle); }
void Free::operator()(git_remote* handle) const { git_remote_free(handle); }
void Free::operator()(git_repository* handle) const { git_repository_free(handle); }
void Free::operator()(git_revwalk* handle) const { git_revwalk_free(handle); }
void Free::operator()(git_signature* handle) const { git_signature_free(handle); }
void Free::operator()(git_status_list* handle) const { git_status_list_free(handle); }
void Free::operator()(git_tree* handle) const { git_tree_free(handle); }
void Free::operator()(git_treebuilder* handle) const { git_treebuilder_free(handle); }

void start_libgit2() { static const Library library; }

std::string one_line(std::string_view text) {
    std::string line(text.substr(0, k_longest_line));
    std::ranges::replace_if(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return std::string(base::trim(line));
}

Error git_error_of(int result, std::string_view doing) {
    const git_error* last = git_error_last();
    std::string said = last && last->message ? one_line(last->message) : "no reason was given";
    Code code = last ? code_of_class(last->klass) : Code::internal;
    std::string_view hint;
    for (const Meaning& meaning : k_results) {
        if (meaning.result != result) continue;
        code = meaning.code;
        hint = meaning.hint;
    }
    Error error(code, fmt::format("{}: {}", doing, said));
    if (!hint.empty()) error.hint(hint);
    return error;
}

void check_git(int result, std::string_view doing) {
    if (result < 0) throw git_error_of(result, doing);
}

std::string sha_of(const git_oid& id) {
    std::string text(GIT_OID_HEXSZ, '0');
    git_oid_fmt(text.data(), &id);
    return text;
}

git_oid oid_of(std::string_view sha) {
    git_oid id;
    if (sha.size() != GIT_OID_HEXSZ || git_oid_fromstrn(&id, sha.data(), sha.size()) < 0)
        throw Error(Code::invalid, fmt::format("'{}' is not a full commit SHA", sha.substr(0, 80)))
            .hint("a full SHA has 40 hex digits");
    return id;
}

Handle<git_commit> commit_of(git_repository* repo, std::string_view sha) {
    git_oid id = oid_of(sha);
    git_commit* found = nullptr;
    int result = git_commit_lookup(&found, repo, &id);
    if (result == GIT_ENOTFOUND)
        throw Error(Code::not_found, fmt::format("there is no commit {} in {}", sha, git_repository_path(repo)));
    check_git(result, fmt::format("cannot read commit {}", sha));
    return Handle<git_commit>(found);
}

Handle<git_tree> tree_of(git_repository* repo, std::string_view commit_sha) {
    git_tree* found = nullptr;
    check_git(git_commit_tree(&found, commit_of(repo, commit_sha).get()),
              fmt::format("cannot read the files of commit {}", commit_sha));
    return Handle<git_tree>(found);
}

bool is_foreign(int result) {
    if (result == GIT_EOWNER) return true;
    // libgit2 1.5 stumbles over the missing list of exceptions before it can say so.
    const git_error* last = git_error_last();
    return result == GIT_ENOTFOUND && last && std::string_view(last->message).find("safe.directory") != std::string_view::npos;
}

Handle<git_repository> open_handle(const std::string& path) {
    start_libgit2();
    git_repository* opened = nullptr;
    int result = git_repository_open_ext(&opened, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    if (is_foreign(result))
        throw Error(Code::denied, fmt::format("{} belongs to another user", path))
            .hint(fmt::format("if you trust it: git config --global --add safe.directory {}", path));
    if (result == GIT_ENOTFOUND)
        throw Error(Code::not_found, fmt::format("{} is not a Git repository", path))
            .hint("name the folder that holds .git, or a bare repository");
    check_git(result, fmt::format("cannot open the Git repository {}", path));
    return Handle<git_repository>(opened);
}

}  // namespace gitops::io
