#include "core/app/compare.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <unordered_set>

#include "core/app/definitions_cluster.hpp"
#include "core/app/destination.hpp"
#include "core/app/live_reads.hpp"
#include "core/app/project/project.hpp"
#include "core/app/resource_scope.hpp"
#include "core/app/settings.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/deliver/compare_options.hpp"
#include "core/deliver/hooks.hpp"
#include "core/deliver/plan_order.hpp"
#include "core/kube/yielding.hpp"
#include "core/rollout/canary_record.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using kube::ResourceKey;

/// Definitions are not in the shared lists: what is shown of them depends on who asks.
std::vector<Value> find_live(LiveObjects& shared, kube::Cluster& cluster, const std::vector<Wanted>& wanted) {
    std::vector<Value> live;
    for (const auto& [gvk, key] : wanted) {
        auto object = is_definition(gvk) ? cluster.get({gvk, key.ns, key.name}) : shared.find(gvk, key);
        if (object) live.push_back(std::move(*object));
    }
    return live;
}

/// Which objects the cluster is to judge: the caller's word, the configuration's, and the compare options of the
/// application and of each object, of which the last one that says anything counts.
class AskServer {
  public:
    AskServer(const Services& services, const Application& application, Predict predict)
        : m_application(deliver::read_compare_options(kube::annotation_of(application.document, deliver::k_compare_options_annotation))),
          m_usual(predict == Predict::on_server ||
                  m_application.server_side.value_or(services.settings && services.settings->server_side_diff)) {}

    bool asks(deliver::Step& step) const {
        if (step.hook || step.desired.is_null() || step.live.is_null() || step.action == deliver::Action::skip) return false;
        const auto own = deliver::read_compare_options(kube::annotation_of(step.desired, deliver::k_compare_options_annotation));
        if (own.include_mutation_webhook || m_application.include_mutation_webhook) step.additions = deliver::Additions::are_changes;
        return own.server_side.value_or(m_usual);
    }

  private:
    deliver::CompareOptions m_application;
    bool m_usual;
};

/// The cluster's own word on the objects it is to judge; what it refuses is told and judged here.
void predict_on_server(kube::Cluster& cluster, deliver::Plan& plan, const AskServer& ask) {
    std::vector<const deliver::Step*> steps;
    for (auto& step : plan.steps)
        if (ask.asks(step)) steps.push_back(&step);
    if (steps.empty()) return;
    std::mutex mutex;
    std::vector<std::string> refused;
    const auto answers = base::parallel_map<Value>(steps, cluster.in_flight(), [&](const deliver::Step* step) {
        try {
            const kube::ApplyOptions how{std::string(deliver::k_manager), kube::OnConflict::take_over, kube::DryRun::yes,
                                         deliver::unknown_fields_of(step->options)};
            return cluster.apply(step->desired, how).object;
        } catch (const Error& error) {
            if (error.code() != Code::invalid && error.code() != Code::denied) throw;
            const std::scoped_lock guard(mutex);
            refused.push_back(step->key.text() + ": the dry run was refused: " + error.message());
            return Value();
        }
    });
    std::vector<Value> predicted;
    std::ranges::copy_if(answers, std::back_inserter(predicted), [](const Value& answer) { return !answer.is_null(); });
    std::ranges::sort(refused);
    plan.warnings.insert(plan.warnings.end(), refused.begin(), refused.end());
    deliver::refine(plan, predicted);
}

/// Kinds that only the cluster knows: the renderer took them for namespaced, the cluster says what they are.
void settle_scopes(kube::Cluster& cluster, std::vector<kube::Manifest>& manifests) {
    auto foreign = [](const kube::Manifest& manifest) { return !kube::find_kind(kube::gvk_of(manifest.object)); };
    if (std::ranges::none_of(manifests, foreign)) return;
    std::set<std::pair<std::string, std::string>> cluster_scoped;
    for (const auto& kind : cluster.kinds())
        if (kind.scope == kube::Scope::cluster) cluster_scoped.emplace(kind.gvk.group, kind.gvk.kind);
    for (auto& manifest : manifests) {
        auto gvk = kube::gvk_of(manifest.object);
        if (cluster_scoped.contains({gvk.group, gvk.kind})) manifest.object.at("metadata").erase("namespace");
    }
}

/// The configuration's exclusions: such objects are no part of any application, and what of them was applied stays.
void leave_out_excluded(const ClusterScope& scope, Comparison& comparison, std::vector<ResourceKey>& inventory) {
    std::erase_if(comparison.rendered.manifests, [&](const kube::Manifest& manifest) {
        const auto key = kube::key_of(manifest.object);
        const auto setting = scope.excluded_by(key.group, key.kind);
        if (setting) comparison.excluded.push_back(key.text() + ": is left out by " + *setting);
        return setting.has_value();
    });
    std::erase_if(inventory, [&](const ResourceKey& key) { return scope.excluded_by(key.group, key.kind).has_value(); });
}

/// What the comparison leaves out: the configuration's rules and the application's.
deliver::IgnoreRules ignore_rules_of(const Services& services, const Application& application) {
    auto rules = services.settings ? services.settings->ignore : deliver::built_in_ignore_rules();
    rules.insert(rules.end(), application.ignore_differences.begin(), application.ignore_differences.end());
    return rules;
}

/// What a canary has scaled and routed is its own while it is there: Git's values wait. Told, so that nobody wonders.
void keep_rollouts(std::vector<kube::Manifest>& desired, const std::vector<Value>& live, std::vector<std::string>& warnings) {
    std::map<ResourceKey, const Value*> by_key;
    for (const auto& object : live) by_key[kube::key_of(object)] = &object;
    for (auto& manifest : desired) {
        const auto twin = by_key.find(kube::key_of(manifest.object));
        if (twin == by_key.end()) continue;
        const auto fields = kube::yield_fields(manifest.object, *twin->second, rollout::k_canary_manager);
        if (!fields.empty()) warnings.push_back(twin->first.text() + ": " + base::join(fields, ", ") + " left to its canary");
    }
}

struct KeySets {
    std::unordered_set<ResourceKey, kube::ResourceKeyHash> desired;
    std::vector<std::pair<kube::Gvk, ResourceKey>> wanted;  ///< desired ones, then what only the inventory has
};

KeySets keys_of(const std::vector<kube::Manifest>& manifests, const deliver::PlanInput& input) {
    KeySets sets;
    for (const auto& manifest : manifests) {
        auto key = kube::key_of(manifest.object);
        if (key.name.empty()) continue;  // a hook that gets its name when it runs
        sets.wanted.emplace_back(kube::gvk_of(manifest.object), key);
        sets.desired.insert(std::move(key));
    }
    for (const auto& key : input.inventory)
        if (!sets.desired.contains(key)) sets.wanted.emplace_back(kube::Gvk{key.group, "", key.kind}, key);
    const ResourceKey ns{"", "Namespace", "", input.destination_namespace};
    if (input.options.create_namespace && !sets.desired.contains(ns)) sets.wanted.emplace_back(kube::Gvk{"", "v1", "Namespace"}, ns);
    return sets;
}

bool is_hook_or_untracked(const deliver::Step& step, const KeySets& sets) {
    if (sets.desired.contains(step.key)) return step.action == deliver::Action::skip && !step.refused;
    return !step.desired.is_null();  // the namespace that CreateNamespace adds
}

ResourceStatus status_of_step(const deliver::Step& step, const deliver::HealthBook& book) {
    ResourceStatus status;
    const Value& known = step.desired.is_null() ? step.live : step.desired;
    status.gvk = kube::gvk_of(known);
    status.key = step.key;
    status.wave = deliver::wave_of(known);  // its own word: a plan mirrors the waves of what it prunes
    status.live = !step.live.is_null();
    status.requires_pruning = step.desired.is_null();
    bool same = !status.requires_pruning && status.live && deliver::is_in_sync(step);
    status.sync = same ? SyncStatus::synced : SyncStatus::out_of_sync;
    if (step.refused) status.sync = SyncStatus::unknown;
    if (status.live) status.health = book.judge(step.live);
    else status.health = deliver::Health{deliver::HealthStatus::missing, ""};
    return status;
}

bool ignores_health(const Value& object) {
    return kube::annotation_of(object, "argocd.argoproj.io/ignore-healthcheck") == "true";
}

/// One row per hook, whatever the number of its phases.
void add_hook(std::vector<ResourceStatus>& hooks, const deliver::Step& step, const deliver::HealthBook& book) {
    const auto same = [&](const ResourceStatus& status) { return !step.key.name.empty() && status.key == step.key; };
    if (std::ranges::any_of(hooks, same)) return;
    ResourceStatus status;
    status.gvk = kube::gvk_of(step.desired);
    status.key = step.key;
    if (step.key.name.empty()) status.key.name = deliver::generated_prefix(step.desired);
    status.wave = step.wave;
    status.live = !step.live.is_null();
    if (status.live) status.health = book.judge(step.live);
    status.hook = step.hook->text;
    hooks.push_back(std::move(status));
}

void judge(Comparison& comparison, const deliver::Plan& full_plan, const KeySets& sets, const deliver::HealthBook& book) {
    std::vector<deliver::HealthPart> parts;
    comparison.sync = SyncStatus::synced;
    for (const auto& step : full_plan.steps) {
        if (step.hook) {
            add_hook(comparison.hooks, step, book);
            continue;
        }
        if (is_hook_or_untracked(step, sets)) {
            // managedNamespaceMetadata: the namespace is nobody's object, and yet not as it should be.
            if (step.action == deliver::Action::update) {
                comparison.sync = SyncStatus::out_of_sync;
                comparison.managed_namespace = step.key.text() + ": " + step.reason;
            }
            continue;
        }
        if (step.foreign) continue;
        auto status = status_of_step(step, book);
        if (status.sync == SyncStatus::out_of_sync && !deliver::is_spared(step))
            comparison.sync = SyncStatus::out_of_sync;
        if (step.refused && comparison.sync == SyncStatus::synced) comparison.sync = SyncStatus::unknown;
        parts.push_back({status.key.text(), status.live ? status.health : std::nullopt, status.live,
                         !ignores_health(step.live)});
        comparison.resources.push_back(std::move(status));
    }
    if (!parts.empty()) comparison.health = deliver::aggregate(parts);
}

/// Objects that were applied to another cluster before the destination changed.
void warn_of_leftovers(const Services& services, const Application& application, Comparison& comparison) {
    for (const auto& cluster : services.state.inventory_clusters(application.instance)) {
        if (cluster == comparison.cluster_name) continue;
        comparison.rendered.warnings.push_back("objects of this application are still on cluster " + cluster +
                                               "; `gitopsctl app delete` takes them there too");
    }
}

void require_match(const deliver::PlanInput& input) {
    if (input.only.empty()) return;
    auto chosen = [&](const ResourceKey& key) { return deliver::selected(input.only, key); };
    bool any = std::ranges::any_of(input.inventory, chosen) || std::ranges::any_of(input.desired, [&](const auto& m) {
                   return chosen(kube::key_of(m.object));
               });
    if (any) return;
    Error error(Code::not_found, "no resource of " + input.app + " matches --resource");
    error.hint("`gitopsctl app resources " + input.app + "` lists them; the form is GROUP:KIND:[NAMESPACE/]NAME");
    throw error;
}

}  // namespace

std::string_view sync_status_name(SyncStatus status) {
    switch (status) {
        case SyncStatus::synced: return "Synced";
        case SyncStatus::out_of_sync: return "OutOfSync";
        case SyncStatus::unknown: return "Unknown";
    }
    return "Unknown";
}

deliver::SyncOptions sync_options_of(const Application& application, const std::vector<std::string>& extra,
                                     std::vector<std::string>& warnings) {
    auto options = deliver::read_sync_options({}, application.sync_policy.sync_options, warnings);
    return deliver::read_sync_options(options, extra, warnings);
}

namespace {

/// {labels, annotations} as metadata has them; null without managedNamespaceMetadata.
Value namespace_metadata_of(const Application& application) {
    const auto& managed = application.sync_policy.namespace_metadata;
    if (managed.empty()) return {};
    Value metadata = Value::map();
    for (const auto& [key, text] : managed.labels) metadata.at("labels").set(key, text);
    for (const auto& [key, text] : managed.annotations) metadata.at("annotations").set(key, text);
    return metadata;
}

}  // namespace

Comparison compare(const Services& services, const Application& application, const CompareRequest& request) {
    Comparison comparison;
    const auto row = cluster_of(services, application.destination.cluster);
    comparison.cluster_name = row.name;
    const ProjectBounds bounds(services, application, row);
    bounds.require();
    auto sources = render_sources(services, application, {request.revision, request.local_dir, request.fetch});
    comparison.revision = sources.revision();
    comparison.rendered = std::move(sources.rendered);
    comparison.health_book = row.kind == "embedded" ? services.health.without_operators() : services.health;
    const auto below = services.open_cluster(row.name);
    comparison.cluster = with_definitions(services, application.name, below);
    comparison.record = std::make_shared<RecordKeeper>(services, application, comparison.cluster, row);
    auto* const shared = services.pass && request.live == Live::shared
                             ? services.pass->live_objects(row.name, below)
                             : nullptr;
    comparison.record->pull(shared);

    deliver::PlanInput input;
    input.app = application.name;
    input.destination_namespace = destination_namespace(application);
    input.inventory = services.state.inventory(application.instance, comparison.cluster_name);
    settle_scopes(*comparison.cluster, comparison.rendered.manifests);
    leave_out_excluded(ClusterScope(services, row), comparison, input.inventory);
    auto& warnings = comparison.rendered.warnings;
    input.options = sync_options_of(application, request.sync_options, warnings);
    const auto sets = keys_of(comparison.rendered.manifests, input);
    input.live = shared != nullptr ? find_live(*shared, *comparison.cluster, sets.wanted) : read_live(*comparison.cluster, sets.wanted);
    input.desired = comparison.rendered.manifests;
    input.ignore = ignore_rules_of(services, application);
    if (services.settings) {
        input.known_types = services.settings->known_types;
        input.masked_annotations = services.settings->masked_annotations;
    }
    keep_rollouts(input.desired, input.live, warnings);
    input.namespace_metadata = namespace_metadata_of(application);
    input.prune = request.prune;
    input.confirmation = request.confirmation;
    input.only = request.only;
    input.refusal = [&bounds](const kube::Gvk&, const ResourceKey& key) { return bounds.refusal(key); };
    require_match(input);
    comparison.plan = deliver::make_plan(input);
    predict_on_server(*comparison.cluster, comparison.plan, AskServer(services, application, request.predict));
    warnings.insert(warnings.end(), comparison.plan.warnings.begin(), comparison.plan.warnings.end());
    for (const auto& [key, owner] : comparison.plan.shared)
        comparison.shared.push_back(key.text() + ": is also part of application \"" + owner + "\"" +
                                    (input.options.fail_on_shared_resource ? "" : "; the last sync wins"));
    warn_of_leftovers(services, application, comparison);
    if (input.only.empty()) {
        judge(comparison, comparison.plan, sets, comparison.health_book);
    } else {
        input.only.clear();
        judge(comparison, deliver::make_plan(input), sets, comparison.health_book);
    }
    return comparison;
}

}  // namespace gitops::app
