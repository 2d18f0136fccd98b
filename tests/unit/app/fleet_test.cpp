// Many clusters in one go.
#include <catch2/catch.hpp>

#include "core/app/fleet.hpp"
#include "core/base/error.hpp"
#include "tests/unit/app/lab.hpp"

using namespace gitops;
using namespace gitops::app;
using test::config_map;
using test::Lab;

namespace {

/// A Lab with clusters fab1 and fab2, and fab3, which is down.
class Fleet {
  public:
    Fleet() {
        for (const std::string name : {"fab1", "fab2", "fab3"}) {
            ClusterRow row;
            row.name = name;
            row.kind = "embedded";
            lab.state.put_cluster(row);
            clusters[name] = std::make_shared<embedded::LocalCluster>(":memory:", lab.clock);
        }
        lab.services.open_cluster = [this](const std::string& name) -> std::shared_ptr<kube::Cluster> {
            if (name == "fab3") throw base::Error(base::Code::unavailable, "cannot connect to fab3");
            return name == "local" ? lab.cluster : clusters.at(name);
        };
        lab.repo.commit({{"prod/cm.yaml", config_map("settings", "a")}});
        lab.create("shop", "prod", "prod");
    }

    std::vector<std::string> sync_on(const std::vector<std::string>& names) {
        std::vector<std::string> told;
        sync_each(lab.services, errands_of({"shop"}, names), {},
                  [&](const SyncReport& report) { told.push_back(report.app + " " + report.cluster + " " + report.phase + ": " + report.message); },
                  {});
        return told;
    }

    Lab lab;
    std::map<std::string, std::shared_ptr<embedded::LocalCluster>> clusters;
};

}  // namespace

TEST_CASE("one application goes to several clusters, and one that is down holds up no other") {
    Fleet fleet;
    CHECK(fleet.sync_on({"fab1", "fab3", "fab2"}) ==
          std::vector<std::string>{"shop fab1 Succeeded: 2 created", "shop fab3 Error: cannot connect to fab3",
                                   "shop fab2 Succeeded: 2 created"});
    const kube::ObjectRef settings{{"", "v1", "ConfigMap"}, "prod", "settings"};
    CHECK(fleet.clusters.at("fab1")->get(settings).has_value());
    CHECK(fleet.clusters.at("fab2")->get(settings).has_value());
    CHECK_FALSE(fleet.lab.cluster->get(settings).has_value());
}

TEST_CASE("each cluster has its own history of an application") {
    Fleet fleet;
    fleet.sync_on({"fab1"});
    fleet.sync_on({"fab1", "fab2"});
    fleet.sync_on({});
    CHECK(fleet.lab.state.history("shop@fab1").size() == 1);
    CHECK(fleet.lab.state.history("shop@fab2").size() == 1);
    CHECK(fleet.lab.state.history("shop").size() == 1);
}

TEST_CASE("events of several clusters name theirs") {
    Fleet fleet;
    fleet.sync_on({"fab1"});
    std::vector<std::string> told;
    for (const auto& event : fleet.lab.events.events)
        if (event.kind == "apply") told.push_back(event.subject);
    CHECK(told == std::vector<std::string>{"fab1: Namespace prod", "fab1: ConfigMap prod/settings"});
}

TEST_CASE("drift is told for each cluster") {
    Fleet fleet;
    fleet.sync_on({"fab1", "fab2"});
    fleet.clusters.at("fab2")->write({kube::Patch{test::parse_object("v1 ConfigMap prod/settings"), kube::PatchKind::merge,
                                                  doc::Value::map({{"data", doc::Value::map({{"value", "b"}})}}), "", ""},
                                      "kubectl-edit", kube::DryRun::no});
    std::vector<std::string> told;
    drift_each(fleet.lab.services, errands_of({"shop"}, {"fab1", "fab2"}), Predict::here, [&](const DriftReport& report) {
        told.push_back(report.cluster + (report.drifted() ? " drifted" : " same"));
    });
    CHECK(told == std::vector<std::string>{"fab1 same", "fab2 drifted"});
}

TEST_CASE("an errand knows the versions of clusters as its caller does") {
    Lab lab;
    lab.services.kube_version_of = [](const ClusterRow&) { return std::string("v1.30.2"); };
    base::RecordingSink sink;
    const auto sent = lab.services.told_to(sink);
    REQUIRE(sent.kube_version_of);
    CHECK(sent.kube_version_of({}) == "v1.30.2");
}
