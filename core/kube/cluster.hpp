// Cluster is the port to a running cluster: the embedded one, a real API server, or a fake that fails on demand.
// It speaks in whole objects and means what the Kubernetes API means; tests/contract holds the cases that every
// implementation passes.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/catalog.hpp"
#include "core/kube/resource.hpp"

namespace gitops::kube {

/// Points at one object. An empty version means the cluster's preferred one.
struct ObjectRef {
    Gvk gvk;
    std::string ns;
    std::string name;
};

ObjectRef ref_of(const doc::Value& object);

struct ListQuery {
    Gvk gvk;
    std::optional<std::string> ns;  ///< nullopt: all namespaces
    std::string label_selector;     ///< kubectl's text form, "" for everything
};

enum class DryRun { no, yes };
/// What becomes of fields that the object's kind does not have.
enum class UnknownFields { refuse, drop };

struct ApplyOptions {
    std::string manager;
    OnConflict on_conflict = OnConflict::fail;
    DryRun dry_run = DryRun::no;
    UnknownFields unknown_fields = UnknownFields::refuse;
};

struct Create {
    doc::Value object;
};
/// Replaces the whole object; metadata.resourceVersion in it must be current when present.
struct Replace {
    doc::Value object;
};
enum class PatchKind { merge, strategic, json };
struct Patch {
    ObjectRef ref;
    PatchKind kind = PatchKind::merge;
    doc::Value patch;
    std::string subresource;       ///< "", "status" or "scale"
    std::string resource_version;  ///< "" or the version it must still have
};

struct Write {
    std::variant<Create, Replace, Patch> change;
    std::string manager;
    DryRun dry_run = DryRun::no;
    UnknownFields unknown_fields = UnknownFields::refuse;  ///< of what is created or replaced
};

enum class Propagation { background, foreground, orphan };
struct RemoveOptions {
    Propagation propagation = Propagation::background;
    std::string uid;  ///< "" or the uid it must have
    DryRun dry_run = DryRun::no;
};

enum class WatchType { added, modified, deleted };
struct WatchEvent {
    WatchType type = WatchType::added;
    doc::Value object;
};
struct WatchQuery {
    std::vector<Gvk> kinds;         ///< empty: all
    std::optional<std::string> ns;
    std::string since;              ///< resourceVersion to start after; "" starts now
    base::Duration at_most{0};      ///< how long to wait for the first event
};
struct WatchBatch {
    std::vector<WatchEvent> events;
    std::string next;  ///< the `since` of the next call
};

class Cluster {
  public:
    virtual ~Cluster() = default;
    /// How many calls from different threads it likes to have at once: 1 where they would only wait for each other.
    int in_flight() const { return m_in_flight; }

    /// Every kind the cluster serves, custom ones included.
    virtual std::vector<KindInfo> kinds() = 0;
    virtual std::optional<doc::Value> get(const ObjectRef& ref) = 0;
    /// By namespace and name. A kind nobody has defined or used lists nothing.
    virtual std::vector<doc::Value> list(const ListQuery& query) = 0;
    /// Server-side apply. Conflicts are an answer, not an error. Error(not_found) when the namespace is absent,
    /// Error(invalid) with the field for an object the cluster refuses.
    virtual Applied apply(const doc::Value& object, const ApplyOptions& options) = 0;
    /// Error(conflict) for create of what exists and for a stale resourceVersion; Error(not_found).
    virtual doc::Value write(const Write& write) = 0;
    /// Starts deletion. False when there is no such object; Error(conflict) when the uid differs.
    virtual bool remove(const ObjectRef& ref, const RemoveOptions& options) = 0;
    /// Blocks until something happened, `at_most` passed or a stop was asked for.
    /// Error(conflict) "too old" when `since` is no longer known: list again.
    virtual WatchBatch watch(const WatchQuery& query, std::stop_token stop) = 0;

  protected:
    explicit Cluster(int in_flight = 1) : m_in_flight(in_flight) {}

  private:
    int m_in_flight;
};

}  // namespace gitops::kube
