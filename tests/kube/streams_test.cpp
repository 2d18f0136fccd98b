// Many answers on one connection.
#include <catch2/catch.hpp>

#include "core/base/workers.hpp"
#include "core/doc/yaml_read.hpp"
#include "tests/kube/real_stage.hpp"

using namespace gitops;
using namespace gitops::test;
using base::Duration;

// libcurl 7.88 left half-read answers lying until its connect time-out of ten seconds.
REAL_CASE("small requests beside a long list are all answered at once", "[kube]") {
    stage.apply("{apiVersion: v1, kind: Namespace, metadata: {name: NS}}");
    for (int i = 0; i < 20; ++i) {
        auto object = doc::read_yaml_one(config_map("cm-" + std::to_string(i), std::string(20'000, 'x')));
        object.at("metadata").set("namespace", stage.ns());
        stage.cluster().apply(object, {"streams", kube::OnConflict::fail, kube::DryRun::no});
    }
    backend::ApiClusterOptions options;
    options.api.timeout = Duration(4'000);
    options.api.patience = Duration(4'000);
    const kube::Gvk kind{"", "v1", "ConfigMap"};
    for (int round = 0; round < 60; ++round) {
        const auto cluster = connect(Stage::kubeconfig(), options);
        base::parallel_for(4, 4, [&](std::size_t i) {
            if (i == 0) CHECK(cluster->list({kind, stage.ns(), ""}).size() >= 20);
            else cluster->get({kind, stage.ns(), "cm-" + std::to_string(i)});
        });
    }
}
