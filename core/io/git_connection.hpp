// One connection to a remote: list, fetch, push. For this folder only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/io/git.hpp"

namespace gitops::io {

/// What a remote offers, or a cache holds: full ref names with their objects, and where HEAD points to.
struct RefList {
    std::map<std::string, std::string> refs;  ///< heads, tags and notes -> SHA
    std::string head_target;                  ///< "refs/heads/main"; "" when HEAD is detached or missing
    std::string head_sha;                     ///< "" when the remote is empty
    bool operator==(const RefList&) const = default;
};

enum class Direction { fetch, push };

struct PushReply {
    bool accepted = true;
    std::string reason;  ///< the server's words about a refused ref, on one line, at most 300 bytes
};

class Connection {
  public:
    /// Connects; `repo` may be null for listing only. Error(unavailable|denied|not_found).
    Connection(git_repository* repo, const GitOptions& options, const RemoteUrl& remote, Direction direction);
    ~Connection();

    RefList list() const;
    /// Brings `refspecs` and their objects into the repository. Refs that the remote has no more stay.
    void fetch(const std::vector<std::string>& refspecs);
    /// One refspec. A refusal of the ref is an answer, everything else an Error.
    PushReply push(const std::string& refspec);

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::io
