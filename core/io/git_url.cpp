#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/source.hpp"
#include "core/base/text.hpp"
#include "core/io/git.hpp"
#include "core/io/git_state.hpp"
#include "core/io/git_url.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_longest_url = 4096;
constexpr std::string_view k_accepted = "use a path, file://, https://, ssh:// or user@host:path";
constexpr std::string_view k_accepted_for_charts = "use https://, oci:// or the name of a registry";

struct Scheme {
    std::string_view name;
    int port;
};
constexpr Scheme k_schemes[] = {{"file", 0}, {"https", 443}, {"http", 80}, {"ssh", 22}};

const Scheme* find_scheme(std::string_view name) {
    auto found = std::ranges::find(k_schemes, name, &Scheme::name);
    return found == std::end(k_schemes) ? nullptr : found;
}

std::string printable(std::string_view url) {
    std::string text(url.substr(0, 200));
    std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

[[noreturn]] void refuse(std::string_view url, std::string_view why, std::string_view hint = k_accepted) {
    throw Error(Code::invalid, fmt::format("the repository URL '{}' {}", printable(url), why)).hint(hint);
}

bool is_host(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']'))
        return host.size() > 2 && host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdef:.") == host.npos;
    return !host.empty() && host.front() != '-' && host.front() != '.' &&
           host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == host.npos;
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "[::1]" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

/// Splits "user:password@host:port"; nullopt when host or port are not ones.
std::optional<UrlParts> split_authority(std::string_view text) {
    UrlParts parts;
    if (auto at = text.rfind('@'); at != text.npos) {
        std::string_view info = text.substr(0, at);
        text.remove_prefix(at + 1);
        auto colon = info.find(':');
        parts.user = percent_decoded(info.substr(0, colon));
        if (colon != info.npos) parts.password = percent_decoded(info.substr(colon + 1));
    }
    std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == text.npos) return std::nullopt;
    if (auto colon = text.find(':', bracket); colon != text.npos) {
        std::string_view digits = text.substr(colon + 1);
        auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), parts.port);
        bool whole = failed == std::errc() && end == digits.data() + digits.size();
        if (!digits.empty() && (!whole || parts.port < 1 || parts.port > 65535)) return std::nullopt;
        text = text.substr(0, colon);
    }
    parts.host = base::lower(text);
    return parts;
}

/// "user@host:path", where no '/' stands before the ':'; nullopt for paths.
std::optional<UrlParts> split_scp(std::string_view url) {
    auto at = url.find('@');
    std::size_t from = at == url.npos ? 0 : at + 1;
    std::size_t bracket = url.substr(from).starts_with('[') ? url.find(']', from) : from;
    auto colon = bracket == url.npos ? url.npos : url.find(':', bracket);
    if (colon == url.npos || url.find('/') < colon) return std::nullopt;
    UrlParts parts;
    parts.scheme = "ssh";
    if (at < colon) parts.user = std::string(url.substr(0, at));
    parts.host = base::lower(url.substr(at < colon ? at + 1 : 0, colon - (at < colon ? at + 1 : 0)));
    parts.path = std::string(url.substr(colon + 1));
    return parts;
}

void require_sane_text(std::string_view url) {
    if (url.empty()) throw Error(Code::invalid, "the repository URL is empty").hint(k_accepted);
    if (url.size() > k_longest_url) refuse(url, "is too long");
    if (url.front() == '-') refuse(url, "begins with '-', like an option");
    if (std::ranges::any_of(url, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) refuse(url, "holds control characters");
    const std::string low = base::lower(url);
    for (std::string_view hidden : {"%00", "%0a", "%0d"})
        if (low.find(hidden) != low.npos) refuse(url, "holds control characters");
}

void require_sane_network(const UrlParts& parts, std::string_view url) {
    if (!is_host(parts.host)) refuse(url, "has no proper host name");
    if (parts.user.starts_with('-')) refuse(url, "has a user name that begins with '-'");
    if (parts.scheme == "ssh" && parts.user.find_first_of(":/ ") != parts.user.npos) refuse(url, "has no proper user name");
    std::string_view path = parts.path;
    if (path.starts_with('/')) path.remove_prefix(1);
    if (path.empty()) refuse(url, "names no repository on its host");
    if (path.starts_with('-')) refuse(url, "has a path that begins with '-'");
    // The other side's shell gets it, and "javascript:alert(1)" would be a path on the host "javascript".
    if (parts.scheme == "ssh" && path.find_first_of("()<>|;&$`\"'\\") != path.npos) refuse(url, "has a path with a character that shells read");
    if (parts.scheme == "http" && !is_loopback(parts.host)) refuse(url, "is not encrypted; http:// is for loopback only");
}

RemoteUrl network_url(const UrlParts& parts, std::string_view url, const std::string& text) {
    require_sane_network(parts, url);
    RemoteUrl remote;
    remote.kind = RemoteKind::network;
    remote.url = text;
    remote.host = parts.host;
    remote.scheme = parts.scheme;
    if (parts.scheme == "ssh") remote.user = parts.user;
    remote.port = parts.port;
    return remote;
}

RemoteUrl file_url(const UrlParts& parts, std::string_view url) {
    if (!parts.host.empty() && parts.host != "localhost") refuse(url, "names a host; file:// is for this machine");
    std::string path = percent_decoded(parts.path);
    auto normal = base::normalise_path(std::string_view(path).substr(path.empty() ? 0 : 1));
    if (!normal || normal->empty()) refuse(url, "names no folder");
    RemoteUrl remote;
    remote.kind = RemoteKind::network;
    remote.scheme = "file";
    remote.path = "/" + *normal;
    remote.url = "file://" + percent_encoded_path(remote.path);
    return remote;
}

RemoteUrl local_path(std::string_view url, std::string_view cwd) {
    std::string joined = url.starts_with('/') ? std::string(url) : std::string(cwd) + "/" + std::string(url);
    if (!joined.starts_with('/')) refuse(url, "is relative, and there is no folder it is relative to");
    auto normal = base::normalise_path(std::string_view(joined).substr(joined.find_first_not_of('/') == joined.npos
                                                                           ? joined.size()
                                                                           : joined.find_first_not_of('/')));
    if (!normal) refuse(url, "climbs above the root folder");
    RemoteUrl remote;
    remote.path = "/" + *normal;
    remote.url = remote.path;
    return remote;
}

/// "ssh://user@host:port/path": what is left of a URL without its secrets.
std::string without_secrets(const UrlParts& parts) {
    std::string user = parts.scheme == "ssh" && !parts.user.empty() ? parts.user + "@" : "";
    std::string port = parts.port == 0 ? "" : ":" + std::to_string(parts.port);
    return parts.scheme + "://" + user + parts.host + port + parts.path;
}

}  // namespace

std::optional<UrlParts> split_url(std::string_view url) {
    auto mark = url.find("://");
    if (mark == url.npos) return split_scp(url);
    std::string scheme = base::lower(url.substr(0, mark));
    std::string_view rest = url.substr(mark + 3);
    auto slash = std::min(rest.find('/'), rest.size());
    auto parts = split_authority(rest.substr(0, slash));
    if (!parts) return std::nullopt;
    parts->scheme = scheme;
    parts->path = std::string(rest.substr(slash));
    return parts;
}

RemoteUrl parse_remote_url(std::string_view url, std::string_view cwd) {
    require_sane_text(url);
    const std::string low = base::lower(url);
    auto mark = url.find("://");
    if (auto helper = url.find("::"); helper != url.npos && helper < url.find_first_of("/@["))
        refuse(url, "asks for a transport program, which is never run");
    if (mark == url.npos) {
        auto parts = split_scp(url);
        return parts ? network_url(*parts, url, std::string(url)) : local_path(url, cwd);
    }
    if (url.find('/') < mark) return local_path(url, cwd);
    if (!find_scheme(low.substr(0, mark)))
        refuse(url, fmt::format("has the transport '{}', which is not supported", printable(url.substr(0, mark))));
    auto parts = split_url(url);
    if (!parts) refuse(url, "has no proper host name or port");
    return parts->scheme == "file" ? file_url(*parts, url) : network_url(*parts, url, without_secrets(*parts));
}

void require_chart_url(std::string_view url) {
    require_sane_text(url);
    const auto mark = url.find("://");
    const std::string scheme = base::lower(url.substr(0, mark == url.npos ? 0 : mark));
    if (mark != url.npos && scheme != "https" && scheme != "http" && scheme != "oci") refuse(url, "is no address of charts", k_accepted_for_charts);
    const auto parts = split_url(mark == url.npos ? "oci://" + std::string(url) : url);
    const bool has_user = mark == url.npos && url.find('@') != url.npos;
    if (!parts || has_user || !is_host(parts->host)) refuse(url, "has no proper host name or port", k_accepted_for_charts);
}

std::string canonical_url(std::string_view url) {
    auto parts = split_url(url);
    if (!parts || parts->scheme == "file") {
        std::string path = parts ? percent_decoded(parts->path) : std::string(url);
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        if (path.size() > 5 && path.ends_with("/.git")) path.resize(path.size() - 5);
        return parts ? "file://" + path : path;
    }
    const Scheme* scheme = find_scheme(parts->scheme);
    if (scheme && scheme->port == parts->port) parts->port = 0;
    parts->user.clear();
    std::string& path = parts->path;
    if (!path.starts_with('/')) path.insert(0, "/");
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (path.ends_with(".git") && path.size() > 5) path.resize(path.size() - 4);
    return without_secrets(*parts);
}

std::string describe(const RemoteUrl& remote) { return "the repository " + remote.url; }

}  // namespace gitops::io
