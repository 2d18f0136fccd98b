#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gitops::base {

/// SHA-256 (FIPS 180-4). An own one: building a kustomization must not load a library of 4 MB for the hash in a name.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);
/// The same as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
/// RFC 4648 base64 with padding, on one line.
std::string base64_encode(std::string_view bytes);
/// Accepts line breaks; nullopt when it is not base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace gitops::base
