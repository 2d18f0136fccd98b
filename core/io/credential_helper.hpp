// The user's git credential helper, asked through `git credential fill` (gitcredentials(7)).
#pragma once

#include <optional>
#include <string>

namespace gitops::io {

struct CredentialQuestion {
    std::string protocol;  ///< "https"
    std::string host;      ///< with ":port" when it is not the scheme's own
    std::string path;
    std::string username;  ///< "" when any will do
};

struct UserPassword {
    std::string username;
    std::string password;
};

/// nullopt when git is not installed, knows no answer, or takes longer than 30 s. The question goes through a pipe,
/// never through arguments; no shell is started here and the user is not prompted.
std::optional<UserPassword> ask_credential_helper(const CredentialQuestion& question);

}  // namespace gitops::io
