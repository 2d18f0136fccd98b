// A whole small world for the use cases: a real Git repository, an embedded cluster and a state database in memory,
// and a clock that moves only when something waits.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/app/services.hpp"
#include "core/embedded/local_cluster.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace gitops::test {

class Lab {
  public:
    Lab();

    TempDir dir;
    TestRepo repo;
    std::shared_ptr<base::ManualClock> clock;
    app::StateDb state;
    std::shared_ptr<embedded::LocalCluster> cluster;
    base::RecordingSink events;
    app::Services services;

    /// Registers an application of this repository; `spec` is YAML for the rest of its spec.
    void create(const std::string& name, const std::string& path, const std::string& ns, const std::string& spec = {});
    /// The live object's field as text, "" when it is not there: live("apps/v1 Deployment prod/web", "/spec/replicas").
    std::string live(const std::string& object, const std::string& pointer) const;
    /// A write by another hand.
    void patch(const std::string& object, const std::string& json, const std::string& manager = "kubectl-edit");
};

/// "apps/v1 Deployment prod/web" or "v1 Namespace prod".
kube::ObjectRef parse_object(const std::string& text);

/// A Deployment of one container, in one line of YAML fields.
std::string deployment(const std::string& name, int replicas, const std::string& image);
std::string config_map(const std::string& name, const std::string& value);

}  // namespace gitops::test
