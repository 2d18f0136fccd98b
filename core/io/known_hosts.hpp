// Whether a server's ssh key is the one that the user's known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT")
// gives for it. Certificates (@cert-authority) are not used.
#pragma once

#include <string>
#include <string_view>

namespace gitops::io {

enum class HostKeyVerdict {
    known,         ///< host and key are in the file
    unknown_host,  ///< the file has no line for the host
    other_type,    ///< the file knows the host by keys of other types only
    changed,       ///< the file has another key of this type for the host
    revoked        ///< the key is marked @revoked
};

/// `port` 0 or 22 is looked up as "host", any other as "[host]:port". `key` is the key as the ssh protocol sends it.
HostKeyVerdict judge_host_key(std::string_view known_hosts, std::string_view host, int port, std::string_view key);

/// "ssh-ed25519", from the key itself; "" when it is malformed.
std::string host_key_type(std::string_view key);
/// "SHA256:..." as ssh-keygen -l prints it.
std::string host_key_fingerprint(std::string_view key);

}  // namespace gitops::io
