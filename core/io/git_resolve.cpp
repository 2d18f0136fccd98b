#include <fmt/format.h>
#include <git2.h>

#include <algorithm>

#include "core/base/semver.hpp"
#include "core/base/text.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_state.hpp"
#include "core/io/git_tree.hpp"

namespace gitops::io {

using base::Code;
using base::Error;
using base::Revision;

namespace {

constexpr std::size_t k_shortest_sha = 4;
constexpr std::string_view k_heads = "refs/heads/";
constexpr std::string_view k_tags = "refs/tags/";

Revision revision_of(git_commit* commit, std::string ref) {
    Revision revision;
    revision.sha = sha_of(*git_commit_id(commit));
    revision.ref = ref.empty() ? revision.sha : std::move(ref);
    const git_signature* author = git_commit_author(commit);
    revision.author = fmt::format("{} <{}>", author->name, author->email);
    if (const char* subject = git_commit_summary(commit)) revision.subject = subject;
    revision.committed_at = git_commit_time(commit);
    return revision;
}

/// The commit that an object is or, for an annotated tag, names; null when it is neither.
Handle<git_commit> commit_at(git_repository* repo, const git_oid& id, std::size_t digits) {
    git_object* raw = nullptr;
    int result = git_object_lookup_prefix(&raw, repo, &id, digits, GIT_OBJECT_ANY);
    if (result == GIT_EAMBIGUOUS)
        throw Error(Code::invalid, fmt::format("more than one object begins with '{}'", sha_of(id).substr(0, digits)))
            .hint("give more digits of the commit SHA");
    if (result == GIT_ENOTFOUND) return nullptr;
    check_git(result, "cannot read an object");
    Handle<git_object> object(raw);
    if (git_object_peel(&raw, object.get(), GIT_OBJECT_COMMIT) < 0) return nullptr;
    return Handle<git_commit>(reinterpret_cast<git_commit*>(raw));
}

Handle<git_commit> commit_named(git_repository* repo, const std::string& full_name) {
    git_oid id;
    int result = git_reference_name_to_id(&id, repo, full_name.c_str());
    if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC) return nullptr;
    check_git(result, fmt::format("cannot read {}", full_name));
    auto commit = commit_at(repo, id, GIT_OID_HEXSZ);
    if (!commit) throw Error(Code::invalid, fmt::format("{} does not point to a commit", full_name));
    return commit;
}

Handle<git_commit> commit_by_sha(git_repository* repo, std::string_view text) {
    if (text.size() < k_shortest_sha || text.size() > GIT_OID_HEXSZ || !base::is_hex(text)) return nullptr;
    git_oid id;
    check_git(git_oid_fromstrn(&id, text.data(), text.size()), "cannot read a SHA");
    return commit_at(repo, id, text.size());
}

std::vector<std::string> names_below(git_repository* repo, std::string_view prefix) {
    git_reference_iterator* made = nullptr;
    check_git(git_reference_iterator_glob_new(&made, repo, (std::string(prefix) + "*").c_str()), "cannot list the refs");
    Handle<git_reference_iterator> iterator(made);
    std::vector<std::string> names;
    const char* name = nullptr;
    while (git_reference_next_name(&name, iterator.get()) == 0) names.emplace_back(name + prefix.size());
    std::ranges::sort(names);
    return names;
}

}  // namespace

std::vector<std::string> GitRepo::branches() const { return names_below(handle(), k_heads); }
std::vector<std::string> GitRepo::tags() const { return names_below(handle(), k_tags); }

std::optional<std::string> GitRepo::default_branch() const {
    git_reference* raw = nullptr;
    if (git_repository_head(&raw, handle()) < 0) return std::nullopt;
    Handle<git_reference> head(raw);
    std::string_view name = git_reference_name(raw);
    if (!name.starts_with(k_heads)) return std::nullopt;
    return std::string(name.substr(k_heads.size()));
}

namespace {

/// The highest tag inside the range that `text` may be; nullopt when it is no range.
std::optional<Revision> by_version(const GitRepo& repo, std::string_view text) {
    auto range = base::VersionRange::parse(text);
    if (!range) return std::nullopt;
    auto tag = base::highest_match(repo.tags(), *range);
    if (!tag)
        throw Error(Code::not_found, fmt::format("no tag of {} is a version within '{}'", describe(repo.remote()), text))
            .hint("pre-releases count only when the range names one");
    auto commit = commit_named(repo.handle(), std::string(k_tags) + *tag);
    return revision_of(commit.get(), *tag);
}

[[noreturn]] void not_there(const GitRepo& repo, std::string_view ref) {
    std::vector<std::string> known = repo.branches();
    std::vector<std::string> tags = repo.tags();
    if (known.empty() && tags.empty())
        throw Error(Code::not_found, fmt::format("{} is empty: it has no commits", describe(repo.remote())))
            .hint("push a first commit to it");
    if (ref == "HEAD")
        throw Error(Code::not_found, fmt::format("HEAD of {} names a branch that does not exist", describe(repo.remote())))
            .hint("name a branch instead")
            .suggest(known);
    known.insert(known.end(), tags.begin(), tags.end());
    bool is_sha = ref.size() >= 7 && base::is_hex(ref);
    Error error(Code::not_found, fmt::format("{} has no {} '{}'", describe(repo.remote()),
                                             is_sha ? "commit" : "branch, tag or commit", ref));
    if (is_sha) error.hint("only commits that a branch or tag leads to can be used");
    throw error.suggest(base::near_names(ref, known));
}

}  // namespace

Revision GitRepo::resolve(std::string_view asked) {
    const std::string_view ref = asked.empty() ? "HEAD" : asked;
    git_repository* repo = handle();
    bool is_range = ref.front() != '-' && ref.size() < 256 && base::VersionRange::parse(ref).has_value();
    if (!is_range) require_safe_ref(ref);
    if (ref == "HEAD") {
        if (auto commit = commit_named(repo, "HEAD")) return revision_of(commit.get(), "HEAD");
        not_there(*this, ref);
    }
    std::string name(ref);
    if (ref.starts_with(k_heads) || ref.starts_with(k_tags))
        if (auto commit = commit_named(repo, name))
            return revision_of(commit.get(), name.substr(name.find('/', 5) + 1));
    for (std::string_view prefix : {k_heads, k_tags})
        if (auto commit = commit_named(repo, std::string(prefix) + name)) return revision_of(commit.get(), name);
    if (auto commit = commit_by_sha(repo, ref)) return revision_of(commit.get(), {});
    if (is_range)
        if (auto found = by_version(*this, ref)) return *found;
    not_there(*this, ref);
}

std::shared_ptr<const base::FileTree> GitRepo::tree(const std::string& sha) {
    Handle<git_tree> root = tree_of(handle(), sha);
    std::string id = sha_of(*git_tree_id(root.get()));
    return std::make_shared<GitTree>(open_handle(path()), std::move(id));
}

}  // namespace gitops::io
