#include "core/render/remote.hpp"

#include <array>

#include "core/base/text.hpp"

namespace gitops::render {

namespace {

constexpr std::size_t k_usual_parts = 2;  ///< org and repository

/// Takes `prefix` (lower case) off in any case.
bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (text.size() < prefix.size() || base::lower(text.substr(0, prefix.size())) != prefix) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::string_view take_scheme(std::string_view& text) {
    static constexpr std::array<std::string_view, 4> k_schemes{"ssh://", "https://", "http://", "file://"};
    for (std::string_view scheme : k_schemes)
        if (take_prefix(text, scheme)) return scheme;
    return {};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "user@" at the start.
std::string_view take_user(std::string_view& text) {
    auto at = text.find('@');
    if (at == 0 || at == std::string_view::npos || !is_letter(text.front())) return {};
    for (char c : text.substr(0, at))
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '-') return {};
    std::string_view user = text.substr(0, at + 1);
    text.remove_prefix(at + 1);
    return user;
}

bool is_github(std::string_view text) {
    std::string start = base::lower(text.substr(0, 11));
    return start == "github.com/" || start == "github.com:";
}

/// Where the host ends: at '/', or at ':' of "user@host:path" when that comes first.
std::size_t host_end(std::string_view text, bool scp) {
    auto slash = text.find('/');
    auto colon = scp ? text.find(':') : std::string_view::npos;
    return colon < slash ? colon : slash;
}

/// The host with scheme and user in front; takes it off `text`. nullopt when there is none.
std::optional<std::string> take_host(std::string_view& text) {
    take_prefix(text, "git::");
    std::string_view scheme = take_scheme(text);
    if (scheme == "file://") return std::string(scheme);
    std::string_view user = take_user(text);
    bool github = is_github(text);
    bool scp = scheme.empty() && (!user.empty() || github);
    if (scheme.empty() && !scp) return std::nullopt;
    auto end = host_end(text, scp);
    std::string host(text.substr(0, end == std::string_view::npos ? end : end + 1));
    text.remove_prefix(host.size());
    if (host.empty()) return std::nullopt;
    if (!github) return std::string(scheme) + std::string(user) + host;
    if (scheme != "ssh://" && user.empty()) return "https://github.com/";
    return (user.empty() ? "git@" : std::string(user)) + "github.com:";
}

struct PathParts {
    std::string_view repo, inside;
};

std::optional<PathParts> split_path_of(std::string_view text, bool whole) {
    constexpr std::string_view k_azure = "_git/";
    if (auto at = text.find(k_azure); at != std::string_view::npos) {
        auto end = text.find('/', at + k_azure.size());
        if (end == std::string_view::npos) return PathParts{text, {}};
        return PathParts{text.substr(0, end), text.substr(end + 1)};
    }
    if (auto at = text.find("//"); at != std::string_view::npos) return PathParts{text.substr(0, at), text.substr(at + 2)};
    if (auto at = text.find(".git"); at != std::string_view::npos) return PathParts{text.substr(0, at + 4), text.substr(at + 4)};
    if (whole) return PathParts{text, {}};
    std::size_t end = 0;
    for (std::size_t part = 0; part < k_usual_parts; ++part) {
        if (part > 0) ++end;
        auto slash = text.find('/', end);
        if (slash == std::string_view::npos && part + 1 < k_usual_parts) return std::nullopt;
        end = slash == std::string_view::npos ? text.size() : slash;
    }
    return PathParts{text.substr(0, end), end < text.size() ? text.substr(end + 1) : std::string_view{}};
}

std::string ref_of(std::string_view query) {
    std::string ref, version;
    for (std::string_view pair : base::split(query, '&')) {
        if (pair.starts_with("ref=") && ref.empty()) ref = pair.substr(4);
        if (pair.starts_with("version=") && version.empty()) version = pair.substr(8);
    }
    return ref.empty() ? version : ref;
}

}  // namespace

std::string RemoteBase::text() const {
    return repo + (path.empty() ? "" : "//" + path) + (ref.empty() ? "" : "?ref=" + ref);
}

bool is_web_file(std::string_view name) { return name.starts_with("https://") || name.starts_with("http://"); }

bool is_surely_repository(std::string_view url) {
    auto scheme = url.find("://");
    std::string_view path = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    return path.find("//") != std::string_view::npos || path.find(".git") != std::string_view::npos ||
           path.find("_git/") != std::string_view::npos || path.find("?ref=") != std::string_view::npos;
}

std::optional<RemoteBase> parse_remote_base(std::string_view url) {
    if (url.starts_with('/')) return std::nullopt;
    auto question = url.find('?');
    std::string_view query = question == std::string_view::npos ? std::string_view{} : url.substr(question + 1);
    std::string_view rest = url.substr(0, question);
    auto host = take_host(rest);
    if (!host) return std::nullopt;
    auto parts = split_path_of(rest, *host == "file://");
    if (!parts || parts->repo.empty()) return std::nullopt;
    std::string_view inside = parts->inside;
    while (inside.starts_with('/')) inside.remove_prefix(1);
    auto path = base::normalise_path(inside);
    if (!path) return std::nullopt;
    return RemoteBase{*host + std::string(parts->repo), *path, ref_of(query)};
}

}  // namespace gitops::render
