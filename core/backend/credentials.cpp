#include "core/backend/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "core/backend/exec_plugin.hpp"
#include "core/base/digest.hpp"
#include "core/base/text.hpp"

namespace gitops::backend {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_most_token_bytes = std::size_t{1} << 20;

/// The text as a header's value; a line break in it would let a kubeconfig write headers of its own.
const std::string& header_value(const std::string& text, std::string_view what) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::none_of(text, is_control)) return text;
    throw Error(Code::invalid, fmt::format("the {} holds a line break or another control character", what));
}

/// The key of Impersonate-Extra-<key>: what may not stand in a header's name is percent-encoded, as client-go does.
std::string header_key(std::string_view key) {
    constexpr std::string_view k_allowed = "!#$&'*+-.^_`|~";
    std::string escaped;
    for (const char c : key) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           k_allowed.find(c) != std::string_view::npos;
        escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return escaped;
}

std::vector<io::HttpHeader> impersonation_headers(const Impersonation& as) {
    std::vector<io::HttpHeader> headers;
    if (as.user.empty()) return headers;
    headers.push_back({"Impersonate-User", header_value(as.user, "impersonated user")});
    if (!as.uid.empty()) headers.push_back({"Impersonate-Uid", header_value(as.uid, "impersonated uid")});
    for (const std::string& group : as.groups)
        headers.push_back({"Impersonate-Group", header_value(group, "impersonated group")});
    for (const auto& [key, values] : as.extra)
        for (const std::string& value : values)
            headers.push_back({"Impersonate-Extra-" + header_key(key), header_value(value, "impersonated extra field")});
    return headers;
}

std::string bearer(const std::string& token) { return "Bearer " + header_value(token, "token"); }

std::string fixed_authorization(const KubeAccess& access) {
    if (!access.token.empty()) return bearer(access.token);
    if (access.username.empty() && access.password.empty()) return {};
    return "Basic " + base::base64_encode(access.username + ":" + access.password);
}

bool same_headers(const std::vector<io::HttpHeader>& a, const std::vector<io::HttpHeader>& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return x.name == y.name && x.value == y.value; });
}

bool same_identity(const std::shared_ptr<const io::ClientIdentity>& a,
                   const std::shared_ptr<const io::ClientIdentity>& b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->cert_pem == b->cert_pem && a->key_pem == b->key_pem;
}

}  // namespace

Credentials::Credentials(KubeAccess access, base::Clock& clock, std::vector<std::string> environment)
    : m_access(std::move(access)),
      m_clock(clock),
      m_environment(std::move(environment)),
      m_impersonation(impersonation_headers(m_access.impersonate)) {
    if (!m_access.exec && m_access.token_file.empty()) set(fixed_authorization(m_access), m_access.identity);
}

/// Makes a new credential the current one; one that says the same keeps its generation and its connections.
void Credentials::set(const std::string& authorization, const io::ClientIdentity& identity) {
    Credential next;
    if (!authorization.empty()) next.headers.push_back({"Authorization", authorization});
    next.headers.insert(next.headers.end(), m_impersonation.begin(), m_impersonation.end());
    if (!identity.cert_pem.empty()) next.identity = std::make_shared<const io::ClientIdentity>(identity);
    const bool known = m_current.generation > 0 && same_headers(next.headers, m_current.headers);
    if (known && same_identity(next.identity, m_current.identity)) return;
    next.generation = m_current.generation + 1;
    m_current = std::move(next);
}

Credential Credentials::current(std::stop_token stop) {
    Lock lock(m_mutex);
    if (m_access.exec) {
        if (is_stale()) ask_plugin(lock, stop);
    } else if (!m_access.token_file.empty()) {
        follow_token_file();
    }
    return m_current;
}

bool Credentials::renew(const Credential& refused, std::stop_token stop) {
    Lock lock(m_mutex);
    if (m_current.generation == refused.generation) {
        if (m_access.exec) {
            ask_plugin(lock, stop);
        } else if (!m_access.token_file.empty()) {
            m_stamp = std::nullopt;  // a file system may be too coarse to tell that the file has changed
            follow_token_file();
        }
    }
    return m_current.generation != refused.generation;
}

bool Credentials::is_stale() const {
    return m_current.generation == 0 || (m_expires && m_clock.now() >= *m_expires);
}

/// A file that is missing for a moment, or empty, leaves the last token in use; without one it is an error, unless
/// there is a fixed token to fall back on.
void Credentials::follow_token_file() {
    if (m_current.generation > 0 && io::file_stamp(m_access.token_file) == m_stamp) return;
    try {
        if (read_token_file()) return;
        throw Error(Code::denied, fmt::format("the token file {} is empty", m_access.token_file));
    } catch (const Error&) {
        if (m_current.generation > 0) return;
        if (m_access.token.empty()) throw;
        set(bearer(m_access.token), m_access.identity);
    }
}

bool Credentials::read_token_file() {
    const auto stamp = io::file_stamp(m_access.token_file);
    const std::string token(base::trim(io::read_small_file(m_access.token_file, k_most_token_bytes)));
    if (token.empty()) return false;
    set(bearer(token), m_access.identity);
    m_stamp = stamp;
    return true;
}

/// One run of the plugin serves all threads that want one at the same time. Only when the thread that ran it was
/// stopped, another one takes over.
void Credentials::ask_plugin(Lock& lock, const std::stop_token& stop) {
    while (m_run) {
        if (wait_for(lock, m_run, stop) != Run::End::stopped) return;
    }
    run_plugin(lock, stop);
}

/// The lock is open while the plugin runs.
void Credentials::run_plugin(Lock& lock, const std::stop_token& stop) {
    const auto run = std::make_shared<Run>();
    m_run = run;
    lock.unlock();
    ExecCredential got;
    Run::End end = Run::End::stopped;
    std::exception_ptr thrown;
    try {
        got = run_exec_plugin(m_access, m_environment, stop);
        header_value(got.token, "token of the credential plugin");
        end = Run::End::answered;
    } catch (const Error& error) {
        thrown = std::current_exception();
        run->failure = error;
        if (error.code() != Code::cancelled) end = Run::End::failed;
    } catch (...) {
        thrown = std::current_exception();
    }
    lock.lock();
    run->end = end;
    m_run = nullptr;
    m_changed.notify_all();
    if (thrown) std::rethrow_exception(thrown);
    set(got.token.empty() ? std::string() : bearer(got.token),
        got.identity.cert_pem.empty() ? m_access.identity : got.identity);
    m_expires = got.expires;
}

/// Another thread's failure is ours too: running a broken plugin once per waiting thread would help nobody.
Credentials::Run::End Credentials::wait_for(Lock& lock, std::shared_ptr<Run> run, const std::stop_token& stop) {
    if (!m_changed.wait(lock, stop, [&] { return run->end != Run::End::none; })) throw Error(Code::cancelled, "stopped");
    if (run->end == Run::End::failed) throw Error(*run->failure);
    return run->end;
}

}  // namespace gitops::backend
