// Answers libgit2's two questions while it connects: which credentials, and is this the right server. For this folder
// only.
#pragma once

#include <cstddef>
#include <optional>

#include "core/io/git.hpp"

struct git_remote_callbacks;

namespace gitops::io {

/// The answers given during one connection: each credential is offered once, then the connection is refused.
struct Authenticator {
    GitOptions options;
    RemoteUrl remote;
    bool use_agent = true;  ///< false after the agent could not be reached
    bool agent_asked = false;
    bool token_given = false;
    bool helper_asked = false;
    bool key_given = false;
    std::size_t next_key = 0;
    /// What the callbacks have to say about a failure; libgit2 itself carries only a number.
    std::optional<base::Error> refusal;

    /// Puts the two callbacks in place; their payload is this object.
    void install(git_remote_callbacks& callbacks);
};

}  // namespace gitops::io
