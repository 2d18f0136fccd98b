#include "core/io/git_auth.hpp"

#include <fmt/format.h>
#include <git2.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "core/base/text.hpp"
#include "core/io/credential_helper.hpp"
#include "core/io/git_library.hpp"
#include "core/io/git_state.hpp"
#include "core/io/git_url.hpp"
#include "core/io/known_hosts.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

namespace {

constexpr std::array<std::string_view, 3> k_key_names = {"id_ed25519", "id_ecdsa", "id_rsa"};
constexpr std::size_t k_largest_known_hosts = 4 << 20;

int refuse(Authenticator& self, Error error) {
    self.refusal = std::move(error);
    return GIT_EUSER;
}

std::string home_file(const GitOptions& options, std::string_view name) {
    return fmt::format("{}/.ssh/{}", options.home, name);
}

std::string known_hosts_file(const GitOptions& options) {
    return options.credentials.known_hosts_file.empty() ? home_file(options, "known_hosts")
                                                        : options.credentials.known_hosts_file;
}

bool is_file(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

int give_password(git_credential** out, Authenticator& self) {
    const GitCredentials& known = self.options.credentials;
    if (!known.token.empty() && !self.token_given) {
        self.token_given = true;
        const char* user = known.username.empty() ? "x-access-token" : known.username.c_str();
        return git_credential_userpass_plaintext_new(out, user, known.token.c_str());
    }
    if (known.token.empty() && known.use_credential_helper && !self.helper_asked) {
        self.helper_asked = true;
        std::string port = self.remote.port == 0 ? "" : ":" + std::to_string(self.remote.port);
        auto parts = split_url(self.remote.url);
        std::string path = parts && parts->path.size() > 1 ? parts->path.substr(1) : "";
        if (auto found = ask_credential_helper({self.remote.scheme, self.remote.host + port, path, known.username}))
            return git_credential_userpass_plaintext_new(out, found->username.c_str(), found->password.c_str());
    }
    bool offered = self.token_given || (self.helper_asked && !known.token.empty());
    return refuse(self, Error(Code::denied, fmt::format("{} {}", describe(self.remote),
                                                        offered ? "refused the token" : "asks for credentials"))
                            .hint(offered ? "check that the token is valid and may read the repository"
                                          : "give a token with 'gitopsctl repo add', or set up a git credential helper"));
}

int give_key_file(git_credential** out, const Authenticator& self, const char* user, const std::string& file) {
    const std::string& passphrase = self.options.credentials.ssh_key_passphrase;
    return git_credential_ssh_key_new(out, user, nullptr, file.c_str(), passphrase.c_str());
}

int give_key(git_credential** out, const char* user_from_url, Authenticator& self) {
    const GitCredentials& known = self.options.credentials;
    const char* user = user_from_url && *user_from_url ? user_from_url
                       : known.username.empty()        ? "git"
                                                       : known.username.c_str();
    if (!known.ssh_key_file.empty()) {
        if (!is_file(known.ssh_key_file))
            return refuse(self, Error(Code::not_found, fmt::format("the ssh key {} does not exist", known.ssh_key_file)));
        if (!self.key_given) {
            self.key_given = true;
            return give_key_file(out, self, user, known.ssh_key_file);
        }
    } else {
        if (self.use_agent && !self.agent_asked) {
            self.agent_asked = true;
            return git_credential_ssh_key_from_agent(out, user);
        }
        while (self.next_key < k_key_names.size()) {
            std::string file = home_file(self.options, k_key_names[self.next_key++]);
            if (!self.options.home.empty() && is_file(file)) return give_key_file(out, self, user, file);
        }
    }
    return refuse(self, Error(Code::denied, fmt::format("{} accepts none of the ssh keys at hand (user {})",
                                                        describe(self.remote), user))
                            .hint("add the public key at the server, load it into ssh-agent, or name a key file with "
                                  "'gitopsctl repo add'; a key with a passphrase needs the agent"));
}

int answer_credentials(git_credential** out, const char*, const char* user_from_url, unsigned allowed, void* payload) {
    auto& self = *static_cast<Authenticator*>(payload);
    try {
        if (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT && self.remote.scheme != "ssh") return give_password(out, self);
        if (allowed & GIT_CREDENTIAL_SSH_KEY) return give_key(out, user_from_url, self);
        if (allowed & GIT_CREDENTIAL_USERNAME) {
            const std::string& name = self.options.credentials.username;
            return git_credential_username_new(out, name.empty() ? "git" : name.c_str());
        }
        return refuse(self, Error(Code::denied, describe(self.remote) + " asks for a kind of login that is not supported"));
    } catch (const Error& error) {
        return refuse(self, error);
    } catch (const std::exception& error) {
        return refuse(self, Error(Code::internal, error.what()));
    }
}

std::string read_known_hosts(const std::string& path) {
    std::string text(k_largest_known_hosts, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

struct Verdict {
    HostKeyVerdict verdict;
    std::string_view says;  ///< after "the ssh host key of HOST (TYPE FINGERPRINT)"
};
constexpr Verdict k_refusals[] = {
    {HostKeyVerdict::unknown_host, "is not known"},
    {HostKeyVerdict::other_type, "is of a type that is not known for this host"},
    {HostKeyVerdict::changed, "has CHANGED: somebody may be listening in"},
    {HostKeyVerdict::revoked, "is revoked"},
};

int judge_ssh_key(const git_cert_hostkey& cert, Authenticator& self) {
    if (!(cert.type & GIT_CERT_SSH_RAW))
        return refuse(self, Error(Code::denied, "the ssh host key of " + self.remote.host + " could not be read"));
    std::string_view key(cert.hostkey, cert.hostkey_len);
    std::string file = known_hosts_file(self.options);
    HostKeyVerdict verdict = judge_host_key(read_known_hosts(file), self.remote.host, self.remote.port, key);
    if (verdict == HostKeyVerdict::known) return 0;
    std::string port = self.remote.port == 0 ? "" : fmt::format(" -p {}", self.remote.port);
    for (const Verdict& refusal : k_refusals) {
        if (refusal.verdict != verdict) continue;
        Error error(Code::denied, fmt::format("the ssh host key of {} ({} {}) {}", self.remote.host, host_key_type(key),
                                              host_key_fingerprint(key), refusal.says));
        bool can_add = verdict == HostKeyVerdict::unknown_host || verdict == HostKeyVerdict::other_type;
        error.hint(can_add ? fmt::format("compare the fingerprint with the one the host's owner publishes, then: "
                                         "ssh-keyscan{} {} >> {}",
                                         port, self.remote.host, file)
                           : fmt::format("ask the host's owner; the keys you trust are in {}", file));
        return refuse(self, std::move(error));
    }
    return GIT_ECERTIFICATE;
}

/// The host of a connection as the URL writes it.
std::string in_url_form(std::string_view host) {
    return host.find(':') == host.npos || host.starts_with('[') ? base::lower(host) : "[" + base::lower(host) + "]";
}

int answer_certificate(git_cert* cert, int valid, const char* host, void* payload) {
    auto& self = *static_cast<Authenticator*>(payload);
    try {
        if (in_url_form(host) != self.remote.host)
            return refuse(self, Error(Code::denied, fmt::format("{} redirects to {}, which is not followed",
                                                                describe(self.remote), host))
                                    .hint("use the address it redirects to, if you trust it"));
        if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2)
            return judge_ssh_key(*reinterpret_cast<const git_cert_hostkey*>(cert), self);
        if (valid) return 0;
        return refuse(self, Error(Code::denied, fmt::format("the TLS certificate of {} is not trusted", self.remote.host))
                                .hint("install the CA of the server in the system's store"));
    } catch (const std::exception& error) {
        return refuse(self, Error(Code::internal, error.what()));
    }
}

}  // namespace

void Authenticator::install(git_remote_callbacks& callbacks) {
    callbacks.credentials = answer_credentials;
    callbacks.certificate_check = answer_certificate;
    callbacks.payload = this;
}

}  // namespace gitops::io
