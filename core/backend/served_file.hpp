// What is known of a server, kept in a small file between two runs.
#pragma once

#include <string>

#include "core/backend/served.hpp"

namespace gitops::backend {

/// Whose answers a file holds: two users may be shown different things.
struct ServedFile {
    std::string folder;  ///< "" keeps nothing
    std::string server;
    std::string user;
};

/// Nothing when there is no file, or one that is damaged, too large, or about another server.
Served load(const ServedFile& file);
/// Replaces the file as a whole. A cache that cannot be written is no error: nothing is kept then.
void save(const ServedFile& file, const Served& served);

}  // namespace gitops::backend
