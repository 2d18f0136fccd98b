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

#include "core/base/error.hpp"
#include "core/doc/value.hpp"
#include "core/io/http.hpp"

namespace gitops::backend {

/// Whether a kubeconfig's exec plugins may be run. A kubeconfig that came with a repository must not start programs
/// until a person has said so.
enum class ExecTrust { refuse, allow };

/// A program that hands out credentials (client.authentication.k8s.io/v1 and v1beta1).
struct ExecPlugin {
    std::string api_version;
    std::string command;
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string install_hint;
    bool provide_cluster_info = false;
    doc::Value cluster_config;     ///< the cluster's extension "client.authentication.k8s.io/exec", handed on
    std::string interactive_mode;  ///< "Never", "IfAvailable", "Always" or ""
    std::string folder;            ///< of the kubeconfig: a command with a slash is relative to it
    bool has_terminal = false;     ///< set by who knows that a person sits at standard input
};

struct Impersonation {
    std::string user;  ///< "" impersonates nobody
    std::string uid;
    std::vector<std::string> groups;
    std::vector<std::pair<std::string, std::vector<std::string>>> extra;
};

/// How to reach and authenticate to one API server. Holds secrets: never to be printed.
struct KubeAccess {
    std::string context{};  ///< its name; "in-cluster" for a service account
    std::string server{};   ///< "https://host:6443/prefix", without a slash at the end
    std::string ns{};       ///< of the context; "" when it names none
    std::string user{};     ///< the name of the user entry
    std::string ca_pem{};
    std::string tls_server_name{};
    io::TlsVerify verify = io::TlsVerify::yes;
    std::string proxy_url{};
    io::ClientIdentity identity{};  ///< empty texts: no client certificate
    std::string token{};
    std::string token_file{};  ///< read again when it changes; counts more than `token`
    std::string username{};
    std::string password{};
    std::optional<ExecPlugin> exec{};  ///< never beside a token or a password, which count more
    Impersonation impersonate{};
};

/// The entries of one or several files, as they stand there.
struct KubeconfigEntries {
    struct Cluster {
        base::Place place;
        std::string name, server, ca_file, ca_data, tls_server_name, proxy_url;
        doc::Value exec_config;
        bool insecure = false;
    };
    struct User {
        base::Place place;
        std::string name, cert_file, cert_data, key_file, key_data, token, token_file, username, password, auth_provider;
        std::optional<ExecPlugin> exec;
        Impersonation impersonate;
    };
    struct Context {
        base::Place place;
        std::string name, cluster, user, ns;
    };
    std::string current;
    std::vector<Cluster> clusters;
    std::vector<User> users;
    std::vector<Context> contexts;
};

/// The entries of one file; paths in them made absolute. YAML or JSON, at most 16 MB; fields it does not know are
/// passed over. Error(invalid) with file and line, Error(not_found), Error(denied).
KubeconfigEntries read_kubeconfig_file(const std::string& file);

/// What a context names, for listings; no file but the kubeconfig is looked at.
struct ContextView {
    std::string context, cluster, server, user, ns;
    io::TlsVerify verify = io::TlsVerify::yes;
    std::string exec_command;  ///< "" when the user needs no exec plugin
};

/// One way to authenticate that gitopsctl does not support (auth-provider) is an error only for who uses it.
class Kubeconfig {
  public:
    /// Reads and merges files as kubectl does for $KUBECONFIG: the first to name a thing wins; files that do not
    /// exist are left out. Relative paths in a file are relative to it. Error(invalid) with file and line;
    /// Error(not_found) when none of them exists.
    static Kubeconfig read(const std::vector<std::string>& files);

    const std::string& current_context() const { return m_entries.current; }
    std::vector<std::string> contexts() const;  ///< sorted
    /// "" is the current context. Error(not_found) with near names for a context or cluster that is missing.
    ContextView view(std::string_view context) const;
    /// As view(), and Error(invalid|denied) for certificates and keys that cannot be read, for ways to log in that
    /// contradict each other or are not supported, and for an exec plugin that may not be run.
    KubeAccess access(std::string_view context, ExecTrust trust = ExecTrust::allow) const;

  private:
    const KubeconfigEntries::Context& find_context(std::string_view name) const;
    const KubeconfigEntries::Cluster& cluster_of(const KubeconfigEntries::Context& context) const;
    /// nullptr when the context names no user: an anonymous one.
    const KubeconfigEntries::User* user_of(const KubeconfigEntries::Context& context) const;

    KubeconfigEntries m_entries;
};

/// "a:b:c" of $KUBECONFIG, without empty parts.
std::vector<std::string> kubeconfig_list(std::string_view variable);

/// What a Pod is given: $KUBERNETES_SERVICE_HOST and _PORT, and the folder of the service account
/// ("/var/run/secrets/kubernetes.io/serviceaccount"). Error(not_found) when this is no Pod.
KubeAccess in_cluster_access(const std::string& host, const std::string& port, const std::string& folder);

}  // namespace gitops::backend
