#include "core/app/controller/pass.hpp"

#include "core/base/error.hpp"

namespace gitops::app {

LiveObjects::Kind& LiveObjects::kind_of(const kube::Gvk& gvk) {
    Kind* kind = nullptr;
    {
        const std::scoped_lock guard(m_mutex);
        kind = &m_kinds[gvk];
    }
    std::call_once(kind->listed, [&] {
        try {
            for (auto& object : m_cluster->list({gvk, std::nullopt, ""})) {
                auto key = kube::key_of(object);
                kind->objects.emplace(std::move(key), std::move(object));
            }
        } catch (const base::Error& error) {
            if (error.code() != base::Code::denied) throw;
            kind->may_list = false;
        }
    });
    return *kind;
}

std::optional<doc::Value> LiveObjects::find(const kube::Gvk& gvk, const kube::ResourceKey& key) {
    const Kind& kind = kind_of(gvk);
    if (!kind.may_list) return m_cluster->get({gvk, key.ns, key.name});
    const auto found = kind.objects.find(key);
    return found == kind.objects.end() ? std::nullopt : std::optional(found->second);
}

void Pass::fetch_once(const std::string& url, const std::function<void()>& fetch) {
    std::once_flag* done = nullptr;
    {
        const std::scoped_lock guard(m_mutex);
        done = &m_fetched[url];
    }
    std::call_once(*done, [&] { timed(url, fetch); });
}

void Pass::tell_fetches(FetchSink sink, base::Clock& clock) {
    m_sink = std::move(sink);
    m_clock = &clock;
}

void Pass::timed(const std::string& url, const std::function<void()>& fetch) const {
    if (!m_sink) return fetch();
    const auto begun = m_clock->now();
    try {
        fetch();
    } catch (...) {
        m_sink({url, m_clock->now() - begun, true});
        throw;
    }
    m_sink({url, m_clock->now() - begun});
}

LiveObjects* Pass::live_objects(const std::string& cluster_name, const std::shared_ptr<kube::Cluster>& cluster) {
    if (!m_shares_lists || cluster->in_flight() <= 1) return nullptr;
    const std::scoped_lock guard(m_mutex);
    return &m_live.try_emplace(cluster_name, cluster).first->second;
}

}  // namespace gitops::app
