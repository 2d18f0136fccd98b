#include "core/deliver/step_writer.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/adoption.hpp"
#include "core/deliver/object_watch.hpp"
#include "core/deliver/refusals.hpp"

namespace gitops::deliver {
namespace {

using kube::DryRun;

constexpr base::Duration k_crd_wait{3000};     ///< until a definition is Established, as Argo CD waits
constexpr base::Duration k_delete_wait{30000}; ///< until a deleted object is gone before it is made again
constexpr std::string_view k_conflict_hint = "leave these fields to their owners, out of Git or under ignoreDifferences, or let the sync take them over";
/// Somebody who writes to an object all the time may get in between our reading and our writing so often.
constexpr int k_most_tries = 5;

bool is_established(const doc::Value* definition) {
    const auto health = definition == nullptr ? std::nullopt : health_of(*definition);
    return health && health->status == HealthStatus::healthy;
}

class Writer {
  public:
    Writer(const Step& step, kube::Cluster& cluster, const ExecuteOptions& options, base::EventSink& events,
           std::stop_token stop)
        : m_step(step), m_cluster(cluster), m_options(options), m_events(events), m_stop(std::move(stop)) {}

    /// The message for people.
    std::string write() {
        if (m_step.action == Action::prune) return prune();
        if (m_step.options.replace && m_step.live.is_null()) return create();
        switch (method_of(m_step)) {
            case WriteMethod::apply: return apply_or_recreate();
            case WriteMethod::replace: return replace();
            case WriteMethod::recreate: return recreate();
        }
        return {};
    }

    /// Whether write() deleted the object and created it again, or in a dry run would have.
    bool recreated() const { return m_recreated; }

    /// A definition serves its kind only a moment after it was stored, and its objects follow in this sync. That it
    /// takes longer is told but is no failure of the definition.
    void settle() {
        if (m_step.key.kind != "CustomResourceDefinition" || is_dry() || m_step.action == Action::prune) return;
        const auto ref = kube::ref_of(m_step.desired);
        std::string problem = "the definition is not established yet";
        try {
            if (wait_until(m_cluster, ref, k_crd_wait, m_stop, is_established)) return;
        } catch (const base::Error& error) {
            problem = fmt::format("waiting for the definition failed: {}", error.message());
        }
        m_events.emit({base::Level::warning, "apply", m_step.key.text(), problem, {}});
    }

  private:
    bool is_dry() const { return m_options.dry_run == DryRun::yes; }
    std::string verb(std::string_view done) const { return fmt::format("{}{}", done, is_dry() ? " (dry run)" : ""); }

    std::string apply() {
        adopt();
        send();
        return verb(m_step.action == Action::create ? "created" : "configured");
    }

    void send() {
        const kube::ApplyOptions how{m_options.manager, m_options.on_conflict, m_options.dry_run, unknown_fields_of(m_step.options)};
        const auto applied = m_cluster.apply(m_step.desired, how);
        if (applied.conflicts.empty()) return put_in_order(applied.object);
        std::vector<std::string> fields;
        for (const auto& conflict : applied.conflicts)
            fields.push_back(fmt::format("{} is owned by {}", conflict.path, conflict.manager));
        throw base::Error(base::Code::conflict, base::join(fields, ", ")).hint(k_conflict_hint);
    }

    /// The order of init containers, variables and the like, which an apply does not change by itself.
    void put_in_order(doc::Value live) {
        for (int tried = 1; !is_dry(); ++tried) {
            const auto ordered = kube::in_order_of(live, m_step.desired);
            if (ordered.same_node(live)) return;
            try {
                return write_changed_fields(live, ordered);
            } catch (const base::Error& error) {
                if (error.code() != base::Code::conflict || tried == k_most_tries) throw;
            }
            auto now = m_cluster.get(kube::ref_of(m_step.desired));
            if (!now) return;
            live = std::move(*now);
        }
    }

    /// The fields at the top of `wanted` that `live` has otherwise, provided that nobody writes in between.
    void write_changed_fields(const doc::Value& live, const doc::Value& wanted) {
        auto operations = doc::Value::list();
        for (const auto& entry : wanted.entries()) {
            const auto* before = live.find(entry.name());
            if (before != nullptr && before->same_node(entry.value)) continue;
            operations.push_back(doc::Value::map({{"op", "replace"}, {"path", "/" + std::string(entry.name())}, {"value", entry.value}}));
        }
        patch(live, std::move(operations));
    }

    /// A JSON patch of the object as it is in `live`; Error(conflict) when somebody wrote in between.
    void patch(const doc::Value& live, doc::Value operations) {
        kube::Patch patch{kube::ref_of(live), kube::PatchKind::json, std::move(operations), "", std::string(kube::resource_version_of(live))};
        m_cluster.write({std::move(patch), m_options.manager, DryRun::no});
    }

    /// Makes ours what a client-side apply left behind. An object that has gone meanwhile has nothing to adopt.
    void adopt() {
        if (is_dry()) return;
        std::optional<doc::Value> live = m_step.live;
        for (int tried = 1; live && !live->is_null(); ++tried) {
            const auto fields = adopted_fields(m_step.desired, *live, m_options.manager, m_step.options.client_side);
            if (!fields) return;
            try {
                return write_managed_fields(*live, *fields);
            } catch (const base::Error& error) {
                if (error.code() == base::Code::not_found) return;
                if (error.code() != base::Code::conflict || tried == k_most_tries) throw;
            }
            live = m_cluster.get(kube::ref_of(m_step.live));
        }
    }

    void write_managed_fields(const doc::Value& live, const doc::Value& fields) {
        const auto operation = doc::Value::map({{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", fields}});
        patch(live, doc::Value::list({operation}));
    }

    std::string apply_or_recreate() {
        try {
            return apply();
        } catch (base::Error& error) {
            const bool immutable = !m_step.live.is_null() && is_immutable_field(error);
            if (immutable && m_step.options.force) return recreate();
            if (immutable) error.hint("--force (or the sync option Force=true) deletes the object and creates it again");
            throw;
        }
    }

    /// A namespace may have come since the plan was made: this operation's own record stands in one.
    std::string create() {
        try {
            m_cluster.write({kube::Create{m_step.desired}, m_options.manager, m_options.dry_run, unknown_fields_of(m_step.options)});
        } catch (const base::Error& error) {
            if (error.code() != base::Code::conflict || !holds_others(m_step)) throw;
            return apply();
        }
        return verb("created");
    }

    std::string replace() {
        m_cluster.write({kube::Replace{m_step.desired}, m_options.manager, m_options.dry_run, unknown_fields_of(m_step.options)});
        return verb("replaced");
    }

    std::string recreate() {
        m_recreated = true;
        if (is_dry()) return verb("deleted and created again");
        const auto ref = kube::ref_of(m_step.live);
        const std::string uid(kube::uid_of(m_step.live));
        m_cluster.remove(ref, {kube::Propagation::background, uid, m_options.dry_run});
        const auto is_gone = [&](const doc::Value* now) { return now == nullptr || kube::uid_of(*now) != uid; };
        if (!wait_until(m_cluster, ref, k_delete_wait, m_stop, is_gone))
            throw base::Error(base::Code::unavailable, "was deleted to be created again, but is still there")
                .hint("look at its metadata.finalizers, then sync again");
        if (m_step.options.replace) create();
        else send();
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
    bool m_recreated = false;
};

/// An apply over another's fields; a replaced object has no fields of others.
bool is_taking(const Step& step, const ExecuteOptions& options) {
    return step.action == Action::update && !step.options.replace && options.on_conflict == kube::OnConflict::take_over;
}

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
        outcome.recreated = writer.recreated();
        outcome.result = step.action == Action::prune ? StepResult::pruned : StepResult::synced;
        if (is_taking(step, options)) outcome.warnings = takings(step.desired, step.live, options.manager);
        writer.settle();
    } catch (const base::Error& error) {
        outcome.result = StepResult::sync_failed;
        outcome.message = told(error, step);
        outcome.unchangeable = is_immutable_field(error);
    }
    return outcome;
}

}  // namespace gitops::deliver
