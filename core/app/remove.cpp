#include "core/app/remove.hpp"

#include <functional>
#include <map>

#include "core/app/definitions_cluster.hpp"
#include "core/app/approval.hpp"
#include "core/app/compare.hpp"
#include "core/app/deletion_hooks.hpp"
#include "core/app/live_reads.hpp"
#include "core/app/project/project.hpp"
#include "core/app/state/record_keeper.hpp"
#include "core/app/sync.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/deliver/hooks.hpp"
#include "core/deliver/plan.hpp"
#include "core/deliver/plan_order.hpp"
#include "core/deliver/task_watch.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;

deliver::SyncOptions options_of(const deliver::SyncOptions& usual, const doc::Value& live) {
    std::vector<std::string> entries, ignored;
    for (const auto entry : base::split(kube::annotation_of(live, deliver::k_sync_options_annotation), ',')) entries.emplace_back(entry);
    return deliver::read_sync_options(usual, entries, ignored);
}

/// What the project lets the application have; nullopt when there is no such project any more: an app-of-apps may have
/// deleted it just before, and the tracking ids say what is ours.
std::optional<ProjectBounds> bounds_of(const Services& services, const Application& application, const ClusterRow& row) {
    if (!project_document(services.state, application.project)) return std::nullopt;
    return ProjectBounds(services, application, row);
}

std::vector<doc::Value> read_inventory(kube::Cluster& cluster, const std::vector<kube::ResourceKey>& inventory) {
    std::vector<Wanted> wanted;
    for (const auto& key : inventory) wanted.emplace_back(kube::Gvk{key.group, "", key.kind}, key);
    return read_live(cluster, wanted);
}

/// Deletes what one instance has in one cluster: last applied, first deleted; objects of one rank side by side, and the next
/// wave when the one before is gone.
class Deletion {
  public:
    Deletion(const Services& services, const Application& application, const ClusterRow& row, kube::Cluster& cluster,
             RecordKeeper& record, RemoveReport& report, std::stop_token stop)
        : m_services(services), m_app(application.name), m_usual(usual_options(application)), m_bounds(bounds_of(services, application, row)),
          m_cluster(cluster), m_record(record), m_report(report), m_stop(std::move(stop)) {}

    /// Error(conflict), naming them, when objects wait for an agreement to their deletion.
    void require_confirmation(const std::vector<doc::Value>& objects) const {
        std::vector<std::string> names;
        for (const auto& live : objects)
            if (kept_because(live).empty() && options_of(m_usual, live).confirm_delete) names.push_back(kube::key_of(live).text());
        if (names.empty()) return;
        throw Error(Code::conflict, base::count_of(names.size(), "object") + " with Delete=confirm: " + base::join(names, ", "))
            .hint("agree with --confirm-deletion, or with `gitopsctl app confirm-deletion " + m_app + "`, and delete again");
    }

    /// Whether the last wave is waited for, too.
    enum class Await { before_next, all };
    void run(std::vector<doc::Value> objects, Await await, base::Time deadline) {
        using Place = std::pair<int, int>;  // wave, rank
        std::map<Place, std::vector<doc::Value>, std::greater<>> by_place;
        for (auto& live : objects) by_place[{deliver::wave_of(live), kube::apply_rank(kube::kind_of(live))}].push_back(std::move(live));
        for (auto at = by_place.begin(); at != by_place.end(); ++at) {
            if (m_stop.stop_requested())
                throw Error(Code::cancelled, "interrupted; the application stays registered, run the command again to finish");
            delete_alike(at->second);
            m_record.beat();
            const auto next = std::next(at);
            if (next == by_place.end() ? await == Await::all : next->first.first != at->first.first) wait_until_gone(deadline);
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
            m_going.push_back({m_going.size(), deliver::Awaits::deletion, kube::ref_of(objects[i]), std::string(kube::uid_of(objects[i]))});
            m_services.events.emit({base::Level::info, "delete", key.text(), "deleted", {}});
        }
    }

    void wait_until_gone(base::Time deadline) {
        if (m_going.empty()) return;
        const auto beating = [&] {
            m_record.beat();
            return true;
        };
        const deliver::Waiting waiting{m_services.clock, deadline, m_services.health, beating};
        const auto waited = deliver::wait_for_tasks(m_cluster, m_going, waiting, m_services.events, m_stop);
        m_going.clear();
        if (waited.end == deliver::WaitEnd::timed_out)
            throw Error(Code::unavailable, "still there when it should be gone before the next wave: " + waited.pending)
                .hint("look at its metadata.finalizers, then run the command again");
    }

    std::string kept_because(const doc::Value& live) const {
        if (kube::kind_of(live) == "CustomResourceDefinition") return "definitions are never deleted with an application";
        if (deliver::tracked_by(live) != m_app) return "its tracking id does not name " + m_app;
        if (const auto refused = m_bounds ? m_bounds->refusal(kube::key_of(live)) : std::nullopt) return *refused;
        if (deliver::keeps_by_helm(live)) return "helm.sh/resource-policy: keep";
        return options_of(m_usual, live).keep_on_delete ? "Delete=false" : "";
    }

    static deliver::SyncOptions usual_options(const Application& application) {
        std::vector<std::string> ignored;
        return sync_options_of(application, {}, ignored);
    }

    const Services& m_services;
    std::string m_app;
    deliver::SyncOptions m_usual;
    std::optional<ProjectBounds> m_bounds;
    kube::Cluster& m_cluster;
    RecordKeeper& m_record;
    RemoveReport& m_report;
    std::stop_token m_stop;
    std::vector<deliver::AwaitedTask> m_going;
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
void remove_instance(const Services& services, const Application& application, const ClusterRow& row, const RemoveRequest& request,
                     RemoveReport& report, const std::stop_token& stop) {
    const auto cluster = with_definitions(services, application.name, services.open_cluster(row.name));
    RecordKeeper record(services, application, cluster, row);
    claim(services, record, stop);
    if (request.cascade == Cascade::yes) {
        Deletion deletion(services, application, row, *cluster, record, report, stop);
        auto objects = read_inventory(*cluster, services.state.inventory(application.instance, row.name));
        if (request.confirmation == deliver::Confirmation::needed) deletion.require_confirmation(objects);
        const auto hooks = request.hooks == Hooks::never ? deliver::Plan{} : hooks_of_deployed(services, application);
        const auto deadline = services.clock.now() + request.timeout;
        const bool has_last_hooks = !deliver::hooks_of_phase(hooks, deliver::Phase::post_delete).steps.empty();
        const auto beating = [&] {
            record.beat();
            return true;
        };
        const deliver::Waiting waiting{services.clock, deadline, services.health, beating};
        run_deletion_hooks(services, application, *cluster, hooks, deliver::Phase::pre_delete, waiting, stop);
        deletion.run(std::move(objects), has_last_hooks ? Deletion::Await::all : Deletion::Await::before_next, deadline);
        delete_left_hooks(services, application, *cluster, hooks);
        run_deletion_hooks(services, application, *cluster, hooks, deliver::Phase::post_delete, waiting, stop);
    }
    record.remove();
}

std::string told(const RemoveReport& report, Cascade cascade) {
    if (cascade == Cascade::no) return "objects left in the cluster";
    return base::count_of(report.deleted.size(), "object") + " deleted, " + std::to_string(report.kept.size()) +
           " kept";
}

}  // namespace

RemoveReport remove_application(const Services& services, const std::string& app, Cascade cascade, std::stop_token stop) {
    RemoveRequest request;
    request.cascade = cascade;
    return remove_application(services, app, request, std::move(stop));
}

RemoveReport remove_application(const Services& services, const std::string& app, const RemoveRequest& wanted, std::stop_token stop) {
    RemoveRequest request = wanted;
    const Cascade cascade = request.cascade;
    Application application = application_of(services, app);
    pull_record(services, application);
    const OperationLock lock(services, app, "delete", Wait::no, services.clock.now(), stop);
    // Agreed to since somebody last asked for something: a deletion that was refused is no operation of its own.
    const auto asked_at = services.state.state(application.instance).started_at;
    if (confirmation_of(application, asked_at) == deliver::Confirmation::given) request.confirmation = deliver::Confirmation::given;
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
            remove_instance(services, application, where, request, report, stop);
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
