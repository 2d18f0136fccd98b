#include "core/app/progressive/bluegreen.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/rollout/bluegreen/bluegreen_runner.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using rollout::BlueGreenPhase;
using rollout::BlueGreenRecord;
using rollout::BlueGreenSpec;
using rollout::BlueGreenStore;
using rollout::Command;

/// After an error of the cluster that may go away by itself.
constexpr base::Duration k_try_again{2'000};

BlueGreenSpec spec_of_record(const BlueGreenRecord& record) {
    return rollout::read_bluegreen(record.manifest, "record of " + record.name, record.ns);
}

BlueGreenSpec spec_of_manifests(const std::vector<kube::Manifest>& manifests, const std::string& name, const std::string& ns) {
    std::vector<std::string> names;
    const kube::Manifest* found = nullptr;
    for (const auto& manifest : manifests) {
        if (!rollout::is_bluegreen(manifest.object)) continue;
        names.emplace_back(kube::name_of(manifest.object));
        if (name.empty() || names.back() == name) found = &manifest;
    }
    if (found == nullptr) {
        Error error(Code::not_found, name.empty() ? "the file holds no BlueGreen" : "the file holds no BlueGreen \"" + name + "\"");
        throw error.suggest(base::near_names(name, names));
    }
    if (name.empty() && names.size() > 1)
        throw Error(Code::invalid, "the file holds " + std::to_string(names.size()) + " BlueGreens: " + base::join(names, ", "))
            .hint("name the one that is meant");
    return rollout::read_bluegreen(found->object, found->file, ns);
}

/// Auto-sync would take the side that is prepared for drift.
class Hold {
  public:
    Hold(const Services& services, const std::string& app, const std::string& pair)
        : m_services(services), m_app(app), m_reason("blue-green " + pair + " is under way") {}

    void take() {
        if (m_app.empty()) return;
        m_services.state.update_state(application_of(m_services, m_app).instance, [&](AppState& state) {
            if (state.suspended) return;
            state.suspended = true;
            state.suspended_until.reset();
            state.suspend_reason = m_reason;
        });
    }
    void release() {
        if (m_app.empty()) return;
        m_services.state.update_state(application_of(m_services, m_app).instance, [&](AppState& state) {
            if (!state.suspended || state.suspend_reason != m_reason) return;
            state.suspended = false;
            state.suspend_reason.clear();
        });
    }

  private:
    const Services& m_services;
    std::string m_app;
    std::string m_reason;
};

BlueGreenOutcome::Kind kind_of_end(BlueGreenPhase phase) {
    if (phase == BlueGreenPhase::succeeded) return BlueGreenOutcome::Kind::switched;
    return phase == BlueGreenPhase::rolled_back ? BlueGreenOutcome::Kind::rolled_back : BlueGreenOutcome::Kind::failed;
}

/// What a run, and the end of one, needs: the spec, the means, the runner.
class BlueGreenRun {
  public:
    BlueGreenRun(const Services& services, CanaryMeans means, BlueGreenSpec spec, rollout::RunSettings settings,
                 const std::vector<kube::Manifest>& manifests, std::stop_token stop)
        : m_services(services), m_means(std::move(means)), m_spec(std::move(spec)), m_app(settings.app), m_manifests(manifests),
          m_stop(std::move(stop)), m_cluster(services.open_cluster(cluster_of(services, services.cluster).name)),
          m_checks{*m_means.metrics, *m_means.hooks,
                   [this](std::string_view kind, const std::string& ns, const std::string& name) { return find(kind, ns, name); },
                   m_means.usual_source, m_means.plays_back},
          m_hold(services, settings.app, m_spec.name),
          m_runner({*m_cluster, services.clock, services.events, m_checks, services.actor}, m_spec, std::move(settings), commit_hook()) {}

    BlueGreenOutcome run(const rollout::BlueGreenPlan& plan, const BlueGreenTick& on_tick) {
        m_on_tick = on_tick;
        m_runner.start();
        revert_leftovers();
        BlueGreenOutcome outcome;
        if (!m_app.empty() && !is_running(m_runner.record().state.phase)) {
            if (auto why = prepare_git(plan); !why.empty()) return ended(outcome, BlueGreenOutcome::Kind::nothing_new, why);
        }
        if (m_runner.begin(plan) == rollout::Begun::nothing)
            return ended(outcome, BlueGreenOutcome::Kind::nothing_new, m_runner.nothing_new());
        m_hold.take();
        if (!follow()) return ended(outcome, BlueGreenOutcome::Kind::stopped, "");
        outcome.commit = settle();
        return ended(outcome, kind_of_end(m_runner.record().state.phase), "");
    }

    /// Takes the traffic back; the commit of the revert.
    std::string take_back() {
        m_hold.take();
        m_runner.start();
        m_runner.command(Command::abort);
        if (!follow()) throw Error(Code::cancelled, "stopped while the traffic was given back");
        return settle();
    }

  private:
    rollout::CommitSwitch commit_hook() {
        if (m_app.empty()) return {};
        return [this](const rollout::BlueGreenState& state) {
            rollout::BlueGreenStage stage(*m_cluster, m_services.clock, m_spec);
            (void)stage.observe(state);
            return commit_switch(m_services, m_spec, m_app, stage.selector(state.to), state, m_stop);
        };
    }

    std::optional<Value> find(std::string_view kind, const std::string& ns, const std::string& name) {
        for (const auto& manifest : m_manifests) {
            if (kube::kind_of(manifest.object) != kind || kube::name_of(manifest.object) != name) continue;
            const auto own = kube::namespace_of(manifest.object);
            if (own.empty() || own == ns) return manifest.object;
        }
        if (kind == "Secret") return m_cluster->get({{"", "v1", "Secret"}, ns, name});
        return m_cluster->get({{"flagger.app", "v1beta1", std::string(kind)}, ns, name});
    }

    /// A run that ended while its last commit could not be made.
    void revert_leftovers() {
        const auto& state = m_runner.record().state;
        const bool went_back = state.phase == BlueGreenPhase::rolled_back || state.phase == BlueGreenPhase::failed;
        if (went_back) (void)settle();
    }

    /// Why there is nothing to do; "" when the idle side has in Git what the run needs.
    std::string prepare_git(const rollout::BlueGreenPlan& plan) {
        const auto& state = m_runner.record().state;
        rollout::BlueGreenStage stage(*m_cluster, m_services.clock, m_spec);
        const auto seen = stage.observe(state);
        if (auto why = rollout::nothing_new(m_spec, state, seen, plan); !why.empty()) return why;
        prepare_in_git(m_services, m_spec, m_app, seen, plan.image, m_stop);
        return {};
    }

    /// Until the run has ended; false when a stop was asked for.
    bool follow() {
        if (m_on_tick) m_on_tick(m_runner.record());
        while (true) {
            base::Duration wake = k_try_again;
            try {
                const auto report = m_runner.tick(m_stop);
                wake = report.wake;
                if (m_on_tick) m_on_tick(m_runner.record());
                if (report.settled) return true;
            } catch (const Error& error) {
                if (error.code() != Code::unavailable) throw;
                m_services.events.emit({base::Level::warning, "bluegreen", m_spec.name, error.message() + "; trying again", {}});
            }
            if (m_stop.stop_requested()) return false;
            m_runner.wait(wake, m_stop);
            if (m_stop.stop_requested()) return false;
        }
    }

    std::string settle() {
        if (m_app.empty()) return {};
        rollout::BlueGreenStage stage(*m_cluster, m_services.clock, m_spec);
        const auto routed = stage.observe(m_runner.record().state).routed;
        auto commit = settle_in_git(m_services, m_spec, m_runner.record(), stage.selector(routed), m_stop);
        if (m_runner.record().state.phase != BlueGreenPhase::succeeded) {
            m_runner.record().state.git_commit.clear();
            m_runner.save();
        }
        m_hold.release();
        return commit;
    }

    BlueGreenOutcome ended(BlueGreenOutcome& outcome, BlueGreenOutcome::Kind kind, const std::string& detail) {
        outcome.kind = kind;
        outcome.spec = m_spec;
        outcome.record = m_runner.record();
        outcome.detail = detail;
        return std::move(outcome);
    }

    const Services& m_services;
    CanaryMeans m_means;
    BlueGreenSpec m_spec;
    std::string m_app;
    const std::vector<kube::Manifest>& m_manifests;
    std::stop_token m_stop;
    std::shared_ptr<kube::Cluster> m_cluster;
    rollout::CheckPorts m_checks;
    Hold m_hold;
    rollout::BlueGreenRunner m_runner;
    BlueGreenTick m_on_tick;
};

/// Going back must not fail because a file of metrics is gone.
CanaryMeans means_to_go_back(const OpenMeans& open_means, const rollout::RunSettings& settings) {
    try {
        return open_means(settings);
    } catch (const Error&) {
        return open_means({});
    }
}

void warn_of_unknown(const Services& services, const BlueGreenSpec& spec) {
    for (const auto& field : spec.unknown)
        services.events.emit({base::Level::warning, "bluegreen", spec.name, "nothing reads " + field, {}});
}

}  // namespace

BlueGreenOutcome run_bluegreen(const Services& services, const OpenMeans& open_means, const BlueGreenRequest& request,
                               const BlueGreenTick& on_tick, std::stop_token stop) {
    auto settings = request.settings;
    BlueGreenSpec spec;
    if (request.manifests.empty()) {
        const auto cluster = services.open_cluster(cluster_of(services, services.cluster).name);
        const auto record = bluegreen_of(*cluster, request.ns, request.name);
        spec = spec_of_record(record);
        if (request.keeps_settings) settings = record.settings;
    } else {
        spec = spec_of_manifests(request.manifests, request.name, request.ns.value_or(request.usual_namespace));
    }
    warn_of_unknown(services, spec);
    auto means = open_means(settings);
    return BlueGreenRun(services, std::move(means), std::move(spec), std::move(settings), request.manifests, std::move(stop))
        .run(request.plan, on_tick);
}

BlueGreenReturn roll_back_bluegreen(const Services& services, const OpenMeans& open_means, const std::optional<std::string>& ns,
                                    const std::string& name, std::stop_token stop) {
    const auto cluster = services.open_cluster(cluster_of(services, services.cluster).name);
    const auto record = bluegreen_of(*cluster, ns, name);
    const auto& state = record.state;
    if (state.run == 0) throw Error(Code::conflict, "blue-green " + name + " was never switched: there is nothing to go back to");
    const auto spec = spec_of_record(record);
    rollout::BlueGreenStage stage(*cluster, services.clock, spec);
    const auto seen = stage.observe(state);
    const bool is_back = seen.routed == state.from;
    BlueGreenReturn result{false, state.from, spec.deployment(state.from), BlueGreenStore::runner_of(record).value_or(""), ""};
    if (is_back && !is_running(state.phase)) {
        result.was_there = true;
        result.runner.clear();
        return result;
    }
    if (!is_back && !seen.side(state.from).serves())
        throw Error(Code::conflict, result.deployment + " has no ready Pods to give the traffic back to: " + seen.side(state.from).reason)
            .hint("`gitopsctl bluegreen switch " + name + "` scales it up, tests it and switches to it");
    if (!result.runner.empty()) {
        // Its runner may be busy with a check that takes long: the traffic does not wait for it.
        BlueGreenStore::ask(*cluster, record.ns, record.name, Command::abort, services.actor);
        if (!is_back) stage.turn(state, state.from, rollout::BlueGreenStage::Needs::any_pod);
        return result;
    }
    if (!is_back && !has_switched(state.phase)) {  // somebody switched by hand after the run had ended
        stage.turn(state, state.from, rollout::BlueGreenStage::Needs::any_pod);
        return result;
    }
    result.commit = BlueGreenRun(services, means_to_go_back(open_means, record.settings), spec, record.settings, {}, std::move(stop)).take_back();
    return result;
}

std::string ask_to_switch(const Services& services, kube::Cluster& cluster, const BlueGreenRecord& record) {
    const auto runner = BlueGreenStore::runner_of(record);
    if (!runner || !is_running(record.state.phase)) return {};
    if (has_switched(record.state.phase))
        throw Error(Code::conflict, "blue-green " + record.name + " is " + std::string(phase_name(record.state.phase)) + ": " +
                                        std::string(color_name(record.state.to)) + " has the traffic already, and " + *runner + " watches it");
    BlueGreenStore::ask(cluster, record.ns, record.name, Command::promote, services.actor);
    return *runner;
}

std::vector<BlueGreenRecord> bluegreens(kube::Cluster& cluster, const std::optional<std::string>& ns) {
    std::vector<BlueGreenRecord> records;
    for (const auto& object : cluster.list({{"", "v1", "ConfigMap"}, ns, std::string(rollout::k_bluegreen_record_label)}))
        records.push_back(rollout::read_bluegreen_record(object));
    return records;
}

BlueGreenRecord bluegreen_of(kube::Cluster& cluster, const std::optional<std::string>& ns, const std::string& name) {
    std::vector<std::string> names, places;
    std::optional<BlueGreenRecord> found;
    for (auto& record : bluegreens(cluster, ns)) {
        names.push_back(record.name);
        if (record.name != name) continue;
        places.push_back(record.ns);
        found = std::move(record);
    }
    if (!found) {
        Error error(Code::not_found, "there is no blue-green pair \"" + name + "\"" + (ns ? " in namespace " + *ns : std::string()));
        error.hint("run it from its manifest: gitopsctl bluegreen run -f bluegreen.yaml");
        throw error.suggest(base::near_names(name, names));
    }
    if (places.size() > 1)
        throw Error(Code::conflict, "several namespaces have a blue-green pair \"" + name + "\": " + base::join(places, ", ")).hint("name one with -n");
    return std::move(*found);
}

BlueGreenStanding standing_of(kube::Cluster& cluster, base::Clock& clock, BlueGreenRecord record) {
    BlueGreenStanding standing;
    standing.spec = spec_of_record(record);
    standing.record = std::move(record);
    try {
        standing.seen = rollout::BlueGreenStage(cluster, clock, standing.spec).observe(standing.record.state);
    } catch (const Error& error) {
        if (error.code() != Code::not_found && error.code() != Code::invalid) throw;
        standing.trouble = error.message();
    }
    return standing;
}

}  // namespace gitops::app
