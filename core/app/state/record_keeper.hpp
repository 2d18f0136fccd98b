// RecordKeeper keeps state.db and the record in the cluster of one application equal, and makes the record the lock
// between machines.
//
// Overview: pull() brings state.db up to what another machine left behind; begin() writes down, before anything is
// applied, what is going to be ours and who is at it; finish() writes what came of it. Every write names the version
// it replaces, so of two machines that begin at once the API server lets one through. A cluster that keeps no record
// (no rights, no namespace) is told of once and worked with all the same: then this machine's state.db is all there is.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/app/cluster_record.hpp"
#include "core/app/services.hpp"
#include "core/deliver/plan.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::app {

class RecordKeeper {
  public:
    RecordKeeper(const Services& services, const Application& application, std::shared_ptr<kube::Cluster> cluster,
                 const ClusterRow& row);
    /// Clears the holder it has set, when finish() was not reached.
    ~RecordKeeper();
    RecordKeeper(const RecordKeeper&) = delete;
    RecordKeeper& operator=(const RecordKeeper&) = delete;

    /// Reads the record. When another machine changed it since, its inventory, history and revisions replace those in
    /// state.db. From `shared` when it is given.
    void pull(LiveObjects* shared = nullptr);

    enum class Begun {
        yes,      ///< the record names this process; or no record is kept
        changed,  ///< somebody else wrote the record since pull(): look at the cluster again
        taken,    ///< somebody else is at it: wait_for_holder()
    };
    /// Before `plan` is followed. The record's namespace is created first when it is the plan that creates it.
    Begun begin(const deliver::Plan& plan, std::string_view action, const std::string& revision = {},
                std::optional<base::Time> since = std::nullopt);
    /// Who was at it when its process died, or went silent and was taken over.
    const std::optional<RecordHolder>& abandoned() const { return m_abandoned; }
    /// Waits until the holder is done or has shown no sign of life for 90 seconds, and tells whom for. Error(conflict)
    /// naming the holder at `deadline`, Error(cancelled).
    void wait_for_holder(base::Time deadline, std::stop_token stop);
    /// A sign of life, written at most every ten seconds. Error(conflict) when the record was taken over.
    void beat();
    /// After a sync: what state.db says now becomes the record, without holder. A sync that had nothing to do, and so did
    /// not begin(), leaves the record to whoever is at it. Only warns when it cannot be written; Error(conflict) when the
    /// operation that began here was taken over.
    void finish();
    /// After a change that is no sync: what state.db says now becomes the record. Error(conflict) naming a holder.
    void publish();
    /// Takes the record away, with the application.
    void remove();

  private:
    std::optional<ClusterRecord> read(LiveObjects* shared = nullptr);
    bool is_held_by_other(const ClusterRecord& record) const;
    ClusterRecord from_state() const;
    bool has_news(const ClusterRecord& record) const;
    void adopt(const ClusterRecord& record);
    void write(ClusterRecord& record);
    void write_or_make_namespace(ClusterRecord& record, const deliver::Plan& plan);
    enum class Tell { yes, no };
    void give_up(const base::Error& error, Tell tell = Tell::yes);
    Begun lost();

    const Services& m_services;
    Application m_application;
    std::shared_ptr<kube::Cluster> m_cluster;
    std::string m_cluster_name;
    bool m_is_embedded;  ///< then no other machine looks for the record
    std::string m_ns;
    ClusterRecord m_record;
    std::optional<RecordHolder> m_abandoned;
    std::optional<base::Time> m_last_beat;  ///< set while we are the holder
    bool m_kept = true;
};

/// The namespace of the record of `application`.
std::string record_namespace(const Application& application, const ClusterRow& row);

/// Brings state.db up to the record of the application's cluster; a cluster that cannot be reached is only warned of.
void pull_record(const Services& services, const Application& application);
/// Writes what state.db says into the record, after a change that is no sync; the same.
void push_record(const Services& services, const Application& application);

/// The definition in the record of an application in `cluster`, sought by name in all namespaces that may be read.
std::optional<doc::Value> recorded_definition(kube::Cluster& cluster, const std::string& app);

}  // namespace gitops::app
