#include <charconv>

#include "core/base/text.hpp"
#include "core/io/git_url.hpp"

namespace gitops::io {

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string_view digits = text.substr(i + 1, 2);
        if (text[i] != '%' || digits.size() != 2 || !base::is_hex(digits)) {
            decoded += text[i];
            continue;
        }
        unsigned value = 0;
        std::from_chars(digits.data(), digits.data() + 2, value, 16);
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

std::string percent_encoded_path(std::string_view path) {
    constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-._~";
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    std::string encoded;
    for (char c : path) {
        if (k_plain.find(c) != k_plain.npos) {
            encoded += c;
            continue;
        }
        auto byte = static_cast<unsigned char>(c);
        encoded += {'%', k_digits[byte >> 4], k_digits[byte & 15]};
    }
    return encoded;
}

}  // namespace gitops::io
