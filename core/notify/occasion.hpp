// What one application gives occasion to tell, decided purely: who subscribed to what, and which conditions hold.
#pragma once

#include <string>
#include <vector>

#include "core/notify/catalog.hpp"
#include "core/notify/subject.hpp"

namespace gitops::notify {

/// One condition of a trigger for one recipient.
struct Occasion {
    Recipient recipient;
    std::string trigger;
    std::size_t condition = 0;  ///< its place in the trigger
    bool holds = false;
    std::string once{};         ///< the value it is told once for; "" without oncePer
    bool is_lasting = false;    ///< has oncePer: that it was told is remembered also when it no longer holds
    std::vector<std::string> templates{};

    /// What is told once: "on-deployed[0]:slack:wafer".
    std::string key() const;
};

struct Occasions {
    std::vector<Occasion> items;
    std::vector<std::string> problems{};  ///< conditions that could not be evaluated, unknown names in annotations
};

/// Subscriptions are those of the catalog and of the annotations notifications.argoproj.io/subscribe.TRIGGER.SERVICE,
/// .../subscribe.SERVICE (the default triggers) and .../subscriptions (a list of {trigger: [], destinations: [{service,
/// recipients: []}]}) on the application and on its project. In a fixed order, each once.
Occasions occasions_of(const Catalog& catalog, const Subject& subject);

}  // namespace gitops::notify
