// SHA-1 and SHA-512 (FIPS 180-4) and Adler-32 (RFC 1950).
#include "core/base/checksum.hpp"

#include <array>
#include <bit>

namespace gitops::base {

namespace {

// Fractional parts of the cube roots of the first 80 primes.
constexpr std::array<std::uint64_t, 80> k_sha512{
    0x428a2f98d728ae22ULL, 0x7137449123ef65cdULL, 0xb5c0fbcfec4d3b2fULL, 0xe9b5dba58189dbbcULL,
    0x3956c25bf348b538ULL, 0x59f111f1b605d019ULL, 0x923f82a4af194f9bULL, 0xab1c5ed5da6d8118ULL,
    0xd807aa98a3030242ULL, 0x12835b0145706fbeULL, 0x243185be4ee4b28cULL, 0x550c7dc3d5ffb4e2ULL,
    0x72be5d74f27b896fULL, 0x80deb1fe3b1696b1ULL, 0x9bdc06a725c71235ULL, 0xc19bf174cf692694ULL,
    0xe49b69c19ef14ad2ULL, 0xefbe4786384f25e3ULL, 0x0fc19dc68b8cd5b5ULL, 0x240ca1cc77ac9c65ULL,
    0x2de92c6f592b0275ULL, 0x4a7484aa6ea6e483ULL, 0x5cb0a9dcbd41fbd4ULL, 0x76f988da831153b5ULL,
    0x983e5152ee66dfabULL, 0xa831c66d2db43210ULL, 0xb00327c898fb213fULL, 0xbf597fc7beef0ee4ULL,
    0xc6e00bf33da88fc2ULL, 0xd5a79147930aa725ULL, 0x06ca6351e003826fULL, 0x142929670a0e6e70ULL,
    0x27b70a8546d22ffcULL, 0x2e1b21385c26c926ULL, 0x4d2c6dfc5ac42aedULL, 0x53380d139d95b3dfULL,
    0x650a73548baf63deULL, 0x766a0abb3c77b2a8ULL, 0x81c2c92e47edaee6ULL, 0x92722c851482353bULL,
    0xa2bfe8a14cf10364ULL, 0xa81a664bbc423001ULL, 0xc24b8b70d0f89791ULL, 0xc76c51a30654be30ULL,
    0xd192e819d6ef5218ULL, 0xd69906245565a910ULL, 0xf40e35855771202aULL, 0x106aa07032bbd1b8ULL,
    0x19a4c116b8d2d0c8ULL, 0x1e376c085141ab53ULL, 0x2748774cdf8eeb99ULL, 0x34b0bcb5e19b48a8ULL,
    0x391c0cb3c5c95a63ULL, 0x4ed8aa4ae3418acbULL, 0x5b9cca4f7763e373ULL, 0x682e6ff3d6b2b8a3ULL,
    0x748f82ee5defb2fcULL, 0x78a5636f43172f60ULL, 0x84c87814a1f0ab72ULL, 0x8cc702081a6439ecULL,
    0x90befffa23631e28ULL, 0xa4506cebde82bde9ULL, 0xbef9a3f7b2c67915ULL, 0xc67178f2e372532bULL,
    0xca273eceea26619cULL, 0xd186b8c721c0c207ULL, 0xeada7dd6cde0eb1eULL, 0xf57d4f7fee6ed178ULL,
    0x06f067aa72176fbaULL, 0x0a637dc5a2c898a6ULL, 0x113f9804bef90daeULL, 0x1b710b35131c471bULL,
    0x28db77f523047d84ULL, 0x32caab7b40c72493ULL, 0x3c9ebe0a15c9bebcULL, 0x431d67c49c100d4cULL,
    0x4cc5d4becb3e42b6ULL, 0x597f299cfc657e2aULL, 0x5fcb6fab3ad6faecULL, 0x6c44198c4a475817ULL};

/// The message with its padding: a one bit, zeros, and its length in bits in the last eighth of a block.
template <std::size_t Block>
std::string padded(std::string_view bytes) {
    std::string out(bytes);
    out += '\x80';
    while (out.size() % Block != Block - Block / 8) out += '\0';
    out.append(Block / 8 - 8, '\0');
    const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 255);
    return out;
}

template <class Word>
Word word_at(std::string_view text, std::size_t at) {
    Word word = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) word = word << 8 | static_cast<unsigned char>(text[at + i]);
    return word;
}

template <class Words>
std::string hex(const Words& words) {
    constexpr std::string_view k_hex = "0123456789abcdef";
    std::string out;
    for (const auto word : words)
        for (int shift = static_cast<int>(sizeof word) * 8 - 4; shift >= 0; shift -= 4) out += k_hex[word >> shift & 15];
    return out;
}

void mix_sha1(std::array<std::uint32_t, 5>& state, std::string_view block) {
    std::array<std::uint32_t, 80> words{};
    for (std::size_t i = 0; i < 16; ++i) words[i] = word_at<std::uint32_t>(block, i * 4);
    for (std::size_t i = 16; i < 80; ++i) words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < 80; ++i) {
        std::uint32_t f = 0, k = 0;
        if (i < 20) f = (b & c) | (~b & d), k = 0x5a827999;
        else if (i < 40) f = b ^ c ^ d, k = 0x6ed9eba1;
        else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
        else f = b ^ c ^ d, k = 0xca62c1d6;
        const std::uint32_t next = std::rotl(a, 5) + f + e + k + words[i];
        e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

void mix_sha512(std::array<std::uint64_t, 8>& state, std::string_view block) {
    std::array<std::uint64_t, 80> words{};
    for (std::size_t i = 0; i < 16; ++i) words[i] = word_at<std::uint64_t>(block, i * 8);
    for (std::size_t i = 16; i < 80; ++i) {
        const std::uint64_t x = words[i - 15], y = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (std::rotr(x, 1) ^ std::rotr(x, 8) ^ x >> 7) + (std::rotr(y, 19) ^ std::rotr(y, 61) ^ y >> 6);
    }
    auto v = state;
    for (std::size_t i = 0; i < 80; ++i) {
        const std::uint64_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]), majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        const std::uint64_t first = v[7] + (std::rotr(v[4], 14) ^ std::rotr(v[4], 18) ^ std::rotr(v[4], 41)) + choice + k_sha512[i] + words[i];
        const std::uint64_t second = (std::rotr(v[0], 28) ^ std::rotr(v[0], 34) ^ std::rotr(v[0], 39)) + majority;
        v = {first + second, v[0], v[1], v[2], v[3] + first, v[4], v[5], v[6]};
    }
    for (std::size_t i = 0; i < 8; ++i) state[i] += v[i];
}

}  // namespace

std::string sha1_hex(std::string_view bytes) {
    std::array<std::uint32_t, 5> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    const std::string text = padded<64>(bytes);
    for (std::size_t at = 0; at < text.size(); at += 64) mix_sha1(state, std::string_view(text).substr(at, 64));
    return hex(state);
}

std::string sha512_hex(std::string_view bytes) {
    // Fractional parts of the square roots of the first eight primes.
    std::array<std::uint64_t, 8> state{0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL, 0xa54ff53a5f1d36f1ULL,
                                     0x510e527fade682d1ULL, 0x9b05688c2b3e6c1fULL, 0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL};
    const std::string text = padded<128>(bytes);
    for (std::size_t at = 0; at < text.size(); at += 128) mix_sha512(state, std::string_view(text).substr(at, 128));
    return hex(state);
}

std::uint32_t adler32(std::string_view bytes) {
    constexpr std::uint32_t k_modulus = 65521;
    std::uint32_t a = 1, b = 0;
    for (const char c : bytes) {
        a = (a + static_cast<unsigned char>(c)) % k_modulus;
        b = (b + a) % k_modulus;
    }
    return b << 16 | a;
}

}  // namespace gitops::base
