#include "core/app/remove.hpp"

#include <algorithm>

#include "core/app/record_keeper.hpp"
#include "core/app/sync.hpp"
#include "core/base/text.hpp"
#include "core/deliver/plan.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;

bool has_option(const doc::Value& object, std::string_view option) {
    for (const std::string_view entry :
         base::split(kube::annotation_of(object, deliver::k_sync_options_annotation), ',')) {
        if (base::trim(entry) == option) return true;
    }
    return false;
}

/// Last applied, first deleted.
std::vector<kube::ResourceKey> in_order_of_deletion(std::vector<kube::ResourceKey> keys) {
    std::stable_sort(keys.begin(), keys.end(), [](const kube::ResourceKey& a, const kube::ResourceKey& b) {
        return kube::apply_rank(a.kind) > kube::apply_rank(b.kind);
    });
    return keys;
}

void delete_objects(const Services& services, const Application& application, const ClusterRow& row,
                    RemoveReport& report, const std::stop_token& stop) {
    const std::shared_ptr<kube::Cluster> cluster = services.open_cluster(row.name);
    for (const kube::ResourceKey& key :
         in_order_of_deletion(services.state.inventory(application.instance, row.name))) {
        if (stop.stop_requested()) {
            throw Error(Code::cancelled,
                        "interrupted; the application stays registered, run the command again to finish");
        }
        const kube::ObjectRef ref{{key.group, "", key.kind}, key.ns, key.name};
        const std::optional<doc::Value> live = cluster->get(ref);
        if (!live) continue;
        if (deliver::tracked_by(*live) != application.name) {
            report.kept.push_back({key, "its tracking id does not name " + application.name});
        } else if (has_option(*live, "Delete=false")) {
            report.kept.push_back({key, "Delete=false"});
        } else if (cluster->remove(ref, {.propagation = kube::Propagation::foreground,
                                         .uid = std::string(kube::uid_of(*live))})) {
            report.deleted.push_back(key);
            services.events.emit({base::Level::info, "delete", key.text(), "deleted", {}});
        }
    }
}

/// An orphaned application leaves no record either: who finds it later would prune what was left on purpose.
void forget_record(const Services& services, const Application& application, const ClusterRow& row) {
    RecordKeeper keeper(services, application, services.open_cluster(row.name), row);
    keeper.pull();
    keeper.remove();
}

std::string told(const RemoveReport& report, Cascade cascade) {
    if (cascade == Cascade::no) return "objects left in the cluster";
    return base::count_of(report.deleted.size(), "object") + " deleted, " + std::to_string(report.kept.size()) +
           " kept";
}

}  // namespace

RemoveReport remove_application(const Services& services, const std::string& app, Cascade cascade,
                                std::stop_token stop) {
    Application application = application_of(services, app);
    pull_record(services, application);
    const OperationLock lock(services, app, "delete", Wait::no, services.clock.now(), stop);
    AuditRow row;
    row.at = services.clock.now();
    row.actor = services.actor;
    row.action = "delete";
    row.subject = app;
    row.result = "running";
    row.from_revision = services.state.state(app).synced_revision;
    row.process = io::current_process();
    // Where its objects are, not where the definition points by now.
    const auto instances = services.state.instances(app);
    std::vector<std::string> clusters;
    for (const auto& [instance, cluster] : instances) clusters.push_back(cluster);
    if (cascade == Cascade::yes) row.cluster = base::join(clusters, ",");
    const std::int64_t audit = services.state.begin_audit(row);
    RemoveReport report;
    try {
        for (const auto& [instance, cluster] : instances) {
            application.instance = instance;
            const auto where = cluster_of(services, cluster);
            if (cascade == Cascade::yes) delete_objects(services, application, where, report, stop);
            forget_record(services, application, where);
        }
        services.state.delete_application(app);
    } catch (Error& error) {
        services.state.end_audit(audit, error.code() == Code::cancelled ? "interrupted" : "failed", {},
                                 error.message());
        error.note("while deleting application " + app);
        throw;
    }
    services.state.end_audit(audit, "succeeded", {}, told(report, cascade));
    return report;
}

}  // namespace gitops::app
