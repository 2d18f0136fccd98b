#include "core/app/controller/commit_facts.hpp"

#include <algorithm>
#include <cctype>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;

/// Looking through more tags takes longer than a message is worth.
constexpr std::size_t k_most_tags = 2'000;

bool is_commit(const std::string& sha) {
    return sha.size() >= 7 && sha.size() <= 64 && std::ranges::all_of(sha, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::vector<std::string> tags_at(io::GitRepo& repo, const std::string& sha) {
    std::vector<std::string> found;
    const auto names = repo.tags();
    if (names.size() > k_most_tags) return found;
    for (const auto& name : names) {
        try {
            if (repo.resolve("refs/tags/" + name).sha == sha) found.push_back(name);
        } catch (const Error&) {
            continue;  // it names no commit
        }
    }
    return found;
}

}  // namespace

notify::CommitFacts commit_facts(const Services& services, const Application& application, const std::string& sha) {
    if (!is_commit(sha)) throw Error(Code::invalid, "\"" + sha + "\" is no commit");
    for (const auto& source : application.sources) {
        if (source.is_chart()) continue;
        const auto repo = services.open_repo(source.repo_url);
        try {
            const auto commit = repo->commit(sha);
            return {std::string(base::trim(commit.message)), commit.author_name + " <" + commit.author_mail + ">",
                    base::Time(std::chrono::seconds(commit.committed_at)), tags_at(*repo, commit.sha)};
        } catch (const Error& error) {
            if (error.code() != Code::not_found) throw;
        }
    }
    throw Error(Code::not_found, "no repository of application " + application.name + " has the commit " + sha);
}

}  // namespace gitops::app
