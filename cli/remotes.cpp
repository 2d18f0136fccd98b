#include "cli/remotes.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

#include <filesystem>

#include "cli/env.hpp"
#include "cli/output/manifest_files.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/git.hpp"
#include "core/io/http.hpp"
#include "core/io/small_file.hpp"

namespace gitops::cli {

namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

constexpr int k_most_redirects = 5;
constexpr std::size_t k_sha_digits = 40;

/// 169.254.0.0/16, fe80::/10, and the same inside IPv6.
bool is_link_local(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(address);
        return (ntohl(four.sin_addr.s_addr) >> 16U) == 0xA9FE;
    }
    if (address.sa_family != AF_INET6) return false;
    const auto* bytes = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr.s6_addr;
    if (bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80) return true;
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    return IN6_IS_ADDR_V4MAPPED(&six) && bytes[12] == 0xA9 && bytes[13] == 0xFE;
}

/// The host of "scheme://[user@]host[:port]/..." and "user@host:path", without brackets.
std::string host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find('/'));
    if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
    if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
    return std::string(url.substr(0, url.find(':')));
}

Error not_cached(const std::string& what) {
    Error error(Code::unavailable, what + " was not fetched before");
    error.hint("build once without --offline");
    return error;
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

bool is_sha(std::string_view ref) { return ref.size() == k_sha_digits && base::is_hex(ref); }

std::string made_folder(const std::string& path) {
    std::error_code problem;
    fs::create_directories(path, problem);
    if (problem) throw Error(Code::unavailable, "the folder " + path + " cannot be made: " + problem.message());
    return path;
}

}  // namespace

/// A name is looked up: it may lead to such an address as well.
void refuse_link_local(const std::string& url) {
    const std::string host = host_of(url);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (host.empty() || getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return;  // whoever connects will tell
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
    for (const addrinfo* next = found; next != nullptr; next = next->ai_next)
        if (is_link_local(*next->ai_addr))
            throw Error(Code::denied, "the link-local address of " + host + " is not asked for bases, files and charts");
}

CachedRemotes::CachedRemotes(Env& env, Network network, LocalBases local) : m_env(env), m_network(network), m_local(local) {}
CachedRemotes::~CachedRemotes() = default;

std::string CachedRemotes::read(const std::string& url) {
    const std::string kept = made_folder(m_env.home() + "/pages") + "/" + base::sha256_hex(url);
    const bool known = fs::exists(kept);
    if (m_network == Network::offline && !known) throw not_cached(url);
    if (m_network != Network::use && known) return io::read_small_file(kept, base::k_max_file_bytes);
    std::string text = fetch_page(url);
    const std::string fresh = kept + "." + std::to_string(getpid()) + ".new";
    write_file(fresh, text);
    fs::rename(fresh, kept);
    return text;
}

std::string CachedRemotes::fetch_page(std::string url) {
    io::HttpOptions options;
    options.max_body = base::k_max_file_bytes;
    io::HttpClient client(options);
    for (int hops = 0; hops <= k_most_redirects; ++hops) {
        refuse_link_local(url);
        io::HttpRequest request;
        request.url = url;
        const io::HttpResponse response = client.send(request, m_env.stop());
        if (response.status >= 200 && response.status < 300) return response.body;
        if (!is_redirect(response.status))
            throw Error(Code::not_found, url + ": status code " + std::to_string(response.status));
        const std::string next(response.header("location"));
        const bool good = render::is_web_file(next) && !(url.starts_with("https://") && next.starts_with("http://"));
        if (!good) throw Error(Code::denied, url + " leads to an address that is not followed");
        url = next;
    }
    throw Error(Code::unavailable, url + ": more than " + std::to_string(k_most_redirects) + " redirects");
}

io::GitRepo& CachedRemotes::repo(const std::string& url, bool is_commit) {
    std::unique_ptr<io::GitRepo>& opened = m_repos[url];
    if (opened != nullptr) return *opened;
    const std::string marker = made_folder(m_env.home() + "/repos") + "/" + base::sha256_hex(url) + ".fetched";
    const bool known = fs::exists(marker);
    if (m_network == Network::offline && !known) throw not_cached(url);
    const io::RemoteUrl remote = io::parse_remote_url(url, Env::working_directory());
    if (m_local == LocalBases::refused && (remote.kind == io::RemoteKind::local || remote.scheme == "file"))
        throw Error(Code::denied, "the base " + url + " is on this machine, which a repository from elsewhere may not read");
    if (m_network != Network::offline) refuse_link_local(url);
    std::unique_ptr<io::GitRepo> fresh = m_env.open_repo(url);
    const bool settled = known && (is_commit || m_network == Network::cached);
    if (m_network != Network::offline && !settled) fresh->fetch();
    if (!known) write_file(marker, "");
    opened = std::move(fresh);
    return *opened;
}

std::shared_ptr<const base::FileTree> CachedRemotes::tree(const render::RemoteBase& base) {
    const bool is_commit = is_sha(base.ref);
    io::GitRepo& from = repo(base.repo, is_commit);
    if (is_commit && m_network != Network::offline) {
        try {
            return from.tree(from.resolve(base.ref).sha);
        } catch (const Error& error) {
            if (error.code() != Code::not_found) throw;
            from.fetch();
        }
    }
    return from.tree(from.resolve(base.ref).sha);
}

}  // namespace gitops::cli
