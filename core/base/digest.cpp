#include "core/base/digest.hpp"

namespace gitops::base {

namespace {

constexpr std::string_view k_hex = "0123456789abcdef";
constexpr std::string_view k_base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t k_no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(k_no_digit);
    for (std::size_t i = 0; i < k_base64.size(); ++i) {
        values[static_cast<unsigned char>(k_base64[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr std::array<std::uint8_t, 256> k_base64_values = make_base64_values();

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    std::string text;
    text.reserve(64);
    for (const std::uint8_t byte : sha256(bytes)) {
        text += k_hex[byte >> 4];
        text += k_hex[byte & 15];
    }
    return text;
}

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) text += i <= group.size() ? k_base64[bits >> (18 - 6 * i) & 63] : '=';
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    int digits = 0;
    int padding = 0;
    for (const char c : text) {
        if (c == '\r' || c == '\n') continue;
        const std::uint8_t value = k_base64_values[static_cast<unsigned char>(c)];
        if (c == '=') {
            if (digits + padding < 2 || digits + padding >= 4) return std::nullopt;
            ++padding;
            continue;
        }
        if (value == k_no_digit || padding > 0) return std::nullopt;
        bits = bits << 6 | value;
        if (++digits < 4) continue;
        for (const int shift : {16, 8, 0}) bytes += static_cast<char>(bits >> shift & 0xFF);
        bits = 0;
        digits = 0;
    }
    if ((digits + padding) % 4 != 0) return std::nullopt;
    if (digits >= 2) bytes += static_cast<char>(bits >> (digits == 2 ? 4 : 10) & 0xFF);
    if (digits == 3) bytes += static_cast<char>(bits >> 2 & 0xFF);
    return bytes;
}

}  // namespace gitops::base
