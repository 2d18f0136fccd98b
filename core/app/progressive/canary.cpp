#include "core/app/progressive/canary.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/rollout/image_patch.hpp"
#include "core/rollout/lint.hpp"
#include "core/rollout/runner.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using rollout::CanaryRecord;
using rollout::CanarySpec;
using rollout::Command;
using rollout::Phase;

/// After an error of the cluster that may go away by itself.
constexpr base::Duration k_try_again{2'000};

std::optional<Value> find_manifest(const std::vector<kube::Manifest>& manifests, std::string_view kind, const std::string& ns,
                                   const std::string& name) {
    for (const auto& manifest : manifests) {
        if (kube::kind_of(manifest.object) != kind || kube::name_of(manifest.object) != name) continue;
        const auto own = kube::namespace_of(manifest.object);
        if (own.empty() || own == ns) return manifest.object;
    }
    return std::nullopt;
}

kube::Gvk gvk_of_kind(std::string_view kind) {
    if (kind == "Secret") return {"", "v1", "Secret"};
    return {"flagger.app", "v1beta1", std::string(kind)};
}

/// The canary as the cluster has it: in our record, else as an object of one of the two kinds.
std::pair<CanarySpec, std::optional<CanaryRecord>> known_canary(kube::Cluster& cluster, const std::string& ns, const std::string& name) {
    const auto object = cluster.get(rollout::canary_record_ref(ns, name));
    if (object) {
        auto record = rollout::read_canary_record(*object);
        return {rollout::read_canary(record.manifest, "record of " + name, ns), std::move(record)};
    }
    for (const auto& gvk : {kube::Gvk{"flagger.app", "v1beta1", "Canary"}, kube::Gvk{"gitopsctl.io", "v1", "Canary"}}) {
        const auto canary = cluster.get({gvk, ns, name});
        if (canary) return {rollout::read_canary(*canary, "Canary " + ns + "/" + name, ns), std::nullopt};
    }
    auto error = Error(Code::not_found, "namespace " + ns + " has no canary \"" + name + "\"");
    error.hint("run it from its manifest: gitopsctl canary run -f canary.yaml");
    throw error;
}

void refuse_errors(const CanarySpec& spec) {
    for (const auto& finding : rollout::lint(spec)) {
        if (finding.severity != rollout::Severity::error) continue;
        Error error(Code::invalid, finding.field.empty() ? finding.message : finding.field + ": " + finding.message);
        if (!finding.hint.empty()) error.hint(finding.hint);
        throw error;
    }
}

/// The change that gives the target the image; nullopt when it has it. Error(not_found) for a target or container that is none.
std::optional<kube::Patch> image_change(kube::Cluster& cluster, const CanarySpec& spec, const std::string& text) {
    const kube::ObjectRef ref{{kube::group_of(spec.target.api_version), kube::version_of(spec.target.api_version), spec.target.kind}, spec.ns,
                              spec.target.name};
    const auto target = cluster.get(ref);
    if (!target) throw Error(Code::not_found, "namespace " + spec.ns + " has no " + spec.target.kind + " " + spec.target.name);
    return rollout::image_patch(*target, text);
}

class CanaryRun {
  public:
    CanaryRun(const Services& services, const OpenMeans& open_means, const CanaryRequest& request,
              const std::function<void(const CanaryRecord&)>& on_tick, std::stop_token stop)
        : m_services(services), m_request(request), m_on_tick(on_tick), m_stop(std::move(stop)),
          m_cluster(services.open_cluster(cluster_of(services, services.cluster).name)) {
        auto settings = request.settings;
        m_outcome.spec = chosen_spec(settings);
        refuse_live_flagger();
        refuse_errors(m_outcome.spec);
        m_means = open_means(settings);
        m_outcome.record.settings = std::move(settings);
    }

    CanaryOutcome run() {
        auto checks = check_ports();
        rollout::CheckRound(m_outcome.spec, {}, checks, m_outcome.record.settings.compat, {}, m_stop).require_askable();
        if (!m_request.image.empty()) (void)image_change(*m_cluster, m_outcome.spec, m_request.image);  // refused before anything changes
        rollout::CanaryRunner runner({*m_cluster, m_services.clock, m_services.events, checks, m_services.actor}, m_outcome.spec,
                                     m_outcome.record.settings);
        runner.start();
        const auto& state = runner.record().state;
        if (!m_request.image.empty() && !bring_image(runner)) {
            end(runner, CanaryOutcome::Kind::stopped);
            return std::move(m_outcome);
        }
        // What is resumed may have ended just before it was killed: its end is told, and what failed is not tried again.
        const bool goes_on = rollout::is_running(state.phase) || (m_request.keeps_settings && !m_request.waits_for_revision && state.run > 0);
        m_first_run = state.run + (goes_on ? 0 : 1);
        if (state.phase == Phase::failed && !goes_on) runner.retry();
        follow(runner);
        return std::move(m_outcome);
    }

    /// A look that serves the command, and what it takes to end a roll-back.
    void serve() {
        auto checks = check_ports();
        rollout::CanaryRunner runner({*m_cluster, m_services.clock, m_services.events, checks, m_services.actor}, m_outcome.spec,
                                     m_outcome.record.settings);
        runner.start();
        while (!m_stop.stop_requested()) {
            const auto report = runner.tick(m_stop);
            const auto& state = runner.record().state;
            if (state.phase != Phase::failed || report.settled) return;
            runner.wait(report.wake, m_stop);
        }
    }

  private:
    std::string hold_reason() const { return "canary " + m_outcome.spec.name + " is under way"; }

    /// Auto-sync would take an image that Git does not know yet for drift.
    void hold_application() {
        const auto& app = m_outcome.record.settings.app;
        if (app.empty()) return;
        const auto application = application_of(m_services, app);
        if (m_request.image.empty()) return;
        m_services.state.update_state(application.instance, [&](AppState& state) {
            if (state.suspended) return;
            state.suspended = true;
            state.suspended_until.reset();
            state.suspend_reason = hold_reason();
        });
    }

    void let_application_go() {
        const auto application = application_of(m_services, m_outcome.record.settings.app);
        m_services.state.update_state(application.instance, [&](AppState& state) {
            if (!state.suspended || state.suspend_reason != hold_reason()) return;
            state.suspended = false;
            state.suspend_reason.clear();
        });
    }

    rollout::CheckPorts check_ports() {
        return {*m_means.metrics, *m_means.hooks,
                [this](std::string_view kind, const std::string& ns, const std::string& name) { return find(kind, ns, name); },
                m_means.usual_source, m_means.plays_back};
    }

    /// The object that the manifest describes, where the cluster has it.
    void refuse_live_flagger() const {
        auto ref = kube::ref_of(m_outcome.spec.document);
        ref.ns = m_outcome.spec.ns;
        const auto live = m_cluster->get(ref);
        if (!live || !rollout::is_driven_by_flagger(*live)) return;
        throw Error(Code::conflict, "Canary " + m_outcome.spec.ns + "/" + m_outcome.spec.name + " is driven by a Flagger that is at work")
            .hint("set spec.suspend: true on it there first; both would undo each other");
    }

    CanarySpec chosen_spec(rollout::RunSettings& settings) {
        const auto ns = m_request.ns.empty() ? std::string("default") : m_request.ns;
        if (!m_request.manifests.empty()) {
            auto spec = spec_of(m_request.manifests, m_request.name, ns);
            return rollout::with_overrides(std::move(spec), settings.overrides);
        }
        auto [spec, record] = known_canary(*m_cluster, ns, m_request.name);
        if (record && m_request.keeps_settings) settings = record->settings;
        return rollout::with_overrides(std::move(spec), settings.overrides);
    }

    std::optional<Value> find(std::string_view kind, const std::string& ns, const std::string& name) {
        if (auto own = find_manifest(m_request.manifests, kind, ns, name)) return own;
        return m_cluster->get({gvk_of_kind(kind), ns, name});
    }

    /// The new image, once what ran before has become the primary: without one, the new version would be it, unchecked. False
    /// when it was stopped before.
    bool bring_image(rollout::CanaryRunner& runner) {
        while (runner.record().state.phase == Phase::initializing) {
            const auto report = tick(runner);
            if (runner.record().state.phase != Phase::initializing) break;
            if (m_stop.stop_requested()) return false;
            wait(runner, report.wake);
        }
        auto change = image_change(*m_cluster, m_outcome.spec, m_request.image);
        hold_application();
        if (change) m_cluster->write({std::move(*change), std::string(rollout::k_canary_manager), kube::DryRun::no});
        return true;
    }

    /// A server that cannot be reached for a moment is asked again.
    rollout::TickReport tick(rollout::CanaryRunner& runner) {
        rollout::TickReport report;
        report.wake = k_try_again;
        try {
            report = runner.tick(m_stop);
            if (m_on_tick) m_on_tick(runner.record());
        } catch (const Error& error) {
            if (error.code() != Code::unavailable) throw;
            m_services.events.emit({base::Level::warning, "canary", m_outcome.spec.name, error.message() + "; trying again", {}});
        }
        return report;
    }

    void follow(rollout::CanaryRunner& runner) {
        while (true) {
            const auto report = tick(runner);
            if (report.settled && is_done(runner)) return;
            if (m_stop.stop_requested()) return end(runner, CanaryOutcome::Kind::stopped);
            wait(runner, report.wake);
            if (m_stop.stop_requested()) return end(runner, CanaryOutcome::Kind::stopped);
        }
    }

    /// While the cluster cannot be asked no command is heard.
    void wait(rollout::CanaryRunner& runner, base::Duration span) {
        try {
            runner.wait(span, m_stop);
        } catch (const Error& error) {
            if (error.code() != Code::unavailable) throw;
            m_services.clock.sleep_for(span, m_stop);
        }
    }

    /// Settled may also mean that nothing has begun yet: a first look finds the new revision.
    bool is_done(rollout::CanaryRunner& runner) {
        const auto& state = runner.record().state;
        if (state.run >= m_first_run) {
            if (!runner.record().settings.app.empty()) {
                m_outcome.commit = settle_in_git(m_services, m_outcome.spec, runner.record(), m_stop);
                let_application_go();
            }
            end(runner, state.phase == Phase::succeeded ? CanaryOutcome::Kind::promoted : CanaryOutcome::Kind::rolled_back);
            return true;
        }
        if (m_request.waits_for_revision || state.applied_revision.empty()) return false;
        end(runner, CanaryOutcome::Kind::nothing_new);
        return true;
    }

    void end(rollout::CanaryRunner& runner, CanaryOutcome::Kind kind) {
        m_outcome.kind = kind;
        m_outcome.record = runner.record();
    }

    const Services& m_services;
    const CanaryRequest& m_request;
    std::function<void(const CanaryRecord&)> m_on_tick;
    std::stop_token m_stop;
    std::shared_ptr<kube::Cluster> m_cluster;
    CanaryMeans m_means;
    CanaryOutcome m_outcome;
    int m_first_run = 0;
};

}  // namespace

CanarySpec spec_of(const std::vector<kube::Manifest>& manifests, const std::string& name, const std::string& default_namespace) {
    std::vector<std::string> names;
    const kube::Manifest* found = nullptr;
    for (const auto& manifest : manifests) {
        if (kube::kind_of(manifest.object) != "Canary") continue;
        names.emplace_back(kube::name_of(manifest.object));
        if (name.empty() || names.back() == name) found = &manifest;
    }
    if (found == nullptr) {
        Error error(Code::not_found, name.empty() ? "the file holds no Canary" : "the file holds no Canary \"" + name + "\"");
        throw error.suggest(base::near_names(name, names));
    }
    if (name.empty() && names.size() > 1)
        throw Error(Code::invalid, "the file holds " + base::count_of(names.size(), "Canary", "Canaries") + ": " + base::join(names, ", "))
            .hint("name the one that is meant");
    return rollout::read_canary(found->object, found->file, default_namespace);
}

CanaryOutcome run_canary(const Services& services, const OpenMeans& open_means, const CanaryRequest& request,
                         const std::function<void(const CanaryRecord&)>& on_tick, std::stop_token stop) {
    return CanaryRun(services, open_means, request, on_tick, std::move(stop)).run();
}

void serve_canary(const Services& services, const OpenMeans& open_means, const CanaryRequest& request, std::stop_token stop) {
    CanaryRun(services, open_means, request, {}, std::move(stop)).serve();
}

std::vector<CanaryRecord> canaries(kube::Cluster& cluster, const std::optional<std::string>& ns,
                                   const std::function<void(const Error&)>& unreadable) {
    std::vector<CanaryRecord> records;
    for (const auto& object : cluster.list({{"", "v1", "ConfigMap"}, ns, std::string(rollout::k_canary_record_label)})) {
        try {
            auto record = rollout::read_canary_record(object);
            (void)rollout::read_canary(record.manifest, "ConfigMap " + std::string(kube::name_of(object)), record.ns);
            records.push_back(std::move(record));
        } catch (const Error& error) {
            if (unreadable) unreadable(error);
        }
    }
    return records;
}

CanaryRecord canary_of(kube::Cluster& cluster, const std::optional<std::string>& ns, const std::string& name) {
    auto all = canaries(cluster, ns);
    std::vector<std::string> names;
    std::vector<CanaryRecord> found;
    for (auto& record : all) {
        names.push_back(record.name);
        if (record.name == name) found.push_back(std::move(record));
    }
    if (found.size() == 1) return std::move(found.front());
    if (found.empty()) {
        Error error(Code::not_found, "there is no canary \"" + name + "\"" + (ns ? " in namespace " + *ns : std::string()));
        error.hint("`gitopsctl canary list -A` shows those of the cluster");
        throw error.suggest(base::near_names(name, names));
    }
    std::vector<std::string> places;
    for (const auto& record : found) places.push_back(record.ns);
    throw Error(Code::conflict, "several namespaces have a canary \"" + name + "\": " + base::join(places, ", ")).hint("name one with -n");
}

Asked ask_canary(const Services& services, kube::Cluster& cluster, const CanaryRecord& record, Command command) {
    const auto phase = record.state.phase;
    const bool means_something = rollout::is_running(phase) || command == Command::pause || command == Command::resume ||
                                 (command == Command::retry && phase == Phase::failed);
    if (!means_something)
        throw Error(Code::conflict, "canary " + record.name + " is " + std::string(rollout::phase_name(phase)) + ": there is nothing to " +
                                        std::string(rollout::command_name(command)));
    rollout::CanaryStore::ask(cluster, record.ns, record.name, command, services.actor);
    const auto runner = rollout::CanaryStore::runner_of(record);
    return {runner.has_value(), runner.value_or("")};
}

}  // namespace gitops::app
