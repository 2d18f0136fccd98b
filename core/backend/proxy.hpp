// Which proxy a server is reached through when its kubeconfig names none.
#pragma once

#include <string>
#include <string_view>

namespace gitops::backend {

/// The usual variables: $HTTPS_PROXY, $http_proxy and $NO_PROXY, each also in the other case.
struct ProxyVariables {
    std::string https;
    std::string http;
    std::string none;  ///< hosts to reach directly: "localhost,.internal,10.0.0.0/8,*"
};

/// "" for a direct connection. Source of the rules: golang.org/x/net/http/httpproxy, which kubectl follows: a host also
/// names its subdomains, ".host" only these, and this machine is always reached directly.
std::string proxy_for(std::string_view server, const ProxyVariables& variables);

}  // namespace gitops::backend
