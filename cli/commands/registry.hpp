// One function per command; root.cpp calls them all.
#pragma once

#include "cli/command.hpp"

namespace gitops::cli {

void register_app_create(Commands& commands);
void register_app_list(Commands& commands);
void register_app_get(Commands& commands);
void register_app_set(Commands& commands);
void register_app_delete(Commands& commands);
void register_app_diff(Commands& commands);
void register_app_sync(Commands& commands);
void register_app_wait(Commands& commands);
void register_app_history(Commands& commands);
void register_app_events(Commands& commands);
void register_app_rollback(Commands& commands);
void register_app_manifests(Commands& commands);
void register_app_resources(Commands& commands);
void register_app_tree(Commands& commands);
void register_app_suspend(Commands& commands);
void register_app_resume(Commands& commands);
void register_app_terminate_op(Commands& commands);
void register_app_confirm_deletion(Commands& commands);

void register_appset_generate(Commands& commands);
void register_appset_apply(Commands& commands);
void register_appset_create(Commands& commands);
void register_appset_diff(Commands& commands);
void register_appset_list(Commands& commands);
void register_appset_get(Commands& commands);
void register_appset_delete(Commands& commands);

void register_drift_diff(Commands& commands);
void register_drift_fix(Commands& commands);
void register_drift_watch(Commands& commands);
void register_reconcile(Commands& commands);
void register_controller_run(Commands& commands);
void register_notify_test(Commands& commands);

void register_canary_run(Commands& commands);
void register_canary_list(Commands& commands);
void register_canary_status(Commands& commands);
void register_canary_history(Commands& commands);
void register_canary_lint(Commands& commands);
void register_canary_explain(Commands& commands);
void register_canary_plot(Commands& commands);
void register_canary_ask(Commands& commands);

void register_bluegreen_run(Commands& commands);
void register_bluegreen_status(Commands& commands);
void register_bluegreen_switch(Commands& commands);
void register_bluegreen_rollback(Commands& commands);

void register_cluster_list(Commands& commands);
void register_cluster_add(Commands& commands);
void register_cluster_use(Commands& commands);
void register_cluster_remove(Commands& commands);
void register_cluster_info(Commands& commands);
void register_cluster_get(Commands& commands);
void register_cluster_apply(Commands& commands);
void register_cluster_patch(Commands& commands);
void register_cluster_scale(Commands& commands);
void register_cluster_set_image(Commands& commands);
void register_cluster_edit(Commands& commands);
void register_cluster_delete(Commands& commands);
void register_cluster_events(Commands& commands);
void register_cluster_fault_add(Commands& commands);
void register_cluster_fault_list(Commands& commands);
void register_cluster_fault_remove(Commands& commands);

void register_project_create(Commands& commands);
void register_project_list(Commands& commands);
void register_project_get(Commands& commands);
void register_project_delete(Commands& commands);
void register_project_add_destination(Commands& commands);
void register_project_remove_destination(Commands& commands);
void register_project_add_source(Commands& commands);
void register_project_remove_source(Commands& commands);
void register_project_allow_cluster_resource(Commands& commands);
void register_project_deny_cluster_resource(Commands& commands);
void register_project_allow_namespace_resource(Commands& commands);
void register_project_deny_namespace_resource(Commands& commands);
void register_project_windows(Commands& commands);
void register_project_can(Commands& commands);

void register_repo_add(Commands& commands);
void register_repo_list(Commands& commands);
void register_repo_remove(Commands& commands);
void register_repo_check(Commands& commands);

void register_render(Commands& commands);
void register_kustomize_build(Commands& commands);
void register_health(Commands& commands);
void register_audit_log(Commands& commands);
void register_completion(Commands& commands);
void register_complete(Commands& commands);
void register_version(Commands& commands);

}  // namespace gitops::cli
