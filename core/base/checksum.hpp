// Checksums that formats of others ask for; nothing here is safe against forgery.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gitops::base {

std::string sha1_hex(std::string_view bytes);
std::string sha512_hex(std::string_view bytes);
/// RFC 1950.
std::uint32_t adler32(std::string_view bytes);

}  // namespace gitops::base
