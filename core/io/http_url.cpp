#include "core/io/http_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> k_ports{
    {{"http", "80"}, {"https", "443"}, {"socks5", "1080"}, {"socks5h", "1080"}}};

std::string_view port_of(std::string_view scheme) {
    const auto known = std::find_if(k_ports.begin(), k_ports.end(), [&](const auto& entry) { return entry.first == scheme; });
    return known == k_ports.end() ? "80" : known->second;
}

bool is_port(std::string_view text) {
    return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

[[noreturn]] void refuse(std::string_view why) {
    throw Error(Code::invalid, fmt::format("a URL {}", why)).hint("write it as https://host:port/path");
}

}  // namespace

std::string HttpUrl::address() const { return fmt::format("{}:{}", host, port.empty() ? port_of(scheme) : port); }

std::string HttpUrl::authority() const {
    return port.empty() ? std::string(host) : fmt::format("{}:{}", host, port);
}

HttpUrl split_http_url(std::string_view url, std::string_view schemes) {
    if (!is_visible(url)) refuse("holds a space or a control character");
    HttpUrl parts;
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos) refuse("has no scheme");
    parts.scheme = url.substr(0, colon);
    const auto allowed = base::split(schemes, ' ');
    if (std::find(allowed.begin(), allowed.end(), parts.scheme) == allowed.end())
        refuse(fmt::format("has the scheme {}, which is none of: {}", parts.scheme, schemes));
    url.remove_prefix(colon + 3);
    const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
    std::string_view authority = url.substr(0, end);
    parts.rest = url.substr(end);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        parts.user_info = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
    const std::size_t port = bracket == std::string_view::npos ? bracket : authority.find(':', bracket);
    parts.host = authority.substr(0, port);
    if (port != std::string_view::npos) parts.port = authority.substr(port + 1);
    if (parts.host.empty() || !is_port(parts.port)) refuse("has no usable host and port");
    return parts;
}

}  // namespace gitops::io
