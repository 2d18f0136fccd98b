#include "core/deliver/step_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::deliver {
namespace {

using kube::DryRun;

constexpr base::Duration k_crd_wait{3000};     ///< until a definition is Established, as Argo CD waits
constexpr base::Duration k_delete_wait{30000}; ///< until a deleted object is gone before it is made again
constexpr base::Duration k_watch_slice{100};
constexpr std::string_view k_immutable_words[] = {"immutable", "forbidden: updates to", "field cannot change"};

/// Waits for `done` by watching one kind, in slices, for about `span`; false when it did not come true.
template <class Done>
bool watch_until(kube::Cluster& cluster, const kube::ObjectRef& ref, base::Duration span, const std::stop_token& stop,
                 const Done& done) {
    kube::WatchQuery query;
    query.kinds = {ref.gvk};
    if (!ref.ns.empty()) query.ns = ref.ns;
    for (base::Duration waited{0}; waited <= span && !stop.stop_requested(); waited += k_watch_slice) {
        if (done()) return true;
        query.at_most = k_watch_slice;
        query.since = cluster.watch(query, stop).next;
    }
    return done();
}

class Writer {
  public:
    Writer(const Step& step, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
           std::stop_token stop)
        : m_step(step), m_cluster(cluster), m_options(options), m_events(events), m_stop(std::move(stop)) {}

    /// The message for people.
    std::string write() {
        if (m_step.action == Action::prune) return prune();
        if (!m_step.options.replace) return apply_or_recreate();
        if (m_step.live.is_null()) return create();
        return m_step.options.force ? recreate() : replace();
    }

    /// A definition serves its kind only a moment after it was stored, and its objects follow in this sync. That it
    /// takes longer is told but is no failure of the definition.
    void settle() {
        if (m_step.key.kind != "CustomResourceDefinition" || is_dry() || m_step.action == Action::prune) return;
        const auto ref = kube::ref_of(m_step.desired);
        std::string problem = "the definition is not established yet";
        try {
            if (watch_until(m_cluster, ref, k_crd_wait, m_stop, [&] { return is_established(ref); })) return;
        } catch (const base::Error& error) {
            problem = fmt::format("waiting for the definition failed: {}", error.message());
        }
        m_events.emit({base::Level::warning, "apply", m_step.key.text(), problem, {}});
    }

  private:
    bool is_established(const kube::ObjectRef& ref) const {
        const auto live = m_cluster.get(ref);
        const auto health = live ? health_of(*live) : std::nullopt;
        return health && health->status == HealthStatus::healthy;
    }

    bool is_dry() const { return m_options.dry_run == DryRun::yes; }
    std::string verb(std::string_view done) const { return fmt::format("{}{}", done, is_dry() ? " (dry run)" : ""); }

    std::string apply() {
        const kube::ApplyOptions how{m_options.manager, m_options.on_conflict, m_options.dry_run};
        const auto applied = m_cluster.apply(m_step.desired, how);
        if (applied.conflicts.empty()) return verb(m_step.action == Action::create ? "created" : "configured");
        std::vector<std::string> fields;
        for (const auto& conflict : applied.conflicts)
            fields.push_back(fmt::format("{} is owned by {}", conflict.path, conflict.manager));
        throw base::Error(base::Code::conflict, base::join(fields, ", "));
    }

    std::string apply_or_recreate() {
        try {
            return apply();
        } catch (base::Error& error) {
            const bool immutable = is_immutable_field(error);
            if (immutable && m_step.options.force) return recreate();
            if (immutable) error.hint("--force (or the sync option Force=true) deletes the object and creates it again");
            throw;
        }
    }

    /// How a cluster refuses to change what is fixed at creation: apimachinery's field errors, and the embedded one's.
    bool is_immutable_field(const base::Error& error) const {
        const auto text = base::lower(error.message());
        return error.code() == base::Code::invalid && !m_step.live.is_null() &&
               std::ranges::any_of(k_immutable_words, [&](auto words) { return text.find(words) != std::string::npos; });
    }

    std::string create() {
        m_cluster.write({kube::Create{m_step.desired}, m_options.manager, m_options.dry_run});
        return verb("created");
    }

    std::string replace() {
        m_cluster.write({kube::Replace{m_step.desired}, m_options.manager, m_options.dry_run});
        return verb("replaced");
    }

    std::string recreate() {
        if (is_dry()) return verb("deleted and created again");
        const auto ref = kube::ref_of(m_step.live);
        const std::string uid(kube::uid_of(m_step.live));
        m_cluster.remove(ref, {kube::Propagation::background, uid, m_options.dry_run});
        const bool gone = watch_until(m_cluster, ref, k_delete_wait, m_stop, [&] { return !m_cluster.get(ref); });
        if (!gone)
            throw base::Error(base::Code::unavailable, "was deleted to be created again, but is still there")
                .hint("look at its metadata.finalizers, then sync again");
        if (m_step.options.replace) create();
        else apply();
        return verb("deleted and created again");
    }

    std::string prune() {
        const auto ref = kube::ref_of(m_step.live);
        const std::string uid(kube::uid_of(m_step.live));
        const bool existed = m_cluster.remove(ref, {m_step.options.propagation, uid, m_options.dry_run});
        return existed ? verb("pruned") : "was already gone";
    }

    const Step& m_step;
    kube::Cluster& m_cluster;
    const ExecuteOptions& m_options;
    base::EventSink& m_events;
    std::stop_token m_stop;
};

std::string told(const base::Error& error, const Step& step) {
    auto text = error.message();
    // The outcome stands beside its object, which clusters like to name, too.
    if (const auto name = step.key.text() + ": "; text.starts_with(name)) text.erase(0, name.size());
    auto hint = error.hint_text();
    const bool lacks_namespace = error.code() == base::Code::not_found && step.action != Action::prune && !step.key.ns.empty();
    if (hint.empty() && lacks_namespace && text.find("namespace") != std::string::npos)
        hint = "create it: with a manifest in Git, or, if it is the destination namespace, with CreateNamespace=true";
    return hint.empty() ? text : fmt::format("{} ({})", text, hint);
}

}  // namespace

StepOutcome perform(const Step& step, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
                    std::stop_token stop) {
    StepOutcome outcome{step.key, step.action, step.phase, step.wave, StepResult::synced, step.reason};
    if (step.action == Action::unchanged) {
        outcome.message = "unchanged";
        return outcome;
    }
    if (step.action == Action::skip) {
        outcome.result = step.desired.is_null() ? StepResult::prune_skipped : StepResult::skipped;
        return outcome;
    }
    try {
        Writer writer(step, cluster, options, events, std::move(stop));
        outcome.message = writer.write();
        outcome.result = step.action == Action::prune ? StepResult::pruned : StepResult::synced;
        writer.settle();
    } catch (const base::Error& error) {
        outcome.result = StepResult::sync_failed;
        outcome.message = told(error, step);
    }
    return outcome;
}

}  // namespace gitops::deliver
