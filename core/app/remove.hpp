// `app delete`: takes an application off the register, and with cascade what it put into its cluster.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/app/services.hpp"
#include "core/app/sync.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

enum class Cascade { yes, no };

struct RemoveRequest {
    Cascade cascade = Cascade::yes;
    Hooks hooks = Hooks::full;  ///< never: without PreDelete and PostDelete hooks
    deliver::Confirmation confirmation = deliver::Confirmation::needed;  ///< of Delete=confirm
    base::Duration timeout{300'000};  ///< for hooks, and for objects of one wave to go before those of the next
};

/// An object of the application that stays, and why.
struct KeptObject {
    kube::ResourceKey key;
    std::string reason;
};

struct RemoveReport {
    std::vector<kube::ResourceKey> deleted;  ///< in the order of deletion
    std::vector<KeptObject> kept;
};

/// Deletes only what is provably the application's: named in its inventory and carrying its tracking id. Objects with the
/// sync option Delete=false or helm.sh/resource-policy: keep stay, and so do CustomResourceDefinitions. Waves go in reverse,
/// each when the one before is gone; inside a wave kinds go in the reverse of the order in which they are applied. PreDelete
/// hooks run before, PostDelete hooks after, as the revision that was synced has them; hooks that syncs left go, too. The
/// application leaves the register only when every deletion was accepted. Error(not_found) for an unknown name,
/// Error(conflict) while another operation runs on it, when an object with Delete=confirm waits for an agreement (nothing is
/// deleted then), and when a hook failed.
RemoveReport remove_application(const Services& services, const std::string& app, const RemoveRequest& request,
                                std::stop_token stop);
RemoveReport remove_application(const Services& services, const std::string& app, Cascade cascade,
                                std::stop_token stop);

}  // namespace gitops::app
