// Subject is what something is told about: an application as Argo CD shows it, and what can be asked about it beside that.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::notify {

/// A commit as templates and conditions see it.
struct CommitFacts {
    std::string message;
    std::string author;  ///< "Anna Engineer <anna@fab.example>"
    base::Time date{};
    std::vector<std::string> tags{};
};

/// Error when the commit is not known, or its repository cannot be read.
using CommitSource = std::function<CommitFacts(const std::string& sha)>;

struct Subject {
    doc::Value app;            ///< an Application of Argo CD's form with its status
    base::Time now{};
    doc::Value project{};      ///< its AppProject, whose subscriptions count for it; null for none
    CommitSource commit_of{};  ///< empty: no commit is known
};

/// A function that conditions call as repo.NAME(...) and templates as `call .repo.NAME ...`.
struct SubjectFunction {
    std::size_t fewest = 1, most = 1;  ///< arguments
    std::function<doc::Value(std::span<const doc::Value> arguments)> call;
};
/// By "repo.GetCommitMetadata"; a time in an answer is RFC 3339.
using SubjectFunctions = std::map<std::string, SubjectFunction, std::less<>>;

/// Those of Argo CD that can be answered: repo.GetCommitMetadata(sha), a map of Message, Author, Date and Tags;
/// repo.FullNameByRepoURL(url), repo.RepoURLToHTTPS(url), repo.QueryEscape(text); sync.GetInfoItem([app,] name).
/// They refer to `subject`.
SubjectFunctions functions_of(const Subject& subject);

/// "argoproj/argo-cd" of every spelling of its URL.
std::string full_name_of_repo(std::string_view url);
/// "https://HOST/PATH" of every spelling, without a user.
std::string https_url_of_repo(std::string_view url);

}  // namespace gitops::notify
