// A cluster in memory that records every call and fails on demand. It stores what it is given and simulates nothing.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::test {

class FakeCluster final : public kube::Cluster {
  public:
    explicit FakeCluster(int in_flight = 1) : Cluster(in_flight) {}

    /// What was called, one text per call that reads or changes an object: "apply apps/Deployment prod/web".
    std::vector<std::string> calls;
    /// Runs inside every watch that may wait: where a test lets the world change and time pass.
    std::function<void(base::Duration)> on_watch;
    /// Runs at the start of every apply, while other calls may be under way.
    std::function<void(const kube::ResourceKey&)> on_apply;
    base::Time now = base::Time{};

    /// Puts an object there as it is, as if it had always been there; watchers are told.
    void put(doc::Value object);
    void drop(const kube::ResourceKey& key);
    const doc::Value* find(const kube::ResourceKey& key) const;
    /// Everything stored, in order of keys.
    std::vector<doc::Value> objects() const;
    /// The next call with this text throws `error` instead of doing anything.
    void fail(const std::string& call, base::Error error) { m_failures.emplace_back(call, std::move(error)); }
    /// The calls that change something.
    std::vector<std::string> writes() const;

    std::vector<kube::KindInfo> kinds() override { return kube::builtin_kinds(); }
    std::optional<doc::Value> get(const kube::ObjectRef& ref) override;
    std::vector<doc::Value> list(const kube::ListQuery& query) override;
    kube::Applied apply(const doc::Value& object, const kube::ApplyOptions& options) override;
    doc::Value write(const kube::Write& write) override;
    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override;
    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token stop) override;

  private:
    void record(const std::string& call, kube::DryRun dry_run = kube::DryRun::no);
    doc::Value store(doc::Value object, kube::WatchType type);

    mutable std::recursive_mutex m_mutex;
    std::map<kube::ResourceKey, doc::Value> m_objects;
    std::deque<kube::WatchEvent> m_events;
    std::vector<std::pair<std::string, base::Error>> m_failures;
    int m_version = 0;
};

}  // namespace gitops::test
