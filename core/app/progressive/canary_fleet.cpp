#include "core/app/progressive/canary_fleet.hpp"

#include <algorithm>
#include <map>

#include "core/base/error.hpp"
#include "core/base/workers.hpp"
#include "core/rollout/runner.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using base::Time;
using doc::Value;
using rollout::CanarySpec;

constexpr Duration k_longest_sleep{1'000};
constexpr Duration k_after_error{30'000};

using Place = std::pair<std::string, std::string>;  ///< namespace and name

/// One canary, its runner, and when it is due.
class Member {
  public:
    Member(const Services& services, const OpenMeans& open_means, kube::Cluster& cluster, CanarySpec spec, rollout::RunSettings settings)
        : m_services(services), m_cluster(cluster), m_means(open_means(settings)),
          m_checks{*m_means.metrics, *m_means.hooks,
                   [this](std::string_view kind, const std::string& ns, const std::string& name) { return find(kind, ns, name); },
                   m_means.usual_source, m_means.plays_back},
          m_runner({cluster, services.clock, services.events, m_checks, services.actor}, std::move(spec), std::move(settings)) {
        m_runner.start(rollout::Claim::when_needed);
    }

    bool is_due(Time now) const { return now >= m_due; }
    Time due() const { return m_due; }
    const Value& manifest() const { return m_runner.spec().document; }

    void tick(std::stop_token stop) {
        try {
            const auto report = m_runner.tick(stop);
            m_due = m_services.clock.now() + report.wake;
            if (report.ended && !m_runner.record().settings.app.empty()) settle_in_git(m_services, m_runner.spec(), m_runner.record(), stop);
            m_error.clear();
        } catch (const Error& error) {
            if (error.code() == Code::cancelled) return;
            m_due = m_services.clock.now() + std::max(k_after_error, m_runner.spec().analysis.interval);
            tell(error.message());
        }
    }

  private:
    std::optional<Value> find(std::string_view kind, const std::string& ns, const std::string& name) {
        const bool is_secret = kind == "Secret";
        return m_cluster.get({{is_secret ? "" : "flagger.app", is_secret ? "v1" : "v1beta1", std::string(kind)}, ns, name});
    }

    /// Once, however often it happens in a row.
    void tell(const std::string& text) {
        if (text == m_error) return;
        m_error = text;
        m_services.events.emit({base::Level::warning, "canary", m_runner.spec().name, text, {}});
    }

    const Services& m_services;
    kube::Cluster& m_cluster;
    CanaryMeans m_means;
    rollout::CheckPorts m_checks;
    rollout::CanaryRunner m_runner;
    Time m_due{};
    std::string m_error;
};

class Fleet {
  public:
    Fleet(const Services& services, const OpenMeans& open_means, const FleetOptions& options, std::stop_token stop)
        : m_services(services), m_open_means(open_means), m_options(options), m_stop(std::move(stop)),
          m_cluster(services.open_cluster(cluster_of(services, services.cluster).name)) {}

    void run() {
        Time next_look{};
        while (!m_stop.stop_requested()) {
            const auto now = m_services.clock.now();
            if (now >= next_look) {
                look();
                next_look = m_services.clock.now() + m_options.look_for_new;
            }
            tick_due();
            auto next = std::min(next_look, m_services.clock.now() + k_longest_sleep);
            for (const auto& [place, member] : m_members) next = std::min(next, member->due());
            if (!m_services.clock.sleep_until(std::max(next, m_services.clock.now() + Duration(20)), m_stop)) return;
        }
    }

  private:
    struct Found {
        Value manifest;
        rollout::RunSettings settings;
    };

    void look() {
        std::map<Place, Found> found;
        try {
            for (auto& record : canaries(*m_cluster, std::nullopt, [&](const Error& error) { tell("", error.message()); }))
                found[{record.ns, record.name}] = {std::move(record.manifest), std::move(record.settings)};
            for (const auto& gvk : {kube::Gvk{"flagger.app", "v1beta1", "Canary"}, kube::Gvk{"gitopsctl.io", "v1", "Canary"}})
                for (auto& object : m_cluster->list({gvk, std::nullopt, ""})) add_object(found, object);
        } catch (const Error& error) {
            if (error.code() != Code::cancelled) tell("", error.message());
            return;  // those that are known go on
        }
        std::erase_if(m_members, [&](const auto& entry) { return !found.contains(entry.first); });
        for (auto& [place, canary] : found) keep(place, std::move(canary));
    }

    /// The object is what is meant now; the record says how it was run.
    void add_object(std::map<Place, Found>& found, const Value& object) {
        const Place place{std::string(kube::namespace_of(object)), std::string(kube::name_of(object))};
        if (rollout::is_driven_by_flagger(object)) {
            tell(place.second, "is driven by a Flagger that is at work; suspend it there (spec.suspend: true) to have it run here");
            found.erase(place);
            return;
        }
        auto& canary = found[place];
        const bool is_new = canary.manifest.is_null();
        auto manifest = object;
        manifest.erase("status");
        manifest.at("metadata") = Value::map({{"name", place.second}, {"namespace", place.first}});
        canary.manifest = std::move(manifest);
        if (is_new) canary.settings = m_options.settings;
    }

    void keep(const Place& place, Found canary) {
        const auto known = m_members.find(place);
        if (known != m_members.end() && known->second->manifest() == canary.manifest) return;
        try {
            auto spec = rollout::with_overrides(rollout::read_canary(canary.manifest, "Canary " + place.second, place.first),
                                                canary.settings.overrides);
            m_members.erase(place);
            m_members.emplace(place, std::make_unique<Member>(m_services, m_open_means, *m_cluster, std::move(spec), std::move(canary.settings)));
            m_told.erase(place.second);
        } catch (const Error& error) {
            tell(place.second, error.message());
        }
    }

    void tick_due() {
        std::vector<Member*> due;
        for (const auto& [place, member] : m_members)
            if (member->is_due(m_services.clock.now())) due.push_back(member.get());
        base::parallel_for(due.size(), m_cluster->in_flight(), [&](std::size_t i) {
            if (!m_stop.stop_requested()) due[i]->tick(m_stop);
        });
    }

    void tell(const std::string& subject, const std::string& text) {
        auto& told = m_told[subject];
        if (told == text) return;
        told = text;
        m_services.events.emit({base::Level::warning, "canary", subject, text, {}});
    }

    const Services& m_services;
    const OpenMeans& m_open_means;
    FleetOptions m_options;
    std::stop_token m_stop;
    std::shared_ptr<kube::Cluster> m_cluster;
    std::map<Place, std::unique_ptr<Member>> m_members;
    std::map<std::string, std::string> m_told;
};

}  // namespace

void run_canaries(const Services& services, const OpenMeans& open_means, const FleetOptions& options, std::stop_token stop) {
    Fleet(services, open_means, options, std::move(stop)).run();
}

}  // namespace gitops::app
