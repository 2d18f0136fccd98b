#include "core/rollout/canary_store.hpp"

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using doc::Value;

/// Longer than any request may take with its repeats, so that who is slow is not taken for dead.
constexpr Duration k_silence{90'000};

bool is_ours(const std::optional<Runner>& runner) { return runner && runner->process == io::current_process(); }

std::string describe(const Runner& runner) {
    return runner.actor + " (pid " + std::to_string(runner.process.pid) + " on " + runner.process.host + ")";
}

}  // namespace

CanaryStore::CanaryStore(kube::Cluster& cluster, base::Clock& clock, std::string ns, std::string name, std::string actor)
    : m_cluster(cluster), m_clock(clock), m_ns(std::move(ns)), m_name(std::move(name)), m_actor(std::move(actor)) {}

std::optional<CanaryRecord> CanaryStore::load() {
    const auto object = m_cluster.get(canary_record_ref(m_ns, m_name));
    if (!object) return std::nullopt;
    return read_canary_record(*object);
}

std::optional<std::string> CanaryStore::runner_of(const CanaryRecord& record) {
    if (!record.runner || is_ours(record.runner) || !io::is_alive(record.runner->process)) return std::nullopt;
    return describe(*record.runner);
}

void CanaryStore::claim(CanaryRecord& record) {
    if (const auto other = runner_of(record)) {
        const auto seen = record.state.checked_at.value_or(base::Time{});
        if (record.runner->process.host == io::current_process().host || m_clock.now() - seen < k_silence)
            throw Error(Code::conflict, "canary " + m_name + " is run by " + *other)
                .hint("follow it with `gitopsctl canary status " + m_name + " --watch`; it is taken over 90 seconds after its last tick");
    }
    record.runner = Runner{m_actor, io::current_process(), ++m_beat};
    write(record);
}

void CanaryStore::write(CanaryRecord& record) {
    const auto object = to_config_map(record);
    kube::Write change{kube::Create{object}, std::string(k_canary_manager), kube::DryRun::no};
    if (!record.resource_version.empty()) change.change = kube::Replace{object};
    record.resource_version = kube::resource_version_of(m_cluster.write(change));
}

void CanaryStore::take_command(CanaryRecord& record, const CanaryRecord& stored) const {
    if (!is_ours(stored.runner))
        throw Error(Code::conflict, "canary " + m_name + " was taken over by " +
                                        (stored.runner ? describe(*stored.runner) : std::string("another machine")));
    record.command = stored.command;
    record.command_by = stored.command_by;
    record.resource_version = stored.resource_version;
}

bool CanaryStore::save(CanaryRecord& record) {
    record.runner = Runner{m_actor, io::current_process(), ++m_beat};
    try {
        write(record);
        return true;
    } catch (const Error& error) {
        if (error.code() != Code::conflict && error.code() != Code::not_found) throw;
    }
    const auto stored = load();
    if (!stored) throw Error(Code::conflict, "the record of canary " + m_name + " was deleted while it ran");
    take_command(record, *stored);
    return false;
}

void CanaryStore::refresh(CanaryRecord& record) {
    const auto stored = load();
    if (!stored) throw Error(Code::conflict, "the record of canary " + m_name + " was deleted while it ran");
    take_command(record, *stored);
}

void CanaryStore::release(CanaryRecord& record) {
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

void CanaryStore::ask(kube::Cluster& cluster, const std::string& ns, const std::string& name, Command command,
                      const std::string& actor) {
    auto patch = Value::map({{"data", Value::map({{"command", command_name(command)}, {"commandBy", actor}})}});
    cluster.write({kube::Patch{canary_record_ref(ns, name), kube::PatchKind::merge, std::move(patch), "", ""},
                   std::string(k_canary_manager), kube::DryRun::no});
}

}  // namespace gitops::rollout
