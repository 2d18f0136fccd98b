// How a cluster's row, or the flags of one command, become access to a real API server. Asks the environment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/app/state/state_db.hpp"
#include "core/backend/kubeconfig.hpp"

namespace gitops::cli {

/// The context that stands for the service account of the Pod gitopsctl runs in.
inline constexpr std::string_view k_in_cluster = "in-cluster";

/// Where kubectl would look: the files of $KUBECONFIG, else ~/.kube/config. Absolute paths.
std::vector<std::string> standard_kubeconfigs();

/// A row of kind "kubernetes" for a context of the files; "" is their current one. It trusts exec plugins when no file
/// lies in a Git work tree. Errors of Kubeconfig::read() and view().
app::ClusterRow row_of_context(const std::vector<std::string>& files, const std::string& context);

/// Credentials are read now, not when the row was made; errors of Kubeconfig::access() and in_cluster_access().
backend::KubeAccess access_of(const app::ClusterRow& row);

/// What the row's context names now; for a listing, so a kubeconfig that cannot be read gives an empty view.
backend::ContextView view_of(const app::ClusterRow& row);

/// True for a file below a folder with ".git", other than the home folder itself: it may have come with a clone. A
/// symbolic link counts where it is and where it leads to.
bool lies_in_work_tree(const std::string& file, const std::string& home_folder);

/// All variables, "NAME=value".
std::vector<std::string> whole_environment();

}  // namespace gitops::cli
