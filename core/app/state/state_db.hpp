// StateDb is what gitopsctl remembers between two commands: applications, clusters, repositories, history, the
// inventory of what was applied, running operations and the audit log. One SQLite file, `state.db` in the home.
//
// It stores and finds; it decides nothing. Every function is one short transaction, safe to call from any thread.
//
// Rows of an application are keyed by its instance: its name, or "name@cluster" where a command sends it to another
// cluster than its destination.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/application.hpp"
#include "core/base/clock.hpp"
#include "core/io/process.hpp"
#include "core/io/sqlite.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

/// What became of the last operation, and what is being held.
struct AppState {
    std::string phase;            ///< "", "Running", "Succeeded", "Failed", "Error"
    std::string message;
    std::string revision;         ///< of the operation
    std::optional<base::Time> started_at;
    std::optional<base::Time> finished_at;
    std::string synced_revision;     ///< of the last successful full sync
    std::string attempted_revision;  ///< of the last full sync that ran to its end with the definition as it is
    std::string pinned_revision;  ///< set by rollback --strategy pin
    bool suspended = false;
    std::optional<base::Time> suspended_until;
    std::string suspend_reason;
    int heal_attempts = 0;        ///< self-heals in a row
    std::optional<base::Time> healed_at;
};

struct HistoryRow {
    std::int64_t id = 0;  ///< per application, from 0 as in Argo CD
    std::string app;
    std::string revision;
    base::Time started_at{};
    base::Time deployed_at{};
    std::string author;
    std::string message;
    std::string initiated_by;
    std::string strategy;   ///< "", "revert" or "pin"
    std::string revert_of;  ///< the commit that was taken back
    int created = 0, updated = 0, pruned = 0, unchanged = 0;
};

/// How to reach one cluster: where its credentials are, never the credentials.
struct ClusterRow {
    std::string name;
    std::string kind;  ///< "embedded" or "kubernetes"
    std::vector<std::string> kubeconfig{};  ///< absolute paths, merged as kubectl does; none in a Pod
    std::string context{};                  ///< "in-cluster" for the service account of the Pod gitopsctl runs in
    bool current = false;
    std::string as_user{};                  ///< impersonated; "" for nobody
    std::vector<std::string> as_groups{};
    std::map<std::string, std::string> labels{};
    std::string record_namespace{};         ///< where records of applications are kept; "" is each application's own
    bool trusts_exec = false;               ///< the kubeconfig's exec plugins may be run
};

/// How to authenticate to one repository: where secrets are, never the secrets.
struct RepoRow {
    std::string url;
    std::string username;
    std::string token_env;   ///< name of an environment variable
    std::string token_file;
    std::string ssh_key_file;
    std::string known_hosts_file;
};

struct AuditRow {
    std::int64_t id = 0;
    base::Time at{};
    std::string actor;
    std::string action;   ///< "sync", "rollback", "drift fix", "create", ...
    std::string subject;  ///< the application, cluster or repository
    std::string cluster;
    std::string reason;
    std::string from_revision;
    std::string to_revision;
    std::string result;   ///< "running", "succeeded", "failed", "interrupted"
    std::string message;
    io::ProcessId process;
};

/// A running operation on an application.
struct LockRow {
    std::string app;
    std::string action;
    std::string actor;
    base::Time since{};
    io::ProcessId process;
};

class StateDb {
  public:
    explicit StateDb(const std::string& path);

    /// A changed definition makes every revision worth a new attempt.
    void put_application(const Application& application, base::Time now);
    /// Error(not_found) with near names.
    Application application(std::string_view name) const;
    bool has_application(std::string_view name) const;
    std::vector<Application> applications() const;  ///< by name
    std::vector<std::string> application_names() const;
    /// The application with the state, inventory and history of all its instances; the audit log stays.
    void delete_application(std::string_view name);

    AppState state(std::string_view app) const;
    void put_state(std::string_view app, const AppState& state);
    /// Reads, changes and writes in one transaction, so that two processes lose nothing of each other.
    void update_state(std::string_view app, const std::function<void(AppState&)>& change);
    /// Every instance whose last operation ended at `time` or later, and when.
    std::map<std::string, base::Time> operations_ended_since(base::Time time) const;

    std::vector<kube::ResourceKey> inventory(std::string_view app, std::string_view cluster) const;
    std::vector<std::string> inventory_clusters(std::string_view app) const;
    /// Every instance of the application that has an inventory, and its cluster.
    std::vector<std::pair<std::string, std::string>> instances(std::string_view name) const;
    void put_inventory(std::string_view app, std::string_view cluster, const std::vector<kube::ResourceKey>& keys);

    /// Appends with the next id, which is returned, and drops rows beyond the application's limit.
    std::int64_t add_history(HistoryRow row, int limit);
    std::vector<HistoryRow> history(std::string_view app) const;  ///< oldest first
    /// In place of what there was.
    void put_history(std::string_view app, const std::vector<HistoryRow>& rows);

    /// The resourceVersion of the cluster's record that these rows agree with; "" when none was seen.
    std::string record_version(std::string_view app, std::string_view cluster) const;
    void put_record_version(std::string_view app, std::string_view cluster, std::string_view version);

    std::vector<ClusterRow> clusters() const;  ///< `local` first, then by name
    ClusterRow cluster(std::string_view name) const;  ///< "" is the current one; Error(not_found) with near names
    void put_cluster(const ClusterRow& row);
    void use_cluster(std::string_view name);
    void delete_cluster(std::string_view name);

    std::vector<RepoRow> repositories() const;
    std::optional<RepoRow> repository(std::string_view url) const;
    void put_repository(const RepoRow& row);
    bool delete_repository(std::string_view url);

    /// Documents of other kinds that commands register: "AppProject", "ApplicationSet", ...; by name.
    std::vector<doc::Value> definitions(std::string_view kind) const;
    std::optional<doc::Value> definition(std::string_view kind, std::string_view name) const;
    void put_definition(std::string_view kind, std::string_view name, const doc::Value& document);
    bool delete_definition(std::string_view kind, std::string_view name);

    /// Notes that somebody begins to tell `event` of `topic`. False when it was told, or when another one began less than
    /// `patience` ago and has not said how it ended.
    bool begin_telling(std::string_view topic, std::string_view event, base::Time now, base::Duration patience);
    /// It was told, and is not told again.
    void end_telling(std::string_view topic, std::string_view event, base::Time now);
    /// It did not happen, or no longer holds: the next time counts anew.
    void forget_telling(std::string_view topic, std::string_view event);
    /// All of the topics that begin with the application's name and a space.
    void forget_tellings_of(std::string_view app);

    std::int64_t begin_audit(const AuditRow& row);
    void end_audit(std::int64_t id, std::string_view result, std::string_view to_revision, std::string_view message);
    /// Oldest first, the newest `limit` of them; rows of processes that died count as interrupted.
    std::vector<AuditRow> audit(std::string_view subject, std::size_t limit) const;

    /// Takes the lock on an application; the row of the living holder when there is one. A dead holder is replaced.
    std::optional<LockRow> try_lock(const LockRow& row);
    void unlock(std::string_view app, const io::ProcessId& process);
    std::optional<LockRow> lock_holder(std::string_view app) const;

  private:
    [[nodiscard]] std::unique_lock<std::recursive_mutex> hold() const { return std::unique_lock(m_mutex); }
    void insert_history(const HistoryRow& row);
    void forget_attempt(const Application& application);

    mutable std::recursive_mutex m_mutex;  ///< one connection, one caller; functions call each other
    io::Database m_database;
};

}  // namespace gitops::app
