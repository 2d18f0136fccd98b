#include "core/deliver/hooks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/unknown_entry.hpp"

namespace gitops::deliver {
namespace {

constexpr std::string_view k_delete_policy = "argocd.argoproj.io/hook-delete-policy";
constexpr std::string_view k_helm_hook = "helm.sh/hook";
constexpr std::string_view k_helm_delete_policy = "helm.sh/hook-delete-policy";
constexpr std::size_t k_short_revision = 7;

struct HookName {
    std::string_view name;
    Phase phase;
};
constexpr std::array k_argo_hooks = {
    HookName{"PreSync", Phase::pre_sync},   HookName{"Sync", Phase::sync},
    HookName{"PostSync", Phase::post_sync}, HookName{"SyncFail", Phase::sync_fail},
    HookName{"PreDelete", Phase::pre_delete}, HookName{"PostDelete", Phase::post_delete},
};
/// Argo CD knows no difference between an installation and an upgrade.
constexpr std::array k_helm_hooks = {
    HookName{"pre-install", Phase::pre_sync},  HookName{"pre-upgrade", Phase::pre_sync},
    HookName{"post-install", Phase::post_sync}, HookName{"post-upgrade", Phase::post_sync},
    HookName{"pre-delete", Phase::pre_delete}, HookName{"post-delete", Phase::post_delete},
};
/// Helm's that Argo CD never runs.
constexpr std::array<std::string_view, 5> k_ignored_helm_hooks = {"test", "test-success", "test-failure", "pre-rollback", "post-rollback"};

std::vector<std::string_view> values_of(std::string_view text) {
    std::vector<std::string_view> values;
    for (const auto part : base::split(text, ','))
        if (const auto value = base::trim(part); !value.empty()) values.push_back(value);
    return values;
}

template <class Names>
void read_phases(HookMark& mark, const std::vector<std::string_view>& values, const Names& names) {
    std::set<Phase> phases;
    for (const auto value : values)
        for (const auto& known : names)
            if (known.name == value) phases.insert(known.phase);
    mark.phases.assign(phases.begin(), phases.end());
}

/// Argo CD's policies, else Helm's; a hook without any is deleted before it is created again.
void read_policies(HookTask& task, const doc::Value& object) {
    task.before_creation = false;
    const auto read = [&](std::string_view annotation, std::string_view before, std::string_view success, std::string_view failure) {
        for (const auto value : values_of(kube::annotation_of(object, annotation))) {
            task.before_creation = task.before_creation || value == before;
            task.on_success = task.on_success || value == success;
            task.on_failure = task.on_failure || value == failure;
        }
        return task.before_creation || task.on_success || task.on_failure;
    };
    if (read(k_delete_policy, "BeforeHookCreation", "HookSucceeded", "HookFailed")) return;
    if (read(k_helm_delete_policy, "before-hook-creation", "hook-succeeded", "hook-failed")) return;
    task.before_creation = true;
}

/// Argo CD's words for policies that it does not know, among those for others.
std::vector<std::string> unknown_policies(const doc::Value& object) {
    const std::vector<std::string> names = {"BeforeHookCreation", "HookSucceeded", "HookFailed"};
    std::vector<std::string> warnings;
    for (const auto value : values_of(kube::annotation_of(object, k_delete_policy)))
        if (std::ranges::find(names, value) == names.end()) warnings.push_back(unknown_entry("hook delete policy", value, names));
    return warnings;
}

std::string unknown_values(std::string_view text, const std::vector<std::string_view>& values) {
    std::vector<std::string> names = {"Skip"};
    for (const auto& known : k_argo_hooks) names.emplace_back(known.name);
    std::string warning = fmt::format("\"{}\" names no phase of a hook, so the object is never applied", text);
    for (const auto value : values)
        if (const auto near = base::near_names(value, names); !near.empty())
            return warning + fmt::format("; did you mean {}?", base::join(near, " or "));
    return warning;
}

/// "PreSync,PostSync": Argo CD's words, also for a hook that Helm's annotations made.
std::string phases_told(const std::vector<Phase>& phases) {
    std::vector<std::string> names;
    for (const Phase phase : phases) names.emplace_back(phase_name(phase));
    return base::join(names, ",");
}

HookMark argo_hook(const doc::Value& object, std::string_view text) {
    HookMark mark;
    const auto values = values_of(text);
    mark.task.text = text;
    read_phases(mark, values, k_argo_hooks);
    read_policies(mark.task, object);
    mark.warnings = unknown_policies(object);
    if (!mark.phases.empty()) return mark;
    const bool skip = values.size() == 1 && values.front() == "Skip";
    mark.why_none = skip ? "marked as Skip" : "is a hook of no known phase";
    if (!skip) mark.warnings.insert(mark.warnings.begin(), unknown_values(text, values));
    return mark;
}

/// As far as Argo CD spells phases and revisions into a name.
std::string generated_suffix(const HookOperation& operation, Phase phase) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(operation.started).time_since_epoch().count();
    auto text = base::lower(fmt::format("{}-{}-{}", operation.revision.substr(0, k_short_revision), phase_name(phase), seconds));
    const auto legal = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    std::replace_if(text.begin(), text.end(), [&](char c) { return !legal(c); }, '-');
    return text.starts_with('-') ? text.substr(1) : text;  // rendered from a folder: no revision
}

std::string operation_id(const HookOperation& operation) {
    return fmt::format("{}-{}", operation.app, operation.started.time_since_epoch().count());
}

/// Without Argo CD's finalizer; nullopt when it has none.
std::optional<doc::Value> without_hook_finalizer(const doc::Value& object) {
    const auto* finalizers = object.path("metadata", "finalizers");
    if (finalizers == nullptr || !finalizers->is_list()) return std::nullopt;
    auto kept = doc::Value::list();
    for (const auto& finalizer : finalizers->items())
        if (finalizer.text() != k_hook_finalizer) kept.push_back(finalizer);
    return kept.size() == finalizers->size() ? std::nullopt : std::optional(std::move(kept));
}

/// Two hooks of one prefix and phase get different names, or the second would be taken for the first, which ran.
void name_hook(Step& step, const HookOperation& operation, std::map<kube::ResourceKey, int>& named) {
    if (!step.key.name.empty()) return;
    step.key.name = std::string(generated_prefix(step.desired)) + generated_suffix(operation, step.phase);
    if (const int earlier = named[step.key]++; earlier > 0) step.key.name += fmt::format("-{}", earlier + 1);
    step.desired.at("metadata").set("name", step.key.name);
    step.desired.at("metadata").erase("generateName");
}

}  // namespace

std::optional<HookMark> hook_of(const doc::Value& object) {
    const auto* annotations = object.path("metadata", "annotations");
    const auto* argo = annotations == nullptr ? nullptr : annotations->find(k_hook_annotation);
    if (argo != nullptr && argo->is_string()) return argo_hook(object, argo->text());
    const auto text = kube::annotation_of(object, k_helm_hook);
    const auto values = values_of(text);
    if (values.empty() || std::ranges::find(values, "crd-install") != values.end()) return std::nullopt;
    HookMark mark;
    mark.task.text = text;
    read_phases(mark, values, k_helm_hooks);
    read_policies(mark.task, object);
    if (!mark.phases.empty()) {
        mark.task.text = phases_told(mark.phases);
        return mark;
    }
    const auto ignored = [](std::string_view value) { return std::ranges::find(k_ignored_helm_hooks, value) != k_ignored_helm_hooks.end(); };
    const bool known = std::ranges::all_of(values, ignored);
    mark.why_none = known ? fmt::format("Helm's {} hook, which no sync runs", text) : "is a hook of no known phase";
    if (!known) mark.warnings.push_back(fmt::format("\"{}\" names no hook of Helm, so the object is never applied", text));
    return mark;
}

bool keeps_by_helm(const doc::Value& object) { return kube::annotation_of(object, "helm.sh/resource-policy") == "keep"; }

std::string_view generated_prefix(const doc::Value& object) {
    const auto* prefix = object.path("metadata", "generateName");
    return prefix == nullptr ? std::string_view{} : prefix->text();
}

void drop_annotation(doc::Value& object, std::string_view key) {
    if (kube::annotation_of(object, key).empty()) return;
    object.at("metadata").at("annotations").erase(key);
}

void begin_hooks(Plan& plan, const HookOperation& operation) {
    std::map<kube::ResourceKey, int> named;
    for (auto& step : plan.steps) {
        if (!step.hook || step.action == Action::skip) continue;
        name_hook(step, operation, named);
        step.hook->run = fmt::format("{}/{}", operation_id(operation), phase_name(step.phase));
        kube::set_annotation(step.desired, k_hook_run_annotation, step.hook->run);
        if (auto finalizers = without_hook_finalizer(step.desired)) {
            if (finalizers->empty()) step.desired.at("metadata").erase("finalizers");
            else step.desired.at("metadata").set("finalizers", std::move(*finalizers));
        }
    }
}

void leave_out_hooks(Plan& plan, std::string_view why) {
    for (auto& step : plan.steps) {
        if (!step.hook || step.action == Action::skip) continue;
        step.action = Action::skip;
        step.reason = fmt::format("{} hook; {}", phase_name(step.phase), why);
    }
}

Plan hooks_of_phase(const Plan& plan, Phase phase) {
    Plan picked;
    for (const auto& step : plan.steps) {
        if (!step.hook || step.phase != phase || step.refused) continue;
        picked.steps.push_back(step);
        picked.steps.back().action = Action::create;
    }
    return picked;
}

bool is_hook_of_app(const doc::Value& live, std::string_view app) {
    auto mark = kube::annotation_of(live, k_hook_run_annotation);
    if (!mark.starts_with(app) || mark.size() <= app.size() || mark[app.size()] != '-') return false;
    mark.remove_prefix(app.size() + 1);
    const auto digits = mark.substr(0, mark.find('/'));
    return digits.size() < mark.size() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

HookProgress progress_of(const Step& step, const doc::Value& live) {
    const auto mark = kube::annotation_of(live, k_hook_run_annotation);
    const std::string_view run = step.hook->run;
    if (run.empty() || mark.empty()) return HookProgress::not_begun;
    if (mark == run) return HookProgress::begun;
    const auto operation = run.substr(0, run.rfind('/') + 1);
    if (!mark.starts_with(operation)) return HookProgress::not_begun;
    for (const auto& known : k_argo_hooks)
        if (known.name == mark.substr(operation.size())) return known.phase > step.phase ? HookProgress::passed : HookProgress::not_begun;
    return HookProgress::not_begun;
}

void release_hook(kube::Cluster& cluster, const doc::Value& live, std::string_view manager) {
    auto kept = without_hook_finalizer(live);
    if (!kept) return;
    const auto patch = doc::Value::map({{"metadata", doc::Value::map({{"finalizers", std::move(*kept)}})}});
    try {
        cluster.write({kube::Patch{kube::ref_of(live), kube::PatchKind::merge, patch, "", ""}, std::string(manager), kube::DryRun::no});
    } catch (const base::Error& error) {
        if (error.code() != base::Code::not_found) throw;
    }
}

bool delete_hook(kube::Cluster& cluster, const doc::Value& live, std::string_view manager) {
    release_hook(cluster, live, manager);
    return cluster.remove(kube::ref_of(live), {kube::Propagation::background, std::string(kube::uid_of(live)), kube::DryRun::no});
}

}  // namespace gitops::deliver
