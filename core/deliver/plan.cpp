#include "core/deliver/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/applicable.hpp"
#include "core/deliver/compare_options.hpp"
#include "core/deliver/diff.hpp"
#include "core/deliver/hooks.hpp"
#include "core/deliver/ignore_places.hpp"
#include "core/deliver/plan_order.hpp"
#include "core/kube/catalog.hpp"
#include "core/kube/normal_form.hpp"
#include "core/kube/schema.hpp"
#include "core/kube/unknown_fields.hpp"

namespace gitops::deliver {
namespace {

constexpr std::size_t k_named_fields = 3;

std::vector<std::string> annotated_options(const doc::Value& object) {
    std::vector<std::string> entries;
    for (const auto part : base::split(kube::annotation_of(object, k_sync_options_annotation), ','))
        entries.emplace_back(part);
    return entries;
}

std::string differs_in(std::vector<std::string> paths) {
    const auto count = paths.size();
    paths.resize(std::min(count, k_named_fields));
    auto text = fmt::format("differs in {}", base::join(paths, ", "));
    if (count > paths.size()) text += fmt::format(" and {} more", count - paths.size());
    return text;
}

/// Update or unchanged, by the fields that differ. Ignored ones do not count for what is in sync, but a sync writes what
/// Git says all the same (ApplyOutOfSyncOnly: only what is out of sync).
void settle(Step& step, DifferingPaths paths) {
    step.overwrites_ignored = paths.counted.empty() && !paths.ignored.empty() && !step.options.apply_out_of_sync_only;
    step.action = paths.counted.empty() && !step.overwrites_ignored ? Action::unchanged : Action::update;
    step.reason.clear();
    if (step.overwrites_ignored) step.reason = "in sync; overwrites what ignoreDifferences names, as it " + differs_in(std::move(paths.ignored));
    else if (!paths.counted.empty()) step.reason = differs_in(std::move(paths.counted));
}

/// `error`, with the file it is about and the object.
base::Error placed(const base::Error& error, const kube::Manifest& manifest, const kube::ResourceKey& key) {
    auto out = error;
    const int line = static_cast<int>(manifest.object.line());
    return out.at({manifest.file, error.place().line > 0 ? error.place().line : line, 0})
        .note(fmt::format("while comparing {}", key.text()));
}

class Planner {
  public:
    explicit Planner(const PlanInput& input) : m_input(input) {
        for (const auto& object : input.live) m_live.emplace(kube::key_of(object), &object);
        for (const auto& manifest : input.desired)
            if (kube::kind_of(manifest.object) == "CustomResourceDefinition")
                for (const auto& kind : kube::kinds_of_crd(manifest.object))
                    m_defined.insert_or_assign({kind.gvk.group, kind.gvk.kind}, kind.scope);
    }

    Plan run() {
        m_plan.steps.reserve(m_input.desired.size());
        for (const auto& manifest : m_input.desired) add_desired(manifest);
        add_destination_namespace();
        refuse_forbidden();
        add_prunes();
        order_steps(m_plan.steps);
        std::sort(m_plan.warnings.begin(), m_plan.warnings.end());
        m_plan.warnings.erase(std::unique(m_plan.warnings.begin(), m_plan.warnings.end()), m_plan.warnings.end());
        return std::move(m_plan);
    }

  private:
    const doc::Value* live_at(const kube::ResourceKey& key) const {
        const auto found = m_live.find(key);
        return found == m_live.end() ? nullptr : found->second;
    }

    void warn(const kube::ResourceKey& key, std::string_view text) {
        m_plan.warnings.push_back(fmt::format("{}: {}", key.text(), text));
    }

    bool is_cluster_scoped(const kube::Gvk& gvk, kube::ResourceKey key) const {
        if (const auto defined = m_defined.find({gvk.group, gvk.kind}); defined != m_defined.end())
            return defined->second == kube::Scope::cluster;
        if (kube::scope_of(gvk) == kube::Scope::cluster) return true;
        key.ns.clear();  // a custom kind nobody here defines: as the cluster has it
        return live_at(key) != nullptr;
    }

    /// The manifest's identity in the cluster: with the destination namespace where it lacks one, without where its
    /// kind has none.
    kube::ResourceKey settle_namespace(doc::Value& object) const {
        auto key = kube::key_of(object);
        const auto wanted = is_cluster_scoped(kube::gvk_of(object), key) ? std::string{}
                            : key.ns.empty()                             ? m_input.destination_namespace
                                                                         : key.ns;
        const auto written = kube::namespace_of(object);
        if (wanted.empty() && !written.empty()) object.at("metadata").erase("namespace");
        else if (wanted != written) kube::set_namespace(object, wanted);
        key.ns = wanted;
        return key;
    }

    void claim(const kube::ResourceKey& key, const kube::Manifest& manifest) {
        const auto [earlier, fresh] = m_claimed.emplace(key, &manifest);
        if (fresh) return;
        const auto place = [](const kube::Manifest& one) { return fmt::format("{}:{}", one.file, one.object.line()); };
        auto first = place(*earlier->second), second = place(manifest);
        if (second < first) std::swap(first, second);
        throw base::Error(base::Code::invalid, fmt::format("{} is defined twice", key.text()))
            .note(fmt::format("in {} and in {}", first, second))
            .hint("remove or rename one of them");
    }

    void add_desired(const kube::Manifest& manifest) {
        Step step;
        step.masked = m_input.masked_annotations;
        step.desired = applicable(manifest.object);
        step.key = settle_namespace(step.desired);
        if (!selected(m_input.only, step.key)) {
            m_claimed.emplace(step.key, &manifest);
            return;
        }
        step.wave = wave_of(step.desired);
        if (const auto problem = wave_problem(step.desired)) warn(step.key, *problem);
        if (const auto mark = hook_of(step.desired)) {
            claim_hook(step, manifest);
            const auto key = step.key;
            try {
                return add_hook(std::move(step), *mark);
            } catch (const base::Error& error) {
                throw placed(error, manifest, key);
            }
        }
        if (step.key.name.empty()) {
            step.action = Action::skip;
            step.reason = "has generateName but no name";
            warn(step.key, "has generateName but no name and is skipped: only hooks may");
            m_plan.steps.push_back(std::move(step));
            return;
        }
        claim(step.key, manifest);
        read_options(step);
        for (const auto& warning : unknown_compare_options(kube::annotation_of(step.desired, k_compare_options_annotation)))
            warn(step.key, warning);
        drop_unknown(step);
        // Argo CD puts no tracking id on definitions: they are never pruned, and their objects not lost with them.
        if (step.key.kind != "CustomResourceDefinition")
            kube::set_annotation(step.desired, k_tracking_annotation,
                                 tracking_id(m_input.app, step.key, m_input.destination_namespace));
        try {
            decide(step);
        } catch (const base::Error& error) {
            throw placed(error, manifest, step.key);
        }
        m_plan.steps.push_back(std::move(step));
    }

    /// Of hooks with generateName there may be several.
    void claim_hook(const Step& step, const kube::Manifest& manifest) {
        if (!step.key.name.empty()) return claim(step.key, manifest);
        if (generated_prefix(step.desired).empty())
            throw base::Error(base::Code::invalid, fmt::format("a {} hook has neither name nor generateName", step.key.kind))
                .at({manifest.file, static_cast<int>(manifest.object.line()), 0});
    }

    /// One step per phase of the hook; one that is told to be skipped where it has none, or none that a sync knows.
    void add_hook(Step step, const HookMark& mark) {
        read_options(step);
        drop_unknown(step);
        step.hook = mark.task;
        step.phase = Phase::sync;
        step.action = Action::skip;
        drop_annotation(step.desired, k_tracking_annotation);
        if (!mark.phases.empty() && step.options.validate)
            kube::checked(step.desired, kube::Schema::kubernetes().root(kube::gvk_of(step.desired)));
        if (const auto* live = live_at(step.key); live != nullptr && !step.key.name.empty()) step.live = *live;
        for (const auto& warning : mark.warnings) warn(step.key, warning);
        if (mark.phases.empty()) {
            step.reason = mark.why_none;
            m_plan.steps.push_back(std::move(step));
            return;
        }
        for (const auto phase : mark.phases) {
            auto run = step;
            run.phase = phase;
            const bool of_sync = phase < Phase::pre_delete;
            if (of_sync) run.action = run.live.is_null() || run.hook->before_creation ? Action::create : Action::update;
            run.reason = fmt::format("{} hook", phase_name(phase));
            if (!of_sync) run.reason += "; runs when the application is deleted";
            else if (!run.live.is_null() && run.hook->before_creation) run.reason += "; the one of an earlier sync is deleted first";
            m_plan.steps.push_back(std::move(run));
        }
    }

    void read_options(Step& step) {
        std::vector<std::string> warnings;
        step.options = read_sync_options(m_input.options, annotated_options(step.desired), warnings);
        if (const auto* live = live_at(step.key)) {
            std::vector<std::string> ignored;
            step.options.replace |= read_sync_options({}, annotated_options(*live), ignored).replace;
        }
        for (const auto& warning : warnings) warn(step.key, warning);
    }

    /// As a server that does not validate will; what it would refuse is not compared either.
    void drop_unknown(Step& step) {
        if (step.options.validate) return;
        std::vector<std::string> dropped;
        step.desired = kube::without_unknown_fields(step.desired, kube::Schema::kubernetes().root(kube::gvk_of(step.desired)), dropped);
        for (const auto& path : dropped) warn(step.key, fmt::format("unknown field {} is left out (Validate=false)", path));
    }

    void decide(Step& step) {
        const auto* live = live_at(step.key);
        if (live == nullptr) {
            // As the cluster will, before anything is applied.
            if (step.options.validate) kube::checked(step.desired, kube::Schema::kubernetes().root(kube::gvk_of(step.desired)));
            step.action = Action::create;
            step.reason = "does not exist";
            return;
        }
        step.live = *live;
        step.ignore = rules_for(m_input.ignore, step.key);
        step.typed = typed_fields_of(step.key, m_input.known_types);
        if (step.options.respect_ignore_differences && !step.ignore.empty()) {
            const std::string ours(kube::annotation_of(step.desired, k_tracking_annotation));
            step.desired = with_live_values(step.desired, step.live, step.ignore);
            if (!ours.empty()) kube::set_annotation(step.desired, k_tracking_annotation, ours);  // whatever is ignored
        }
        auto paths = differing_paths(step.desired, step.live, terms_of(step));
        for (const auto& trouble : paths.troubles) warn(step.key, trouble);
        settle(step, std::move(paths));
        if (const auto owner = tracked_by(step.live); owner && *owner != m_input.app) m_plan.shared.emplace(step.key, *owner);
    }

    void add_destination_namespace() {
        const auto& ns = m_input.destination_namespace;
        const kube::ResourceKey key{"", "Namespace", "", ns};
        if (!m_input.options.create_namespace || ns.empty()) return;
        const auto* live = live_at(key);
        const bool is_managed = !m_input.namespace_metadata.is_null();
        if (m_claimed.contains(key) || (live != nullptr && !is_managed)) return;
        Step step;
        step.action = Action::create;
        step.phase = Phase::pre_sync;
        step.key = key;
        step.options = m_input.options;
        step.reason = "CreateNamespace=true";
        step.desired = doc::Value::map(
            {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", doc::Value::map({{"name", ns}})}});
        if (is_managed)
            for (const auto& entry : m_input.namespace_metadata.entries())
                if (!entry.value.empty()) step.desired.at("metadata").set(entry.name(), entry.value);
        if (live != nullptr) {
            step.live = *live;
            std::vector<std::string> paths;
            for (auto& change : changes_of(step)) paths.push_back(std::move(change.path));
            step.action = paths.empty() ? Action::unchanged : Action::update;
            step.reason = paths.empty() ? "" : "managedNamespaceMetadata " + differs_in(std::move(paths));
        }
        m_plan.steps.push_back(std::move(step));
    }

    void refuse_forbidden() {
        if (!m_input.refusal) return;
        for (auto& step : m_plan.steps) {
            auto why = m_input.refusal(kube::gvk_of(step.desired), step.key);
            if (!why) continue;
            step.action = Action::skip;
            step.refused = true;
            step.reason = std::move(*why);
        }
    }

    void add_prunes() {
        const std::unordered_set<kube::ResourceKey, kube::ResourceKeyHash> inventory(m_input.inventory.begin(),
                                                                                    m_input.inventory.end());
        for (const auto& [key, live] : m_live) {
            if (m_claimed.contains(key) || !selected(m_input.only, key) || hook_of(*live)) continue;
            const auto owner = tracked_by(*live);
            const bool listed = inventory.contains(key);
            const bool tracked = owner == m_input.app;
            if (!listed && !tracked) continue;
            if (!listed) warn(key, "carries our tracking id but was not applied by the last sync; it is left alone");
            else if (!tracked) warn(key, "was applied by the last sync but no longer carries our tracking id; it is left alone");
            else add_prune(key, *live);
        }
    }

    /// Why a Namespace that left Git stays: it would take along what is in it, objects of others included. Empty for
    /// everything that may go.
    std::string kept_because(const kube::ResourceKey& key) const {
        if (key.kind != "Namespace" || !key.group.empty()) return {};
        if (key.name == m_input.destination_namespace) return "is the destination namespace, which is never pruned";
        const auto inside = [&](const auto& claim) { return claim.first.ns == key.name; };
        if (std::none_of(m_claimed.begin(), m_claimed.end(), inside)) return {};
        return "holds objects of this application, so it is not pruned";
    }

    void add_prune(const kube::ResourceKey& key, const doc::Value& live) {
        Step step;
        step.key = key;
        step.masked = m_input.masked_annotations;
        step.live = live;
        step.wave = wave_of(live);
        std::vector<std::string> ignored;
        step.options = read_sync_options(m_input.options, annotated_options(live), ignored);
        step.action = Action::skip;
        const auto forbidden = m_input.refusal ? m_input.refusal(kube::gvk_of(live), key) : std::nullopt;
        if (auto kept = forbidden ? *forbidden : kept_because(key); !kept.empty()) {
            step.options.prune = false;  // nor does it wait for a sync that prunes
            step.foreign = forbidden.has_value();
            step.reason = std::move(kept);
        } else if (!step.options.prune) step.reason = "ignored (no prune)";
        else if (keeps_by_helm(live)) {
            step.options.prune = false;
            step.reason = "ignored (helm.sh/resource-policy: keep)";
        }
        else if (kube::is_being_deleted(live)) step.reason = "is being deleted";
        else if (m_input.prune == PrunePolicy::keep)
            step.reason = is_spared(step) ? "no longer in Git, but spared (IgnoreExtraneous)" : "requires pruning, but pruning is off";
        else if (step.options.confirm_prune && m_input.confirmation == Confirmation::needed) {
            step.unconfirmed = true;
            step.reason = "requires confirmation of its deletion (Prune=confirm)";
        } else {
            step.action = Action::prune;
            step.reason = "no longer in Git";
        }
        m_plan.steps.push_back(std::move(step));
    }

    const PlanInput& m_input;
    Plan m_plan;
    std::unordered_map<kube::ResourceKey, const doc::Value*, kube::ResourceKeyHash> m_live;
    std::unordered_map<kube::ResourceKey, const kube::Manifest*, kube::ResourceKeyHash> m_claimed;
    std::map<std::pair<std::string, std::string>, kube::Scope> m_defined;
};

}  // namespace

std::string_view phase_name(Phase phase) {
    switch (phase) {
        case Phase::pre_sync: return "PreSync";
        case Phase::sync: return "Sync";
        case Phase::post_sync: return "PostSync";
        case Phase::sync_fail: return "SyncFail";
        case Phase::pre_delete: return "PreDelete";
        case Phase::post_delete: return "PostDelete";
    }
    return "";
}

std::string_view action_name(Action action) {
    switch (action) {
        case Action::create: return "create";
        case Action::update: return "update";
        case Action::prune: return "prune";
        case Action::unchanged: return "unchanged";
        case Action::skip: return "skip";
    }
    return "";
}

bool Plan::empty() const {
    return std::all_of(steps.begin(), steps.end(), [](const Step& step) {
        return step.hook || step.action == Action::unchanged || step.action == Action::skip;
    });
}

bool Plan::runs_hooks() const {
    return std::any_of(steps.begin(), steps.end(), [](const Step& step) { return step.hook && step.action != Action::skip; });
}

Plan make_plan(const PlanInput& input) {
    if (input.app.empty() || input.app.find_first_of(":/") != std::string::npos)
        throw base::Error(base::Code::invalid, fmt::format("\"{}\" is no name for an application", input.app));
    return Planner(input).run();
}

void refine(Plan& plan, const std::vector<doc::Value>& predicted) {
    std::unordered_map<kube::ResourceKey, const doc::Value*, kube::ResourceKeyHash> answers;
    for (const auto& object : predicted) answers.emplace(kube::key_of(object), &object);
    for (auto& step : plan.steps) {
        if (step.hook || (step.action != Action::update && step.action != Action::unchanged)) continue;
        const auto answer = answers.find(step.key);
        if (answer == answers.end()) continue;
        step.predicted = *answer->second;
        settle(step, differing_paths_with(step.predicted, step.desired, step.live, terms_of(step)));
    }
}

}  // namespace gitops::deliver
