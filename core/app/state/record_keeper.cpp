#include "core/app/state/record_keeper.hpp"

#include <algorithm>

#include "core/app/destination.hpp"
#include "core/base/error.hpp"
#include "core/base/source.hpp"
#include "core/base/text.hpp"
#include "core/deliver/diff.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using doc::Value;

const kube::Gvk k_config_map{"", "v1", "ConfigMap"};
constexpr Duration k_beat_every{10'000};
/// Longer than any request may take with its repeats, so that who is slow is not taken for dead.
constexpr Duration k_silence{90'000};
constexpr Duration k_look_again{500};

/// The definition with this very cluster as its destination: another machine may call it by another name.
Value at_home(const Application& application) {
    Value definition = application.document;
    definition.erase("status");
    if (auto* spec = definition.find_mutable("spec")) {
        auto& destination = spec->at("destination");
        destination.erase("name");
        destination.set("server", "https://kubernetes.default.svc");
    }
    return definition;
}

std::string describe(const RecordHolder& holder) {
    return holder.actor + " is running " + holder.action + " since " + base::to_rfc3339(holder.since) + " (pid " +
           std::to_string(holder.process.pid) + " on " + holder.process.host + ")";
}

const deliver::Step* step_that_makes(const deliver::Plan& plan, const std::string& ns) {
    const auto found = std::ranges::find_if(plan.steps, [&](const deliver::Step& step) {
        return step.action == deliver::Action::create && step.key == kube::ResourceKey{"", "Namespace", "", ns};
    });
    return found == plan.steps.end() ? nullptr : &*found;
}

/// An application of the same name that comes from elsewhere: its objects must not be taken for ours, nor pruned.
void refuse_namesake_from(const ClusterRecord& record, const Application& application, const std::string& ns) {
    const auto* several = record.definition.path("spec", "sources");
    const auto* source = several != nullptr && !several->items().empty() ? &several->items().front() : record.definition.path("spec", "source");
    if (source == nullptr || source->text_at("repoURL").empty()) return;
    const bool is_same = io::canonical_url(source->text_at("repoURL")) == io::canonical_url(application.source.repo_url) &&
                         base::normalise_path(source->text_at("path")) == base::normalise_path(application.source.path) &&
                         source->text_at("chart") == application.source.chart;
    if (is_same) return;
    throw Error(Code::conflict, "namespace " + ns + " already holds an application \"" + application.name + "\", from " +
                                    std::string(source->text_at("repoURL")) + " path \"" + std::string(source->text_at("path")) + "\"")
        .hint("choose another name or namespace; to move that application, register it with its own source first and then change it "
              "with `gitopsctl app set`");
}

bool lies_within(const deliver::Plan& plan, const std::string& ns) {
    return std::ranges::all_of(plan.steps, [&](const deliver::Step& step) { return step.key.ns == ns; });
}

}  // namespace

std::string record_namespace(const Application& application, const ClusterRow& row) {
    return row.record_namespace.empty() ? destination_namespace(application) : row.record_namespace;
}

RecordKeeper::RecordKeeper(const Services& services, const Application& application,
                           std::shared_ptr<kube::Cluster> cluster, const ClusterRow& row)
    : m_services(services),
      m_application(application),
      m_cluster(std::move(cluster)),
      m_cluster_name(row.name),
      m_is_embedded(row.kind == "embedded"),
      m_ns(record_namespace(application, row)) {}

RecordKeeper::~RecordKeeper() {
    if (!m_last_beat) return;
    try {
        finish();
    } catch (const std::exception&) {
        return;  // the record shows a holder that is gone, which the next one sees
    }
}

std::optional<ClusterRecord> RecordKeeper::read(LiveObjects* shared) {
    const auto name = record_name(m_application.name);
    const auto object = shared != nullptr ? shared->find(k_config_map, {"", "ConfigMap", m_ns, name})
                                          : m_cluster->get({k_config_map, m_ns, name});
    if (!object) return std::nullopt;
    auto record = read_config_map(*object);
    if (record.app == m_application.name) return record;
    throw Error(Code::conflict, "ConfigMap " + m_ns + "/" + name + " is the record of application \"" +
                                    record.app + "\"");
}

void RecordKeeper::adopt(const ClusterRecord& record) {
    m_services.state.put_inventory(m_application.instance, m_cluster_name, record.inventory);
    m_services.state.put_history(m_application.instance, record.history);
    m_services.state.update_state(m_application.instance, [&](AppState& state) {
        state.synced_revision = record.synced_revision;
        state.pinned_revision = record.pinned_revision;
    });
    m_services.state.put_record_version(m_application.instance, m_cluster_name, record.resource_version);
}

void RecordKeeper::pull(LiveObjects* shared) {
    try {
        auto record = read(shared);
        if (!record) return;
        const auto known = m_services.state.record_version(m_application.instance, m_cluster_name);
        if (known.empty()) refuse_namesake_from(*record, m_application, m_ns);
        if (record->resource_version != known) adopt(*record);
        m_record = std::move(*record);
        if (m_record.holder && !(m_record.holder->process == io::current_process()) && !is_held_by_other(m_record)) m_abandoned = m_record.holder;
    } catch (const Error& error) {
        // Without the right to read it, or with one that somebody wrote over, this machine's own memory serves.
        if (error.code() != Code::denied && error.code() != Code::invalid) throw;
        give_up(error);
    }
}

bool RecordKeeper::is_held_by_other(const ClusterRecord& record) const {
    return record.holder && !(record.holder->process == io::current_process()) && io::is_alive(record.holder->process);
}

ClusterRecord RecordKeeper::from_state() const {
    ClusterRecord record;
    const auto& instance = m_application.instance;
    const auto state = m_services.state.state(instance);
    record.app = m_application.name;
    record.definition = at_home(m_application);
    record.inventory = m_services.state.inventory(instance, m_cluster_name);
    record.synced_revision = state.synced_revision;
    record.pinned_revision = state.pinned_revision;
    record.history = m_services.state.history(instance);
    record.resource_version = m_record.resource_version;
    return record;
}

void RecordKeeper::write(ClusterRecord& record) {
    const auto object = to_config_map(record, m_ns);
    kube::Write change{kube::Create{object}, std::string(deliver::k_manager), kube::DryRun::no};
    if (!record.resource_version.empty()) change.change = kube::Replace{object};
    record.resource_version = kube::resource_version_of(m_cluster->write(change));
    m_services.state.put_record_version(m_application.instance, m_cluster_name, record.resource_version);
    m_record = record;
}

void RecordKeeper::write_or_make_namespace(ClusterRecord& record, const deliver::Plan& plan) {
    try {
        write(record);
    } catch (const Error& error) {
        const auto* step = error.code() == Code::not_found && record.resource_version.empty() ? step_that_makes(plan, m_ns) : nullptr;
        if (step == nullptr) throw;
        m_cluster->apply(step->desired, {std::string(deliver::k_manager), kube::OnConflict::take_over, kube::DryRun::no});
        write(record);
    }
}

void RecordKeeper::give_up(const Error& error, Tell tell) {
    if (m_kept && tell == Tell::yes)
        m_services.events.emit({base::Level::warning, "record", m_application.name,
                                "the cluster keeps no record of " + m_application.name + ": " + error.message() +
                                    "; pruning and history know only what this machine did",
                                {}});
    m_kept = false;
    m_last_beat.reset();
}

RecordKeeper::Begun RecordKeeper::lost() {
    auto record = read();
    m_record = record.value_or(ClusterRecord{});
    if (is_held_by_other(m_record)) return Begun::taken;
    return Begun::changed;
}

RecordKeeper::Begun RecordKeeper::begin(const deliver::Plan& plan, std::string_view action, const std::string& revision,
                                        std::optional<base::Time> since) {
    if (!m_kept) return Begun::yes;
    if (is_held_by_other(m_record)) return Begun::taken;
    auto record = from_state();
    record.holder = RecordHolder{m_services.actor, std::string(action), since.value_or(m_services.clock.now()), revision, io::current_process(), 0};
    try {
        write_or_make_namespace(record, plan);
        m_last_beat = m_services.clock.now();
    } catch (const Error& error) {
        if (error.code() == Code::conflict) return lost();
        if (error.code() != Code::denied && error.code() != Code::not_found && error.code() != Code::invalid) throw;
        // Without its namespace nothing of the plan can be applied either, and each object will say so.
        const bool all_fails = error.code() == Code::not_found && lies_within(plan, m_ns);
        give_up(error, all_fails ? Tell::no : Tell::yes);
    }
    return Begun::yes;
}

void RecordKeeper::wait_for_holder(base::Time deadline, std::stop_token stop) {
    if (!m_record.holder) return;  // it was only written meanwhile
    auto seen = *m_record.holder;
    auto seen_at = m_services.clock.now();
    m_services.events.emit({base::Level::info, "lock", m_application.name, "waiting: " + describe(seen), {}});
    while (true) {
        const auto now = m_services.clock.now();
        if (now - seen_at >= k_silence) break;  // by our own clock alone: the other's may be wrong
        if (now >= deadline)
            throw Error(Code::conflict, "another operation is in progress: " + describe(seen))
                .hint("wait until it ends; one that shows no sign of life for 90 seconds is taken over");
        if (!m_services.clock.sleep_for(k_look_again, stop))
            throw Error(Code::cancelled, "stopped while waiting for the operation on " + m_application.name);
        auto record = read();
        if (!record || !is_held_by_other(*record)) return;
        if (!(*record->holder == seen)) seen_at = m_services.clock.now();
        seen = *record->holder;
    }
    m_services.events.emit({base::Level::warning, "lock", m_application.name, seen.actor + " shows no sign of life; taking over", {}});
    auto record = read();
    if (!record || !record->holder || !(*record->holder == seen)) return;
    adopt(*record);  // what it had begun is ours to finish, or to prune
    m_abandoned = seen;
    record->holder.reset();
    try {
        write(*record);
    } catch (const Error& error) {
        if (error.code() != Code::conflict) throw;  // somebody else was quicker: the next look shows who
    }
}

void RecordKeeper::beat() {
    if (!m_last_beat || m_services.clock.now() - *m_last_beat < k_beat_every) return;
    auto record = m_record;
    ++record.holder->beat;
    try {
        write(record);
        m_last_beat = m_services.clock.now();
    } catch (const Error& error) {
        if (error.code() != Code::conflict) return;  // the next beat may come through
        m_last_beat.reset();
        throw Error(Code::conflict, "another machine took over the operation on " + m_application.name);
    }
}

bool RecordKeeper::has_news(const ClusterRecord& record) const {
    if (m_record.resource_version.empty()) return !record.inventory.empty() || !record.history.empty();
    return !(to_config_map(record, m_ns) == to_config_map(m_record, m_ns));
}

void RecordKeeper::finish() {
    if (!m_kept) return;
    const bool was_holder = m_last_beat.has_value();
    m_last_beat.reset();
    if (!was_holder && is_held_by_other(m_record)) return;  // who is at it writes what came of it
    auto record = from_state();
    if (!has_news(record)) return;
    try {
        write(record);
    } catch (const Error& error) {
        const bool is_lost = error.code() == Code::conflict || error.code() == Code::not_found;
        if (was_holder && is_lost)
            throw Error(Code::conflict, "another machine took over or deleted " + m_application.name + " meanwhile")
                .hint("`gitopsctl app get " + m_application.name + "` shows what is there now");
        if (error.code() == Code::conflict) return;  // who changed nothing has nothing to add to what was written meanwhile
        if (error.code() == Code::not_found && m_is_embedded) return;  // its namespace: an app-of-apps needs none
        m_services.events.emit({base::Level::warning, "record", m_application.name,
                                "the record of " + m_application.name + " in the cluster could not be written: " + error.message(),
                                {}});
    }
}

void RecordKeeper::publish() {
    if (!m_kept) return;
    if (is_held_by_other(m_record)) throw Error(Code::conflict, "another operation is in progress: " + describe(*m_record.holder));
    auto record = from_state();
    if (has_news(record)) write(record);
}

void RecordKeeper::remove() {
    m_last_beat.reset();
    if (!m_kept || m_record.resource_version.empty()) return;
    m_cluster->remove({k_config_map, m_ns, record_name(m_application.name)}, {});
    m_record = {};
}

namespace {

template <class Use>
void with_keeper(const Services& services, const Application& application, const Use& use) {
    try {
        const auto row = cluster_of(services, application.destination.cluster);
        RecordKeeper keeper(services, application, services.open_cluster(row.name), row);
        keeper.pull();
        use(keeper);
    } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        services.events.emit({base::Level::warning, "record", application.name,
                              "the record in the cluster could not be used: " + error.message(), {}});
    }
}

}  // namespace

void pull_record(const Services& services, const Application& application) {
    with_keeper(services, application, [](RecordKeeper&) {});
}

void push_record(const Services& services, const Application& application) {
    with_keeper(services, application, [](RecordKeeper& keeper) { keeper.publish(); });
}

std::optional<Value> recorded_definition(kube::Cluster& cluster, const std::string& app) {
    const kube::ListQuery everywhere{k_config_map, std::nullopt, std::string(k_record_label) + "=" + record_label(app)};
    std::vector<std::string> namespaces;
    std::optional<Value> found;
    for (const auto& object : cluster.list(everywhere)) {
        auto record = read_config_map(object);
        if (record.app != app || !record.definition.is_map()) continue;
        namespaces.emplace_back(kube::namespace_of(object));
        found = std::move(record.definition);
    }
    if (namespaces.size() < 2) return found;
    throw Error(Code::conflict, "the cluster has several applications \"" + app + "\", recorded in the namespaces " +
                                    base::join(namespaces, ", "))
        .hint("register the one that is meant: `gitopsctl app create -f FILE`");
}

}  // namespace gitops::app
