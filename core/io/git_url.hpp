// The parts of a repository URL. For this folder only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gitops::io {

struct UrlParts {
    std::string scheme;  ///< lower case; "ssh" for user@host:path
    std::string user, password;
    std::string host;  ///< lower case; an IPv6 address in brackets
    int port = 0;
    std::string path;
};

/// nullopt for paths, and for URLs without a proper port.
std::optional<UrlParts> split_url(std::string_view url);

/// "%41" -> "A"; a stray '%' stays.
std::string percent_decoded(std::string_view text);
/// A path as part of a URL: everything but letters, digits and "/-._~" as %XX.
std::string percent_encoded_path(std::string_view path);

}  // namespace gitops::io
