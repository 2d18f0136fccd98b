#include "core/rollout/record_store.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/rollout/bluegreen/bluegreen_record.hpp"
#include "core/rollout/canary_store.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using doc::Value;

/// A runner shows that it lives at least this often.
constexpr Duration k_sign_of_life{20'000};
/// Longer than any request may take with its repeats, so that who is slow is not taken for dead.
constexpr Duration k_silence{90'000};

bool is_ours(const std::optional<Runner>& runner) { return runner && runner->process == io::current_process(); }

std::string describe(const Runner& runner) {
    return runner.actor + " (pid " + std::to_string(runner.process.pid) + " on " + runner.process.host + ")";
}

}  // namespace

template <class Record>
RecordStore<Record>::RecordStore(kube::Cluster& cluster, base::Clock& clock, std::string ns, std::string name, std::string actor)
    : m_cluster(cluster), m_clock(clock), m_ns(std::move(ns)), m_name(std::move(name)), m_actor(std::move(actor)) {}

template <class Record>
std::optional<Record> RecordStore<Record>::load() {
    const auto object = m_cluster.get(Kind::ref(m_ns, m_name));
    if (!object) return std::nullopt;
    return Kind::read(*object);
}

template <class Record>
std::optional<std::string> RecordStore<Record>::runner_of(const Record& record) {
    if (!record.runner || is_ours(record.runner) || !io::is_alive(record.runner->process)) return std::nullopt;
    return describe(*record.runner);
}

/// Error(conflict) when somebody else is at it; `record` is what the cluster holds.
template <class Record>
void RecordStore<Record>::require_free(const Record& record) const {
    const auto other = runner_of(record);
    if (!other) return;
    const auto seen = record.state.checked_at.value_or(base::Time{});
    if (record.runner->process.host != io::current_process().host && m_clock.now() - seen >= k_silence) return;
    throw Error(Code::conflict, called() + " is run by " + *other)
        .hint("follow it with `gitopsctl " + std::string(Kind::k_command) + " status " + m_name +
              " --watch`; it is taken over 90 seconds after its last tick");
}

template <class Record>
void RecordStore<Record>::claim(Record& record) {
    require_free(record);
    record.runner = Runner{m_actor, io::current_process(), ++m_beat};
    try {
        write(record);
    } catch (const Error& error) {
        if (error.code() != Code::conflict) throw;
        if (const auto stored = load()) require_free(*stored);  // of two who began at once the other was first
        throw Error(Code::conflict, called() + " was changed by somebody else while this run began").hint("run it again");
    }
}

template <class Record>
void RecordStore<Record>::write(Record& record) {
    const auto object = to_config_map(record);
    kube::Write change{kube::Create{object}, std::string(Kind::k_manager), kube::DryRun::no};
    if (!record.resource_version.empty()) change.change = kube::Replace{object};
    record.resource_version = kube::resource_version_of(m_cluster.write(change));
}

template <class Record>
void RecordStore<Record>::take_command(Record& record, const Record& stored) const {
    if (!is_ours(stored.runner))
        throw Error(Code::conflict, called() + " was taken over by " +
                                        (stored.runner ? describe(*stored.runner) : std::string("another machine")));
    record.command = stored.command;
    record.command_by = stored.command_by;
    record.resource_version = stored.resource_version;
}

template <class Record>
bool RecordStore<Record>::save(Record& record) {
    record.runner = Runner{m_actor, io::current_process(), ++m_beat};
    try {
        write(record);
        return true;
    } catch (const Error& error) {
        if (error.code() != Code::conflict && error.code() != Code::not_found) throw;
    }
    const auto stored = load();
    if (!stored) throw Error(Code::conflict, "the record of " + called() + " was deleted while it ran");
    take_command(record, *stored);
    return false;
}

template <class Record>
void RecordStore<Record>::refresh(Record& record) {
    const auto stored = load();
    if (!stored) throw Error(Code::conflict, "the record of " + called() + " was deleted while it ran");
    take_command(record, *stored);
}

template <class Record>
void RecordStore<Record>::release(Record& record) {
    if (!is_ours(record.runner)) return;
    for (int tried = 0; tried < 3; ++tried) {
        record.runner.reset();
        try {
            write(record);
            return;
        } catch (const Error& error) {
            if (error.code() != Code::conflict) return;  // whose process is gone is seen to be gone
        }
        const auto stored = load();
        if (!stored || !is_ours(stored->runner)) return;
        record.command = stored->command;
        record.command_by = stored->command_by;
        record.resource_version = stored->resource_version;
    }
}

template <class Record>
void RecordStore<Record>::wait_for_command(Record& record, base::Time until, std::stop_token stop) {
    kube::WatchQuery query{{{"", "v1", "ConfigMap"}}, m_ns, record.resource_version, Duration{0}};
    const auto own = Kind::ref(m_ns, m_name).name;
    while (!stop.stop_requested() && record.command == Command::none) {
        const auto now = m_clock.now();
        if (now >= until) return;
        if (now - record.state.checked_at.value_or(base::Time{}) >= k_sign_of_life) {
            record.state.checked_at = now;
            if (!save(record)) save(record);
            continue;
        }
        query.at_most = std::min<Duration>(until - now, k_sign_of_life);
        kube::WatchBatch batch;
        try {
            batch = m_cluster.watch(query, stop);
        } catch (const Error& error) {
            if (error.code() != Code::conflict) throw;
            query.since.clear();
            continue;
        }
        query.since = batch.next;
        for (const auto& event : batch.events)
            if (kube::name_of(event.object) == own && kube::resource_version_of(event.object) != record.resource_version) refresh(record);
    }
}

template <class Record>
std::string RecordStore<Record>::called() const {
    return std::string(Kind::k_noun) + " " + m_name;
}

template <class Record>
void RecordStore<Record>::ask(kube::Cluster& cluster, const std::string& ns, const std::string& name, Command command,
                      const std::string& actor) {
    auto patch = Value::map({{"data", Value::map({{"command", command_name(command)}, {"commandBy", actor}})}});
    cluster.write({kube::Patch{Kind::ref(ns, name), kube::PatchKind::merge, std::move(patch), "", ""},
                   std::string(Kind::k_manager), kube::DryRun::no});
}

template class RecordStore<CanaryRecord>;
template class RecordStore<BlueGreenRecord>;

}  // namespace gitops::rollout
