#include <algorithm>
#include <cstdint>

#include "tests/support/http_server.hpp"

namespace gitops::test {

namespace {

constexpr std::size_t k_longest_block = 0xffff;

std::uint32_t checksum(std::string_view text) {
    std::uint32_t sum = 0xffffffff;
    for (const char c : text) {
        sum ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum;
}

void add_number(std::string& out, std::size_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

}  // namespace

/// RFC 1952 around the stored blocks of RFC 1951, 3.2.4: valid, though nothing gets smaller.
std::string gzipped(std::string_view text) {
    std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    std::string_view left = text;
    do {
        const std::string_view block = left.substr(0, k_longest_block);
        left.remove_prefix(block.size());
        out += left.empty() ? '\1' : '\0';
        add_number(out, block.size(), 2);
        add_number(out, ~block.size(), 2);
        out += block;
    } while (!left.empty());
    add_number(out, checksum(text), 4);
    add_number(out, text.size(), 4);
    return out;
}

}  // namespace gitops::test
