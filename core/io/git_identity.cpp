#include <fmt/format.h>
#include <git2.h>

#include "core/base/text.hpp"
#include "core/io/git_handles.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_write.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

std::string config_text(const GitRepo& repo, const char* name) {
    git_config* made = nullptr;
    check_git(git_repository_config_snapshot(&made, repo.handle()), "cannot read the git configuration");
    Handle<git_config> config(made);
    const char* text = nullptr;
    return git_config_get_string(&text, made, name) == 0 && text ? text : "";
}

}  // namespace

Signature user_signature(const GitRepo& repo, const std::map<std::string, std::string>& environment, std::int64_t now) {
    auto of = [&](const std::string& variable, const char* setting) {
        auto found = environment.find(variable);
        std::string text = found == environment.end() ? "" : found->second;
        if (base::trim(text).empty()) text = config_text(repo, setting);
        return std::string(base::trim(text));
    };
    Signature who{of("GIT_AUTHOR_NAME", "user.name"), of("GIT_AUTHOR_EMAIL", "user.email"), now, 0};
    if (who.name.empty() || who.mail.empty())
        throw Error(Code::invalid, fmt::format("your {} is not known, so no commit can be made in your name",
                                               who.name.empty() ? "name" : "mail address"))
            .hint("git config --global user.name 'Your Name' && git config --global user.email you@example.com");
    if ((who.name + who.mail).find_first_of("<>\n") != std::string::npos)
        throw Error(Code::invalid, fmt::format("'{}' with the mail address '{}' cannot be the author of a commit", who.name, who.mail))
            .hint("leave out the characters < and >");
    return who;
}

}  // namespace gitops::io
