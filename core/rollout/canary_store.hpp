// CanaryStore reads and saves the record of one canary, and makes it the lock of who runs it: every save names the
// version it replaces, so of two runners the API server lets one through.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/clock.hpp"
#include "core/rollout/canary_record.hpp"

namespace gitops::rollout {

class CanaryStore {
  public:
    CanaryStore(kube::Cluster& cluster, base::Clock& clock, std::string ns, std::string name, std::string actor);

    /// Reads the record; nullopt when there is none. Error(invalid) for a ConfigMap of that name that is no record.
    std::optional<CanaryRecord> load();

    /// Makes this process the runner of `record` and saves it. Error(conflict) naming a runner that lives, or that may live on
    /// another machine and was last seen less than 90 seconds ago.
    void claim(CanaryRecord& record);
    /// Saves the record with a sign of life. False when somebody else wrote it meanwhile: only a command may have come, which is
    /// then in `record` with the new version, and nothing else of `record` is lost. Error(conflict) when it was taken over.
    bool save(CanaryRecord& record);
    /// Reads whether a command has come, in one request.
    void refresh(CanaryRecord& record);
    /// Clears the runner, when it is this process.
    void release(CanaryRecord& record);

    /// Asks for `command` to be served by the next tick. Error(not_found) when there is no such record.
    static void ask(kube::Cluster& cluster, const std::string& ns, const std::string& name, Command command, const std::string& actor);

    /// Whether another process that may live runs the canary; its name for people.
    static std::optional<std::string> runner_of(const CanaryRecord& record);

  private:
    void write(CanaryRecord& record);
    void take_command(CanaryRecord& record, const CanaryRecord& stored) const;

    kube::Cluster& m_cluster;
    base::Clock& m_clock;
    std::string m_ns;
    std::string m_name;
    std::string m_actor;
    std::int64_t m_beat = 0;
};

}  // namespace gitops::rollout
