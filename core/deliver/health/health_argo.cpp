// Argo Rollouts, Workflows, Events, Image Updater, ApplicationSets, and Numaflow with Numaplane. The Promoter and Rollouts
// themselves, which need more than clauses, are in files of their own.
#include "core/deliver/health/health_families.hpp"

namespace gitops::deliver {
namespace {

constexpr Clause k_analysis[] = {
    {".status.phase=Successful", k_healthy},
    {".status.phase=Failed|Error", k_degraded},
    {".status.phase=Inconclusive", k_unknown},
    {"else", k_waiting},
};
constexpr Clause k_cron_workflow[] = {
    {"@SpecError|SubmissionError=True", k_degraded},
    {"@Completed=True", k_healthy},
    {"else", k_healthy},
};
constexpr Clause k_event_bus[] = {
    {"@Deployed=False", k_degraded},
    {"@Deployed=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_application_set[] = {
    {"ErrorOccurred=True", k_degraded},
    {"ResourcesUpToDate=False", k_degraded},
    {"RolloutProgressing=True", k_waiting},
    {"ResourcesUpToDate=True", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_image_updater[] = {
    {"stale", k_waiting},
    {"Error=True", k_degraded},
    {"Reconciling=True", k_waiting},
    {"Ready=True", k_healthy},
    {"Ready=False", k_degraded},
    {"else", k_waiting},
};

constexpr std::string_view k_upgrade_failed = "label numaplane.numaproj.io/progressive-result-state=failed";
constexpr Clause k_buffer_service[] = {
    {"unobserved", k_waiting},
    {"*=False", k_degraded},
    {".status.phase=Failed", k_degraded},
    {k_upgrade_failed, k_degraded, "the progressive upgrade failed"},
    {".status.phase=Running", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_numaflow[] = {
    {"unobserved", k_waiting},
    {"*=False", k_degraded},
    {".status.phase=Failed", k_degraded},
    {k_upgrade_failed, k_degraded, "the progressive upgrade failed"},
    {".status.phase=Paused|Running", k_healthy},
    {".kind=Pipeline&.status.phase=Pausing", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_vertex[] = {
    {"unobserved", k_waiting},
    {"*=False", k_degraded},
    {".status.phase=Failed", k_degraded},
    {".status.phase=Paused|Running", k_healthy},
    {"else", k_waiting},
};
constexpr Clause k_buffer_rollout[] = {
    {"unobserved", k_waiting},
    {".status.upgradeInProgress&!ProgressiveUpgradeSucceeded=False", k_waiting, "an upgrade is in progress"},
    {".status.phase=Pending&!ProgressiveUpgradeSucceeded=False", k_waiting},
    {"ChildResourcesHealthy=False:Progressing", k_waiting},
    {".status.phase=Failed", k_degraded},
    {"ChildResourcesHealthy=False:ISBSvcFailed", k_degraded},
    {"ProgressiveUpgradeSucceeded=False", k_degraded},
    {"ChildResourcesHealthy=True", k_healthy},
    {"else", k_unknown},
};
constexpr Clause k_pipeline_rollout[] = {
    {"unobserved", k_waiting},
    {".status.upgradeInProgress&!ProgressiveUpgradeSucceeded=False", k_waiting, "an upgrade is in progress"},
    {".status.phase=Pending&!ProgressiveUpgradeSucceeded=False", k_waiting},
    {"ChildResourcesHealthy=False:Progressing", k_waiting},
    {".status.phase=Failed", k_degraded},
    {"ChildResourcesHealthy=False:PipelineFailed", k_degraded},
    {"ProgressiveUpgradeSucceeded=False", k_degraded},
    {"PipelinePausingOrPaused=True", k_healthy},
    {"ChildResourcesHealthy=True", k_healthy},
    {"else", k_unknown},
};
constexpr Clause k_vertex_rollout[] = {
    {"unobserved", k_waiting},
    {".status.upgradeInProgress&!ProgressiveUpgradeSucceeded=False", k_waiting, "an upgrade is in progress"},
    {".status.phase=Pending&!ProgressiveUpgradeSucceeded=False", k_waiting},
    {"ChildResourcesHealthy=False:Progressing", k_waiting},
    {".status.phase=Failed", k_degraded},
    {"ChildResourcesHealthy=False:MonoVertexFailed", k_degraded},
    {"ProgressiveUpgradeSucceeded=False", k_degraded},
    {"MonoVertexPausingOrPaused=True", k_healthy},
    {"ChildResourcesHealthy=True", k_healthy},
    {"else", k_unknown},
};
constexpr Clause k_controller_rollout[] = {
    {"unobserved", k_waiting},
    {".status.phase=Pending", k_waiting},
    {".status.upgradeInProgress", k_waiting, "an upgrade is in progress"},
    {"ChildResourcesHealthy=False:Progressing", k_waiting},
    {".status.phase=Failed", k_degraded},
    {"ChildResourcesHealthy=False", k_degraded},
    {"ChildResourcesHealthy=True", k_healthy},
    {"else", k_unknown},
};

// The Promoter: a Ready condition that speaks of this generation, then what the kind is about.
constexpr Clause k_promoter_status[] = {
    {"Ready~", k_waiting},
    {"Ready=False", k_degraded},
    {"!Ready", k_waiting},
    {"else", k_healthy},
};
constexpr Clause k_promoter_provider[] = {
    {"Ready~", k_waiting},
    {"Ready=False", k_degraded},
    {"Ready=Unknown", k_waiting},
    {"!Ready", k_waiting},
    {"else", k_healthy},
};
constexpr Clause k_promoter_gate[] = {
    {"Ready~", k_waiting},
    {"Ready=False", k_degraded},
    {"Ready=Unknown", k_waiting},
    {"!Ready", k_waiting},
    {"[status.environments].phase=failure", k_degraded, "a branch failed its check"},
    {"[status.environments]!.phase=success", k_waiting, "a branch waits for its check"},
    {"else", k_healthy},
};
constexpr Clause k_promoter_pull_request[] = {
    {"@Reconciled|Ready~", k_waiting},
    {"@Reconciled|Ready=False", k_degraded},
    {"!Reconciled|Ready", k_waiting},
    {"else", k_healthy},
};
constexpr Clause k_promoter_applications[] = {
    {"Ready~", k_waiting},
    {"Ready=False", k_degraded},
    {"!Ready", k_waiting},
    {"!.status.applicationsSelected", k_degraded, "it selects no application"},
    {"else", k_healthy},
};
constexpr Clause k_promoter_transfer[] = {
    {"Ready~", k_waiting},
    {"Ready=False", k_degraded},
    {"!Ready", k_waiting},
    {"!.status.active.dry.sha", k_waiting, "no commit is active yet"},
    {"!.status.proposed.dry.sha", k_waiting, "no commit is proposed yet"},
    {"!.status.proposed.dry.sha==.status.active.dry.sha", k_waiting, "a promotion is in progress"},
    {"else", k_healthy},
};
constexpr Clause k_promoter_strategy[] = {
    {"Ready~", k_waiting},
    {"Ready=False", k_degraded},
    {"!Ready", k_waiting},
    {"!.status.environments", k_degraded, "it has no environment"},
    {"[status.environments]!.active.dry.sha", k_waiting, "an environment has no active commit yet"},
    {"[status.environments]!.proposed.dry.sha", k_waiting, "an environment has no proposed commit yet"},
    {"[status.environments]!.proposed.dry.sha==.active.dry.sha", k_waiting, "a promotion is in progress"},
    {"else", k_healthy},
};

/// Environments that are each up to date, and not all on the same commit: for one of them nothing was rendered yet.
std::optional<Health> strategy_health(const doc::Value& object) {
    auto health = judge_by(object, k_promoter_strategy);
    if (!health || health->status != k_healthy) return health;
    const auto* environments = at_path(object, "status.environments");
    for (const auto& environment : environments->items())
        if (text_at(environment, "proposed.dry.sha") != text_at(environments->items().front(), "proposed.dry.sha"))
            return Health{k_waiting, "the environments are not proposed the same commit"};
    return health;
}

/// Somebody has to sync it by hand, so nobody can wait for it.
bool is_synced_by_hand(const doc::Value& application) {
    const auto* automated = application.path("spec", "syncPolicy", "automated");
    return automated == nullptr || !automated->is_map() || automated->text_at("enabled") == "false";
}

/// An application is as well as what it deploys. Argo CD leaves this rule to the user's configuration; without it waves of
/// an app-of-apps would not wait for each other. A child that nobody can judge, or that waits for a person, is no reason to
/// wait: it has no health, as every Application has without the rule.
std::optional<Health> application_health(const doc::Value& object) {
    const auto status = text_at(object, "status.health.status");
    if (status == health_name(k_unknown) || (status == health_name(k_missing) && is_synced_by_hand(object))) return std::nullopt;
    for (const auto each : {k_healthy, k_suspended, k_waiting, k_missing, k_degraded, k_unknown})
        if (status == health_name(each)) return Health{each, std::string(text_at(object, "status.health.message"))};
    return std::nullopt;
}

constexpr CustomRule k_rows[] = {
    {"argoproj.io", "Application", {}, application_health},
    {"argoproj.io", "AnalysisRun Experiment", k_analysis},
    {"argoproj.io", "CronWorkflow", k_cron_workflow},
    {"argoproj.io", "EventBus", k_event_bus},
    {"argoproj.io", "ApplicationSet", k_application_set},
    {"argoproj.io", "Rollout", {}, rollout_health},
    {"argocd-image-updater.argoproj.io", "ImageUpdater", k_image_updater},
    {"numaflow.numaproj.io", "InterStepBufferService", k_buffer_service},
    {"numaflow.numaproj.io", "MonoVertex Pipeline", k_numaflow},
    {"numaflow.numaproj.io", "Vertex", k_vertex},
    {"numaplane.numaproj.io", "ISBServiceRollout", k_buffer_rollout},
    {"numaplane.numaproj.io", "PipelineRollout", k_pipeline_rollout},
    {"numaplane.numaproj.io", "MonoVertexRollout", k_vertex_rollout},
    {"numaplane.numaproj.io", "NumaflowControllerRollout", k_controller_rollout},
    {"promoter.argoproj.io", "CommitStatus", k_promoter_status},
    {"promoter.argoproj.io", "ScmProvider ClusterScmProvider GitRepository", k_promoter_provider},
    {"promoter.argoproj.io", "GitCommitStatus TimedCommitStatus WebRequestCommitStatus", k_promoter_gate},
    {"promoter.argoproj.io", "PullRequest", k_promoter_pull_request},
    {"promoter.argoproj.io", "ArgoCDCommitStatus", k_promoter_applications},
    {"promoter.argoproj.io", "ChangeTransferPolicy", k_promoter_transfer},
    {"promoter.argoproj.io", "PromotionStrategy", {}, strategy_health},
};

}  // namespace

std::span<const CustomRule> argo_rules() { return k_rows; }

}  // namespace gitops::deliver
