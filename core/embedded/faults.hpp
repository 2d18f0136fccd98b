// What an operator of the embedded cluster has asked for: faults, and how fast Pods start.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/embedded/local_cluster.hpp"
#include "core/embedded/object_store.hpp"

namespace gitops::embedded {

/// The wishes the simulation runs under.
struct Scenario {
    base::Duration pod_start{120};
    std::vector<Fault> faults;
};

Scenario read_scenario(ObjectStore& store);
/// The same, read again only when it has changed.
class ScenarioReader {
  public:
    explicit ScenarioReader(ObjectStore& store) : m_store(store) {}
    const Scenario& current();

  private:
    ObjectStore& m_store;
    Scenario m_scenario;
    std::int64_t m_read_at = -1;
};
std::vector<Fault> read_faults(ObjectStore& store);
Fault store_fault(ObjectStore& store, FaultKind kind, std::string_view image_glob, base::Duration delay);
/// False when there is none of that id.
bool erase_fault(ObjectStore& store, std::string_view id);
void store_pod_start(ObjectStore& store, base::Duration span);

/// A container that a fault strikes.
struct Struck {
    FaultKind kind = FaultKind::crash_loop;
    base::Duration delay{0};
    std::string container;
    std::string image;
};
/// The first container of the Pod spec that a fault matches; of several faults on one image the oldest counts.
std::optional<Struck> struck_container(const std::vector<Fault>& faults, const doc::Value& pod_spec);

}  // namespace gitops::embedded
