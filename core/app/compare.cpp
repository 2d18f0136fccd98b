#include "core/app/compare.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <unordered_set>

#include "core/app/destination.hpp"
#include "core/app/live_reads.hpp"
#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/kube/yielding.hpp"
#include "core/rollout/canary_record.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using kube::ResourceKey;

struct LocalTree {
    std::string root;
    std::string path;
};

/// A directory on disk is rendered inside its repository (or the whole disk), so that "../base" is found.
LocalTree enclosing_tree(const std::string& directory) {
    namespace fs = std::filesystem;
    std::error_code error;
    fs::path path = fs::canonical(directory, error);
    if (error) throw Error(Code::not_found, "there is no directory " + directory);
    fs::path root = path;
    while (root.has_relative_path() && !fs::exists(root / ".git", error)) root = root.parent_path();
    auto inside = path.lexically_relative(root).generic_string();
    return {root.string(), inside == "." ? "" : inside};
}

render::Request request_for(const Application& application, std::string path) {
    render::Request request;
    request.path = std::move(path);
    request.directory = application.source.directory;
    request.kustomize = application.source.kustomize;
    request.destination_namespace = destination_namespace(application);
    return request;
}

std::vector<Value> find_live(LiveObjects& shared, const std::vector<Wanted>& wanted) {
    std::vector<Value> live;
    for (const auto& [gvk, key] : wanted)
        if (auto object = shared.find(gvk, key)) live.push_back(std::move(*object));
    return live;
}

/// The cluster's own word on every object it has; what it refuses is told and judged here.
void predict_on_server(kube::Cluster& cluster, deliver::Plan& plan) {
    std::vector<const deliver::Step*> steps;
    for (const auto& step : plan.steps)
        if (!step.desired.is_null() && !step.live.is_null() && step.action != deliver::Action::skip) steps.push_back(&step);
    std::mutex mutex;
    std::vector<std::string> refused;
    const auto answers = base::parallel_map<Value>(steps, cluster.in_flight(), [&](const deliver::Step* step) {
        try {
            return cluster.apply(step->desired, {std::string(deliver::k_manager), kube::OnConflict::take_over, kube::DryRun::yes}).object;
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

bool applies(const IgnoreRule& rule, const ResourceKey& key) {
    auto glob = [](const std::string& pattern, const std::string& text) {
        return pattern.empty() ? text.empty() : base::glob_match(pattern, text, base::GlobMode::name);
    };
    return glob(rule.group, key.group) && glob(rule.kind, key.kind) && (rule.name.empty() || rule.name == key.name) &&
           (rule.ns.empty() || rule.ns == key.ns);
}

void put(Value& root, const doc::Pointer& pointer, const Value& value) {
    Value* node = &root;
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        if (node->is_list()) {
            auto index = Value::number(Value::Kind::integer, pointer[i]).to_int();
            if (!index || *index < 0 || static_cast<std::size_t>(*index) >= node->size()) return;
            node = &node->item(static_cast<std::size_t>(*index));
        } else if (node->is_map() || node->is_null()) {
            node = &node->at(pointer[i]);
        } else {
            return;
        }
    }
    *node = value;
}

/// ignoreDifferences: where the live object exists its value stands in for Git's, so the field is neither a difference
/// nor overwritten (Argo CD's RespectIgnoreDifferences; a first creation uses Git's value).
void keep_ignored(const Application& application, std::vector<kube::Manifest>& desired,
                  const std::vector<Value>& live) {
    if (application.ignore_differences.empty()) return;
    std::map<ResourceKey, const Value*> by_key;
    for (const auto& object : live) by_key[kube::key_of(object)] = &object;
    for (auto& manifest : desired) {
        auto key = kube::key_of(manifest.object);
        auto twin = by_key.find(key);
        if (twin == by_key.end()) continue;
        for (const auto& rule : application.ignore_differences) {
            if (!applies(rule, key)) continue;
            for (const auto& pointer : rule.pointers) {
                const Value* value = doc::find(*twin->second, pointer);
                if (value != nullptr) put(manifest.object, pointer, *value);
                else doc::remove(manifest.object, pointer);
            }
        }
    }
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
    if (sets.desired.contains(step.key)) return step.action == deliver::Action::skip;
    return !step.desired.is_null();  // the namespace that CreateNamespace adds
}

ResourceStatus status_of_step(const deliver::Step& step, const deliver::HealthBook& book) {
    ResourceStatus status;
    const Value& known = step.desired.is_null() ? step.live : step.desired;
    status.gvk = kube::gvk_of(known);
    status.key = step.key;
    status.wave = step.wave;
    status.live = !step.live.is_null();
    status.requires_pruning = step.desired.is_null();
    bool same = !status.requires_pruning && status.live && step.action == deliver::Action::unchanged;
    status.sync = same ? SyncStatus::synced : SyncStatus::out_of_sync;
    if (status.live) status.health = book.judge(step.live);
    else status.health = deliver::Health{deliver::HealthStatus::missing, ""};
    return status;
}

bool is_extraneous_by_choice(const deliver::Step& step) {
    return step.desired.is_null() &&
           kube::annotation_of(step.live, deliver::k_compare_options_annotation).find("IgnoreExtraneous") !=
               std::string_view::npos;
}

bool ignores_health(const Value& object) {
    return kube::annotation_of(object, "argocd.argoproj.io/ignore-healthcheck") == "true";
}

void judge(Comparison& comparison, const deliver::Plan& full_plan, const KeySets& sets, const deliver::HealthBook& book) {
    std::vector<deliver::HealthPart> parts;
    comparison.sync = SyncStatus::synced;
    for (const auto& step : full_plan.steps) {
        if (is_hook_or_untracked(step, sets)) continue;
        auto status = status_of_step(step, book);
        if (status.sync == SyncStatus::out_of_sync && !is_extraneous_by_choice(step))
            comparison.sync = SyncStatus::out_of_sync;
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

void fetch(const Services& services, const std::string& url, io::GitRepo& repo) {
    if (services.pass) services.pass->fetch_once(url, [&] { repo.fetch(); });
    else repo.fetch();
}

render::Rendered render_source(const Services& services, const Application& application,
                               const CompareRequest& request, base::Revision& revision) {
    if (!request.local_dir.empty()) {
        auto local = enclosing_tree(request.local_dir);
        return render::render(base::DiskTree(local.root), request_for(application, local.path));
    }
    auto repo = services.open_repo(application.source.repo_url);
    if (request.fetch == Fetch::remote) fetch(services, application.source.repo_url, *repo);
    revision = target_revision(services, application, *repo, request.revision);
    return render_application(application, *repo->tree(revision.sha));
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

base::Revision target_revision(const Services& services, const Application& application, io::GitRepo& repo,
                               const std::string& override_revision) {
    std::string wanted = override_revision;
    if (wanted.empty()) wanted = services.state.state(application.instance).pinned_revision;
    if (wanted.empty()) wanted = application.source.target_revision;
    return repo.resolve(wanted);
}

render::Rendered render_application(const Application& application, const base::FileTree& tree) {
    auto path = base::normalise_path(application.source.path);
    if (!path) {
        Error error(Code::invalid, "spec.source.path \"" + application.source.path + "\" leaves the repository");
        error.hint("give a path relative to the root of the repository");
        throw error;
    }
    return render::render(tree, request_for(application, *path));
}

deliver::SyncOptions sync_options_of(const Application& application, const std::vector<std::string>& extra,
                                     std::vector<std::string>& warnings) {
    auto options = deliver::read_sync_options({}, application.sync_policy.sync_options, warnings);
    return deliver::read_sync_options(options, extra, warnings);
}

Comparison compare(const Services& services, const Application& application, const CompareRequest& request) {
    Comparison comparison;
    const auto row = cluster_of(services, application.destination.cluster);
    comparison.cluster_name = row.name;
    comparison.rendered = render_source(services, application, request, comparison.revision);
    comparison.cluster = services.open_cluster(row.name);
    comparison.record = std::make_shared<RecordKeeper>(services, application, comparison.cluster, row);
    auto* const shared = services.pass && request.live == Live::shared
                             ? services.pass->live_objects(row.name, comparison.cluster)
                             : nullptr;
    comparison.record->pull(shared);

    deliver::PlanInput input;
    input.app = application.name;
    input.destination_namespace = destination_namespace(application);
    input.inventory = services.state.inventory(application.instance, comparison.cluster_name);
    settle_scopes(*comparison.cluster, comparison.rendered.manifests);
    auto& warnings = comparison.rendered.warnings;
    input.options = sync_options_of(application, request.sync_options, warnings);
    const auto sets = keys_of(comparison.rendered.manifests, input);
    input.live = shared != nullptr ? find_live(*shared, sets.wanted) : read_live(*comparison.cluster, sets.wanted);
    input.desired = comparison.rendered.manifests;
    keep_ignored(application, input.desired, input.live);
    keep_rollouts(input.desired, input.live, warnings);
    input.prune = request.prune;
    input.only = request.only;
    require_match(input);
    comparison.plan = deliver::make_plan(input);
    if (request.predict == Predict::on_server) predict_on_server(*comparison.cluster, comparison.plan);
    warnings.insert(warnings.end(), comparison.plan.warnings.begin(), comparison.plan.warnings.end());
    warn_of_leftovers(services, application, comparison);
    if (input.only.empty()) {
        judge(comparison, comparison.plan, sets, services.health);
    } else {
        input.only.clear();
        judge(comparison, deliver::make_plan(input), sets, services.health);
    }
    return comparison;
}

}  // namespace gitops::app
