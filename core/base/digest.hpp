#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gitops::base {

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
/// RFC 4648 base64 with padding, on one line.
std::string base64_encode(std::string_view bytes);
/// Accepts line breaks; nullopt when it is not base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace gitops::base
