#include "core/app/state/last_seen.hpp"

#include <catch2/catch.hpp>

#include "core/app/sync.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using test::Lab;

namespace {

/// "shop Synced Healthy", and the types of its conditions.
std::string seen(Lab& lab) {
    std::string text;
    for (const auto& status : app::last_seen(lab.services, lab.state.applications(), app::Operations::too)) {
        text += status.application.name + " " + std::string(app::sync_status_name(status.sync)) + " " +
                std::string(deliver::health_name(status.health.status));
        for (const auto& condition : status.conditions) text += " " + condition.type;
        text += "\n";
    }
    return text;
}

void look(Lab& lab) { app::status_of(lab.services, lab.state.application("shop"), app::Fetch::remote); }

}  // namespace

TEST_CASE("what was seen of an application holds until it is redefined, operated on or suspended", "[seen]") {
    const std::string unknown = "shop Unknown Unknown NotCompared\n";
    Lab lab;
    lab.repo.commit({{"prod/a.yaml", test::config_map("a", "1")}});
    lab.create("shop", "prod", "shop", "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n");
    CHECK(seen(lab) == unknown);
    look(lab);
    CHECK(seen(lab) == "shop OutOfSync Missing\n");
    app::sync(lab.services, "shop", {}, {});
    CHECK(seen(lab) == unknown);
    look(lab);
    CHECK(seen(lab) == "shop Synced Healthy\n");
    lab.state.put_application(lab.state.application("shop"), lab.clock->now());
    CHECK(seen(lab) == "shop Synced Healthy\n");
    lab.state.update_state("shop", [](app::AppState& state) { state.suspended = true; });
    CHECK(seen(lab) == unknown);
    look(lab);
    CHECK(seen(lab) == "shop Synced Healthy SuspendedWarning\n");
    lab.create("shop", "elsewhere", "shop");
    CHECK(seen(lab) == unknown);
    look(lab);
    CHECK(seen(lab) == "shop Unknown Unknown ComparisonError SuspendedWarning\n");
    lab.state.delete_application("shop");
    CHECK(seen(lab).empty());
}
