// kubeconfig files as kubectl reads them, and what they say about reaching one cluster.
//
// Source of the rules: k8s.io/client-go/tools/clientcmd and its documentation "Organizing Cluster Access Using
// kubeconfig Files".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/io/http.hpp"

namespace gitops::backend {

/// A program that hands out credentials (client.authentication.k8s.io/v1 and v1beta1).
struct ExecPlugin {
    std::string api_version;
    std::string command;
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string install_hint;
    bool provide_cluster_info = false;
    std::string interactive_mode;  ///< "Never", "IfAvailable", "Always" or ""
    std::string folder;            ///< of the kubeconfig: a command with a slash is relative to it
};

struct Impersonation {
    std::string user;  ///< "" impersonates nobody
    std::string uid;
    std::vector<std::string> groups;
    std::vector<std::pair<std::string, std::vector<std::string>>> extra;
};

/// How to reach and authenticate to one API server. Holds secrets: never to be printed.
struct KubeAccess {
    std::string context;  ///< its name; "in-cluster" for a service account
    std::string server;   ///< "https://host:6443/prefix", without a slash at the end
    std::string ns;       ///< of the context; "" when it names none
    std::string user;     ///< the name of the user entry
    std::string ca_pem;
    std::string tls_server_name;
    io::TlsVerify verify = io::TlsVerify::yes;
    std::string proxy_url;
    io::ClientIdentity identity;  ///< empty texts: no client certificate
    std::string token;
    std::string token_file;  ///< read again when it changes; counts more than `token`
    std::string username;
    std::string password;
    std::optional<ExecPlugin> exec;
    Impersonation impersonate;
};

/// One way to authenticate that gitopsctl does not support (auth-provider) is an error only for who uses it.
class Kubeconfig {
  public:
    /// Reads and merges files as kubectl does for $KUBECONFIG: the first to name a thing wins; files that do not
    /// exist are left out. Relative paths in a file are relative to it. Error(invalid) with file and line;
    /// Error(not_found) when none of them exists.
    static Kubeconfig read(const std::vector<std::string>& files);

    const std::string& current_context() const { return m_current; }
    std::vector<std::string> contexts() const;  ///< sorted
    /// "" is the current context. Error(not_found) with near names for a context, cluster or user that is missing;
    /// Error(invalid|denied) for certificates and keys that cannot be read.
    KubeAccess access(std::string_view context) const;

  private:
    struct Cluster {
        std::string name, server, ca_file, ca_data, tls_server_name, proxy_url;
        bool insecure = false;
    };
    struct User {
        std::string name, cert_file, cert_data, key_file, key_data, token, token_file, username, password, auth_provider;
        std::optional<ExecPlugin> exec;
        Impersonation impersonate;
    };
    struct Context {
        std::string name, cluster, user, ns;
    };
    std::string m_current;
    std::vector<Cluster> m_clusters;
    std::vector<User> m_users;
    std::vector<Context> m_contexts;
};

/// "a:b:c" of $KUBECONFIG, without empty parts.
std::vector<std::string> kubeconfig_list(std::string_view variable);

/// What a Pod is given: $KUBERNETES_SERVICE_HOST and _PORT, and the folder of the service account
/// ("/var/run/secrets/kubernetes.io/serviceaccount"). Error(not_found) when this is no Pod.
KubeAccess in_cluster_access(const std::string& host, const std::string& port, const std::string& folder);

}  // namespace gitops::backend
