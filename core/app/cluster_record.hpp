// ClusterRecord is what a cluster itself remembers of an application: one small ConfigMap, so that a machine with an
// empty home, a CI runner above all, prunes, shows history and rolls back like the one that synced before it.
//
// Overview: this file knows the record's form; record_keeper reads and writes it around a sync. The ConfigMap is
// "gitopsctl.NAME" in the application's destination namespace, or in the one its cluster was registered with. It holds
// no Secret, and nothing in it is believed that the tracking ids of the objects do not confirm.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/state/state_db.hpp"
#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/io/process.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

inline constexpr std::string_view k_record_label = "gitopsctl.io/application";

/// Who is changing the objects of the application at this moment.
struct RecordHolder {
    std::string actor;
    std::string action;  ///< "sync", "rollback", ...
    base::Time since{};
    std::string revision;  ///< what is being synced to; "" where that is not known or none
    io::ProcessId process;
    std::int64_t beat = 0;  ///< grows while the holder lives

    bool operator==(const RecordHolder&) const = default;
};

struct ClusterRecord {
    std::string app;
    doc::Value definition;  ///< the Application, its destination being this very cluster
    std::vector<kube::ResourceKey> inventory;
    std::string synced_revision;
    std::string pinned_revision;
    std::vector<HistoryRow> history;  ///< oldest first
    std::optional<RecordHolder> holder;
    std::string resource_version;  ///< "" when it is not stored yet
};

/// The ConfigMap's name: "gitopsctl.web".
std::string record_name(std::string_view app);
/// The value of k_record_label: the application's name when it is short enough.
std::string record_label(std::string_view app);

/// With resource_version as the version it replaces, when it has one.
doc::Value to_config_map(const ClusterRecord& record, const std::string& ns);
/// Error(invalid) for a ConfigMap that is no record, with its name.
ClusterRecord read_config_map(const doc::Value& object);

}  // namespace gitops::app
