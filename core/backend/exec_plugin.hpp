// Runs an exec credential plugin, a program that prints an ExecCredential.
//
// Source of the protocol: Kubernetes documentation "Authenticating", client-go credential plugins, and the types of
// k8s.io/client-go/pkg/apis/clientauthentication.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/backend/kubeconfig.hpp"
#include "core/base/clock.hpp"

namespace gitops::backend {

/// What a plugin handed out: a token, a client certificate, or both.
struct ExecCredential {
    std::string token;
    io::ClientIdentity identity;         ///< empty texts: none
    std::optional<base::Time> expires;   ///< nullopt: good until the server refuses it
};

/// Runs the plugin of `access`, which must have one, for at most 60 s (5 min with a person at the terminal).
/// `environment` is the caller's ("NAME=value"); the command is looked for in its PATH. Error(denied) when the plugin
/// is missing (with its install hint), fails (with the last lines of its standard error) or answers with anything but
/// a proper credential; no message ever holds its standard output. Error(cancelled) after a stop request.
ExecCredential run_exec_plugin(const KubeAccess& access, const std::vector<std::string>& environment,
                               std::stop_token stop);

}  // namespace gitops::backend
