#include "core/backend/proxy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "core/base/text.hpp"

namespace gitops::backend {

namespace {

struct Host {
    std::string name;  ///< lower case, an IPv6 address without its brackets
    std::string port;  ///< "" when none is written
};

Host split_host(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        const std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        return {base::lower(text.substr(1, end == std::string_view::npos ? end : end - 1)),
                std::string(rest.starts_with(':') ? rest.substr(1) : std::string_view())};
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
        return {base::lower(text), ""};
    return {base::lower(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Host host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const auto user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
    return split_host(url);
}

/// An IP address as 16 bytes, an IPv4 one mapped into IPv6.
std::optional<std::array<std::uint8_t, 16>> address_of(const std::string& text) {
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

bool is_this_machine(const std::string& name) {
    const auto address = address_of(name);
    if (!address) return name == "localhost";
    const bool v4 = std::equal(address->begin(), address->begin() + 10, std::array<std::uint8_t, 10>{}.begin()) &&
                    (*address)[10] == 0xff && (*address)[12] == 127;
    return v4 || *address == *address_of("::1");
}

bool lies_in_network(const std::string& name, std::string_view network) {
    const auto slash = network.find('/');
    const auto address = address_of(name), base = address_of(std::string(network.substr(0, slash)));
    if (!address || !base || slash == std::string_view::npos) return false;
    int bits = 0;
    const std::string_view digits = network.substr(slash + 1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), bits).ptr != digits.data() + digits.size()) return false;
    if (network.find(':') == std::string_view::npos) bits += 96;
    if (bits < 0 || bits > 128) return false;
    for (int bit = 0; bit < bits; ++bit) {
        const auto at = static_cast<std::size_t>(bit / 8);
        if ((((*address)[at] ^ (*base)[at]) >> (7 - bit % 8) & 1) != 0) return false;
    }
    return true;
}

bool is_named(const Host& host, std::string_view entry) {
    if (entry == "*") return true;
    if (entry.find('/') != std::string_view::npos) return lies_in_network(host.name, entry);
    Host wanted = split_host(entry);
    if (wanted.name.empty() || (!wanted.port.empty() && wanted.port != host.port)) return false;
    if (wanted.name.starts_with("*.")) wanted.name.erase(0, 1);
    if (wanted.name.starts_with('.')) return host.name.ends_with(wanted.name);
    return host.name == wanted.name || host.name.ends_with("." + wanted.name);
}

}  // namespace

std::string proxy_for(std::string_view server, const ProxyVariables& variables) {
    const std::string& proxy = base::lower(server.substr(0, 8)) == "https://" ? variables.https : variables.http;
    const Host host = host_of(server);
    if (proxy.empty() || is_this_machine(host.name)) return {};
    for (const std::string_view entry : base::split(variables.none, ','))
        if (is_named(host, base::trim(entry))) return {};
    return proxy.find("://") == std::string::npos ? "http://" + proxy : proxy;
}

}  // namespace gitops::backend
