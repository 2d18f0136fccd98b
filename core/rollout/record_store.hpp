// RecordStore reads and saves the record of one rollout, and makes it the lock of who runs it: every save names the
// version it replaces, so of two runners the API server lets one through.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "core/base/clock.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/rollout_record.hpp"

namespace gitops::rollout {

/// How records of one type are kept: what RecordStore needs to know of them. Specialised beside each record:
///   k_noun ("canary"), k_command ("canary", the word of the command line), k_manager, ref(ns, name), read(object).
template <class Record>
struct RecordKind;

/// `Record` is CanaryRecord or BlueGreenRecord.
template <class Record>
class RecordStore {
  public:
    RecordStore(kube::Cluster& cluster, base::Clock& clock, std::string ns, std::string name, std::string actor);

    /// Reads the record; nullopt when there is none. Error(invalid) for a ConfigMap of that name that is no record.
    std::optional<Record> load();

    /// Makes this process the runner of `record` and saves it. Error(conflict) naming a runner that lives, or that may live on
    /// another machine and was last seen less than 90 seconds ago, also when that one began since `record` was read.
    void claim(Record& record);
    /// Saves the record with a sign of life. False when somebody else wrote it meanwhile: only a command may have come, which is
    /// then in `record` with the new version, and nothing else of `record` is lost. Error(conflict) when it was taken over.
    bool save(Record& record);
    /// Reads whether a command has come, in one request.
    void refresh(Record& record);
    /// Clears the runner, when it is this process.
    void release(Record& record);
    /// Waits until `until`, a command has come or a stop is asked for, and shows meanwhile that the runner lives.
    void wait_for_command(Record& record, base::Time until, std::stop_token stop);

    /// Asks for `command` to be served by the next tick. Error(not_found) when there is no such record.
    static void ask(kube::Cluster& cluster, const std::string& ns, const std::string& name, Command command, const std::string& actor);

    /// Whether another process that may live runs the rollout; its name for people.
    static std::optional<std::string> runner_of(const Record& record);

  private:
    using Kind = RecordKind<Record>;
    void require_free(const Record& record) const;
    void write(Record& record);
    void take_command(Record& record, const Record& stored) const;
    std::string called() const;

    kube::Cluster& m_cluster;
    base::Clock& m_clock;
    std::string m_ns;
    std::string m_name;
    std::string m_actor;
    std::int64_t m_beat = 0;
};

}  // namespace gitops::rollout
