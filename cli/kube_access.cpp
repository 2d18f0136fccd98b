#include "cli/kube_access.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/env.hpp"
#include "core/backend/proxy.hpp"
#include "core/base/error.hpp"

namespace gitops::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";

bool is_below_work_tree(fs::path path, const fs::path& home_folder) {
    std::error_code problem;
    while (path.has_relative_path()) {
        path = path.parent_path();
        if (path != home_folder && fs::exists(path / ".git", problem)) return true;
    }
    return false;
}

std::string either_variable(const char* upper, const char* lower) {
    std::string value = Env::variable(upper);
    return value.empty() ? Env::variable(lower) : value;
}

backend::KubeAccess access_of_files(const app::ClusterRow& row) {
    const auto trust = row.trusts_exec ? backend::ExecTrust::allow : backend::ExecTrust::refuse;
    backend::KubeAccess access = backend::Kubeconfig::read(row.kubeconfig).access(row.context, trust);
    if (access.exec) access.exec->has_terminal = isatty(STDIN_FILENO) != 0;
    if (access.proxy_url.empty()) {
        access.proxy_url = backend::proxy_for(access.server, {.https = either_variable("HTTPS_PROXY", "https_proxy"),
                                                              .http = either_variable("HTTP_PROXY", "http_proxy"),
                                                              .none = either_variable("NO_PROXY", "no_proxy")});
    }
    return access;
}

}  // namespace

std::vector<std::string> standard_kubeconfigs() {
    std::vector<std::string> files = backend::kubeconfig_list(Env::variable("KUBECONFIG"));
    if (files.empty()) files.push_back(Env::user_home() + "/.kube/config");
    for (std::string& file : files) file = fs::absolute(file).lexically_normal().string();
    return files;
}

app::ClusterRow row_of_context(const std::vector<std::string>& files, const std::string& context) {
    app::ClusterRow row;
    row.kind = "kubernetes";
    for (const std::string& file : files) row.kubeconfig.push_back(fs::absolute(file).lexically_normal().string());
    row.context = backend::Kubeconfig::read(row.kubeconfig).view(context).context;
    const std::string home = Env::user_home();
    row.trusts_exec =
        std::ranges::none_of(row.kubeconfig, [&](const std::string& file) { return lies_in_work_tree(file, home); });
    return row;
}

backend::KubeAccess access_of(const app::ClusterRow& row) {
    backend::KubeAccess access =
        row.kubeconfig.empty()
            ? backend::in_cluster_access(Env::variable("KUBERNETES_SERVICE_HOST"),
                                         Env::variable("KUBERNETES_SERVICE_PORT"), k_account_folder)
            : access_of_files(row);
    if (!row.as_user.empty()) access.impersonate = {row.as_user, "", row.as_groups, {}};
    return access;
}

backend::ContextView view_of(const app::ClusterRow& row) {
    try {
        if (!row.kubeconfig.empty()) return backend::Kubeconfig::read(row.kubeconfig).view(row.context);
        const backend::KubeAccess access = access_of(row);
        backend::ContextView view;
        view.context = access.context;
        view.server = access.server;
        view.user = access.user;
        view.ns = access.ns;
        return view;
    } catch (const base::Error&) {
        return {};
    }
}

bool lies_in_work_tree(const std::string& file, const std::string& home_folder) {
    std::error_code problem;
    const fs::path home = fs::weakly_canonical(home_folder, problem);
    return is_below_work_tree(fs::absolute(file).lexically_normal(), home) ||
           is_below_work_tree(fs::weakly_canonical(file, problem), home);
}

std::vector<std::string> whole_environment() {
    std::vector<std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) variables.emplace_back(*entry);
    return variables;
}

}  // namespace gitops::cli
