#include "core/backend/timers.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gitops::backend {

namespace {

struct Simulated {
    std::string_view group;
    std::string_view kind;
    int rank;  ///< order within one instant: what is owned before what owns
};

constexpr std::array k_simulated{
    Simulated{"", "Pod", 0},
    Simulated{"", "PersistentVolumeClaim", 0},
    Simulated{"", "Service", 0},
    Simulated{"", "Namespace", 5},
    Simulated{"apps", "ReplicaSet", 1},
    Simulated{"apps", "Deployment", 2},
    Simulated{"apps", "StatefulSet", 2},
    Simulated{"apps", "DaemonSet", 2},
    Simulated{"batch", "Job", 2},
    Simulated{"batch", "CronJob", 3},
    Simulated{"networking.k8s.io", "Ingress", 0},
    Simulated{"autoscaling", "HorizontalPodAutoscaler", 4},
    Simulated{"policy", "PodDisruptionBudget", 4},
    Simulated{"apiextensions.k8s.io", "CustomResourceDefinition", 0},
    Simulated{"apiregistration.k8s.io", "APIService", 0},
};
constexpr int k_other_rank = 6;

const Simulated* find_simulated(const kube::ResourceKey& key) {
    auto found = std::ranges::find_if(
        k_simulated, [&](const Simulated& one) { return one.kind == key.kind && one.group == key.group; });
    return found == k_simulated.end() ? nullptr : &*found;
}

}  // namespace

bool has_controller(const kube::ResourceKey& key) { return find_simulated(key) != nullptr; }

Timers::Timers(ObjectStore& store)
    : m_wake(store.database().prepare("INSERT INTO timers (object, due, rank) VALUES (?1, ?2, ?3) "
                                      "ON CONFLICT (object) DO UPDATE SET due=excluded.due WHERE excluded.due<due")),
      m_next(store.database().prepare("SELECT due FROM timers ORDER BY due LIMIT 1")),
      m_take(store.database().prepare("DELETE FROM timers WHERE object = (SELECT object FROM timers WHERE due<=?1 "
                                      "ORDER BY due, rank, object LIMIT 1) RETURNING object, due")) {}

void Timers::wake(const Row& row, base::Time when) {
    const Simulated* simulated = find_simulated(row.key);
    m_wake.bind(1, row.id).bind(2, when.time_since_epoch().count());
    m_wake.bind(3, std::int64_t{simulated == nullptr ? k_other_rank : simulated->rank}).run();
}

std::optional<base::Time> Timers::next_due() {
    std::optional<base::Time> due;
    if (m_next.step()) due = base::Time(base::Duration(m_next.number(0)));
    m_next.reset();
    return due;
}

std::optional<DueTimer> Timers::take(base::Time now) {
    m_take.bind(1, now.time_since_epoch().count());
    std::optional<DueTimer> taken;
    if (m_take.step()) taken = DueTimer{m_take.number(0), base::Time(base::Duration(m_take.number(1)))};
    while (taken && m_take.step()) {
    }
    m_take.reset();
    return taken;
}

}  // namespace gitops::backend
