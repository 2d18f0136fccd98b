#include "cli/repository_url.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "cli/env.hpp"
#include "core/base/error.hpp"
#include "core/io/git.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

/// "https://charts.example.com", with or without the slash at its end.
bool is_bare_host(std::string_view url) {
    const auto mark = url.find("://");
    if (!url.starts_with("https://") && !url.starts_with("http://")) return false;
    auto host = url.substr(mark + 3);
    if (host.ends_with('/')) host.remove_suffix(1);
    const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':'; };
    return !host.empty() && std::ranges::all_of(host, fits);
}

/// Charts of a registry have a scheme of their own, and need no other word to be known as charts.
bool names_charts(std::string_view url, Holds holds) {
    if (url.starts_with("oci://")) return true;
    switch (holds) {
        case Holds::git: return false;
        case Holds::charts: return true;
        case Holds::either: return is_bare_host(url);
    }
    return false;
}

}  // namespace

std::string stored_url(std::string_view url, Holds holds) {
    if (names_charts(url, holds)) {
        io::require_chart_url(url);
        return std::string(url);
    }
    try {
        const io::RemoteUrl remote = io::parse_remote_url(url, Env::working_directory());
        return remote.kind == io::RemoteKind::local ? remote.path : std::string(url);
    } catch (Error& error) {
        if (is_bare_host(url)) error.hint("a Git repository has a path on its host; a source from a repository of charts names its chart: --helm-chart");
        throw;
    }
}

std::string typed_url(std::string_view url, Holds holds) {
    std::string stored = stored_url(url, holds);
    if (names_charts(url, holds)) return stored;
    const io::RemoteUrl remote = io::parse_remote_url(stored, Env::working_directory());
    std::error_code unreadable;
    if (!remote.path.empty() && !std::filesystem::exists(remote.path, unreadable))
        throw Error(Code::not_found, "there is no repository at " + remote.path)
            .hint("name a folder that exists, or an address: https://HOST/PATH, ssh://HOST/PATH or user@host:path");
    return stored;
}

}  // namespace gitops::cli
