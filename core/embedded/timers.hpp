// Timers remember when which object has to be looked at again. Objects without a timer cost nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "core/embedded/object_store.hpp"

namespace gitops::embedded {

struct DueTimer {
    std::int64_t object = 0;
    base::Time due{};
};

class Timers {
  public:
    explicit Timers(ObjectStore& store) : m_store(store) {}

    /// The object is due at `when` too. A controller that is called once too often finds nothing to do, and a timer of
    /// an object that is gone does nothing.
    void wake(const Row& row, base::Time when);
    std::optional<base::Time> next_due();
    /// Takes the first timer due at or before `now`. Of one instant Pods come first, then what owns them, so that a
    /// controller sees all that happened to its Pods at once.
    std::optional<DueTimer> take(base::Time now);

  private:
    ObjectStore& m_store;
};

/// True for kinds the simulation does something with.
bool has_controller(const kube::ResourceKey& key);

}  // namespace gitops::embedded
