#include "core/backend/watches.hpp"

#include <algorithm>

#include "core/backend/api_lists.hpp"
#include "core/base/workers.hpp"

namespace gitops::backend {

using base::Code;
using base::Duration;
using base::Error;

namespace {

constexpr Duration k_unasked{60'000};  ///< so long a stream stays open when nobody asks

}  // namespace

/// One kind of a query, and how far the watcher knows it.
struct Watches::Followed {
    kube::KindInfo kind;
    std::string path;
    std::optional<Version> since;
};

Watches::Watches(ApiClient& client, Discovery& discovery, std::shared_ptr<base::Clock> clock)
    : m_client(client), m_discovery(discovery), m_clock(std::move(clock)) {}

kube::WatchBatch Watches::wait(const kube::WatchQuery& query, std::stop_token stop) {
    if (query.kinds.empty())
        throw Error(Code::invalid, "a real cluster is watched kind by kind, and this watch names none");
    std::vector<Followed> kinds = followed(query, stop);
    start_now(kinds, stop);
    Duration left = query.at_most;
    const bool from_now = query.since.empty() && left <= Duration(0);
    for (;;) {
        const std::uint64_t heard = m_bell.count();
        Duration pause = left;
        kube::WatchBatch batch;
        if (!from_now) batch = collect(kinds, pause, stop);
        if (!batch.events.empty() || left <= Duration(0) || stop.stop_requested()) {
            WatchToken next;
            for (const Followed& one : kinds)
                if (one.since) next.set(one.kind.gvk, *one.since);
            batch.next = next.text();
            return batch;
        }
        left -= m_bell.wait(heard, std::clamp(pause, Duration(1), left), *m_clock, stop);
    }
}

std::size_t Watches::open_streams() const {
    const std::lock_guard lock(m_mutex);
    return m_streams.size();
}

std::vector<Watches::Followed> Watches::followed(const kube::WatchQuery& query, const std::stop_token& stop) {
    const WatchToken token = WatchToken::parse(query.since);
    std::vector<Followed> kinds;
    for (const kube::Gvk& gvk : query.kinds) {
        const auto served = m_discovery.find_served(gvk, stop);
        if (!served || !served->can("watch")) continue;
        if (query.ns && served->info.scope == kube::Scope::cluster) continue;
        std::string path = path_of(served->info, query.ns.value_or(""), "");
        if (std::ranges::find(kinds, path, &Followed::path) == kinds.end())
            kinds.push_back({served->info, std::move(path), token.find(served->info.gvk)});
    }
    return kinds;
}

void Watches::start_now(std::vector<Followed>& kinds, const std::stop_token& stop) {
    std::vector<Followed*> fresh;
    for (Followed& one : kinds)
        if (!one.since) fresh.push_back(&one);
    base::parallel_for(fresh.size(), std::min(m_client.in_flight(), static_cast<int>(fresh.size())), [&](std::size_t i) {
        Followed& one = *fresh[i];
        const auto text = version_now(m_client, one.kind, one.path, stop);
        if (!text) return;  // it is not served any more
        one.since = parse_version(*text);
        if (!one.since) throw Error(Code::unavailable, one.kind.resource + ": the server's resourceVersion is no number");
    });
}

kube::WatchBatch Watches::collect(std::vector<Followed>& kinds, Duration& pause, const std::stop_token& stop) {
    const std::lock_guard lock(m_mutex);
    close_unasked();
    std::vector<Change> changes;
    for (Followed& one : kinds) {
        if (!one.since) continue;
        auto& stream = m_streams.try_emplace(one.path, m_client, *m_clock, m_bell, one.path, one.kind.resource).first->second;
        auto news = stream.follow(*one.since, stop);
        std::ranges::move(news, std::back_inserter(changes));
        one.since = std::max(*one.since, stream.position());
        if (const auto due_in = stream.due_in()) pause = std::min(pause, *due_in);
    }
    // Versions of different kinds come from one counter wherever they share a store.
    std::ranges::stable_sort(changes, {}, &Change::version);
    kube::WatchBatch batch;
    for (Change& change : changes) batch.events.push_back(std::move(change.event));
    return batch;
}

void Watches::close_unasked() {
    const base::Time now = m_clock->now();
    std::erase_if(m_streams, [&](const auto& entry) { return now - entry.second.last_asked() > k_unasked; });
}

}  // namespace gitops::backend
