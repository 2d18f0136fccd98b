#include "core/embedded/timers.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gitops::embedded {

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

void Timers::wake(const Row& row, base::Time when) {
    const Simulated* simulated = find_simulated(row.key);
    auto& insert = m_store.prepared("INSERT OR IGNORE INTO timers (due, rank, object) VALUES (?1, ?2, ?3)");
    insert.bind(1, when.time_since_epoch().count()).bind(3, row.id);
    insert.bind(2, std::int64_t{simulated == nullptr ? k_other_rank : simulated->rank}).run();
}

std::optional<base::Time> Timers::next_due() {
    auto& query = m_store.prepared("SELECT due FROM timers ORDER BY due LIMIT 1");
    std::optional<base::Time> due;
    if (query.step()) due = base::Time(base::Duration(query.number(0)));
    query.reset();
    return due;
}

std::optional<DueTimer> Timers::take(base::Time now) {
    auto& query = m_store.prepared("SELECT due, rank, object FROM timers WHERE due<=?1 ORDER BY due, rank, object LIMIT 1");
    query.bind(1, now.time_since_epoch().count());
    if (!query.step()) {
        query.reset();
        return std::nullopt;
    }
    std::int64_t due = query.number(0), rank = query.number(1), object = query.number(2);
    query.reset();
    auto& taken = m_store.prepared("DELETE FROM timers WHERE due=?1 AND rank=?2 AND object=?3");
    taken.bind(1, due).bind(2, rank).bind(3, object).run();
    return DueTimer{object, base::Time(base::Duration(due))};
}

}  // namespace gitops::embedded
