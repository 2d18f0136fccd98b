// The service account of the Pod that gitopsctl runs in, as client-go's rest.InClusterConfig() finds it.
#include "core/backend/kubeconfig.hpp"
#include "core/base/text.hpp"
#include "core/io/small_file.hpp"

namespace gitops::backend {

namespace {

constexpr std::size_t k_most_bytes = std::size_t{1} << 20;

/// "" when the file is missing.
std::string read_if_there(const std::string& path) {
    try {
        return io::read_small_file(path, k_most_bytes);
    } catch (const base::Error& error) {
        if (error.code() == base::Code::not_found) return {};
        throw;
    }
}

}  // namespace

KubeAccess in_cluster_access(const std::string& host, const std::string& port, const std::string& folder) {
    const std::string token_file = folder + "/token";
    if (host.empty() || port.empty() || !io::file_stamp(token_file)) {
        throw base::Error(base::Code::not_found, "this is no Pod with a service account: " +
                                                     (host.empty() || port.empty()
                                                          ? "$KUBERNETES_SERVICE_HOST and _PORT are not set"
                                                          : token_file + " does not exist"))
            .hint("outside of a cluster, name a kubeconfig with --kubeconfig FILE");
    }
    KubeAccess access;
    access.context = "in-cluster";
    access.server = "https://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
    access.ns = base::trim(read_if_there(folder + "/namespace"));
    access.user = "service account";
    access.ca_pem = read_if_there(folder + "/ca.crt");
    access.token_file = token_file;
    return access;
}

}  // namespace gitops::backend
