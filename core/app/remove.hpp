// `app delete`: takes an application off the register, and with cascade what it put into its cluster.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/app/services.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

enum class Cascade { yes, no };

/// An object of the application that stays, and why.
struct KeptObject {
    kube::ResourceKey key;
    std::string reason;
};

struct RemoveReport {
    std::vector<kube::ResourceKey> deleted;  ///< in the order of deletion
    std::vector<KeptObject> kept;
};

/// Deletes only what is provably the application's: named in its inventory and carrying its tracking id. Objects with
/// the sync option Delete=false stay. Kinds go in the reverse of the order in which they are applied. The application
/// leaves the register only when every deletion was accepted. Error(not_found) for an unknown name, Error(conflict)
/// while another operation runs on it.
RemoveReport remove_application(const Services& services, const std::string& app, Cascade cascade,
                                std::stop_token stop);

}  // namespace gitops::app
