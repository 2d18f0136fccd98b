#include "core/app/remove.hpp"

#include <functional>
#include <map>

#include "core/app/definitions_cluster.hpp"
#include "core/app/live_reads.hpp"
#include "core/app/record_keeper.hpp"
#include "core/app/sync.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
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

/// Deletes what one instance has in one cluster: last applied, first deleted; objects of one rank side by side.
class Deletion {
  public:
    Deletion(const Services& services, const Application& application, kube::Cluster& cluster, RecordKeeper& record,
             RemoveReport& report, std::stop_token stop)
        : m_services(services), m_app(application.name), m_cluster(cluster), m_record(record), m_report(report), m_stop(std::move(stop)) {}

    void run(const std::vector<kube::ResourceKey>& inventory) {
        std::vector<Wanted> wanted;
        for (const auto& key : inventory) wanted.emplace_back(kube::Gvk{key.group, "", key.kind}, key);
        std::map<int, std::vector<doc::Value>, std::greater<>> by_rank;
        for (auto& live : read_live(m_cluster, wanted)) by_rank[kube::apply_rank(kube::kind_of(live))].push_back(std::move(live));
        for (const auto& [rank, objects] : by_rank) {
            if (m_stop.stop_requested())
                throw Error(Code::cancelled, "interrupted; the application stays registered, run the command again to finish");
            delete_alike(objects);
            m_record.beat();
        }
    }

  private:
    void delete_alike(const std::vector<doc::Value>& objects) {
        enum class Gone { no, yes };
        const auto outcomes = base::parallel_map<Gone>(objects, m_cluster.in_flight(), [&](const doc::Value& live) {
            if (!kept_because(live).empty() || m_stop.stop_requested()) return Gone::no;
            const kube::RemoveOptions how{kube::Propagation::foreground, std::string(kube::uid_of(live)), kube::DryRun::no};
            return m_cluster.remove(kube::ref_of(live), how) ? Gone::yes : Gone::no;
        });
        for (std::size_t i = 0; i < objects.size(); ++i) {
            const auto key = kube::key_of(objects[i]);
            if (const auto reason = kept_because(objects[i]); !reason.empty()) m_report.kept.push_back({key, reason});
            if (outcomes[i] == Gone::no) continue;
            m_report.deleted.push_back(key);
            m_services.events.emit({base::Level::info, "delete", key.text(), "deleted", {}});
        }
    }

    std::string kept_because(const doc::Value& live) const {
        if (deliver::tracked_by(live) != m_app) return "its tracking id does not name " + m_app;
        return has_option(live, "Delete=false") ? "Delete=false" : "";
    }

    const Services& m_services;
    std::string m_app;
    kube::Cluster& m_cluster;
    RecordKeeper& m_record;
    RemoveReport& m_report;
    std::stop_token m_stop;
};

/// The right to delete, before all other machines; Error(conflict) naming who has it.
void claim(const Services& services, RecordKeeper& record, const std::stop_token& stop) {
    while (true) {
        record.pull();
        const auto begun = record.begin({}, "delete");
        if (begun == RecordKeeper::Begun::yes) return;
        if (begun == RecordKeeper::Begun::taken) record.wait_for_holder(services.clock.now(), stop);
    }
}

/// An orphaned application leaves no record either: who finds it later would prune what was left on purpose.
void remove_instance(const Services& services, const Application& application, const ClusterRow& row, Cascade cascade,
                     RemoveReport& report, const std::stop_token& stop) {
    const auto cluster = with_definitions(services, application.name, services.open_cluster(row.name));
    RecordKeeper record(services, application, cluster, row);
    claim(services, record, stop);
    if (cascade == Cascade::yes)
        Deletion(services, application, *cluster, record, report, stop).run(services.state.inventory(application.instance, row.name));
    record.remove();
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
            remove_instance(services, application, where, cascade, report, stop);
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
