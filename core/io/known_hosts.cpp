#include "core/io/known_hosts.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/glob.hpp"
#include "core/base/text.hpp"
#include "core/io/late_library.hpp"

namespace gitops::io {

namespace {

constinit const LateFunction<decltype(::EVP_sha1)> EVP_sha1(k_libcrypto, "EVP_sha1");
constinit const LateFunction<decltype(::HMAC)> HMAC(k_libcrypto, "HMAC");

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        auto start = line.find_first_not_of(" \t\r");
        if (start == line.npos) return words;
        line.remove_prefix(start);
        auto end = std::min(line.find_first_of(" \t\r"), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

/// "|1|SALT|HASH": HMAC-SHA1 of the name under the salt, both in base64.
bool matches_hashed(std::string_view pattern, std::string_view name) {
    auto fields = base::split(pattern, '|');
    if (fields.size() != 4 || fields[1] != "1") return false;
    auto salt = base::base64_decode(fields[2]);
    auto expected = base::base64_decode(fields[3]);
    if (!salt || !expected || salt->empty()) return false;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    HMAC(EVP_sha1(), salt->data(), static_cast<int>(salt->size()), reinterpret_cast<const unsigned char*>(name.data()),
         name.size(), digest.data(), &length);
    return std::string_view(reinterpret_cast<const char*>(digest.data()), length) == *expected;
}

/// Comma-separated patterns with * and ?; a negated one that matches outweighs all others.
bool matches_patterns(std::string_view patterns, std::string_view name) {
    bool matched = false;
    for (std::string_view pattern : base::split(patterns, ',')) {
        bool negated = pattern.starts_with('!');
        if (negated) pattern.remove_prefix(1);
        // Brackets are part of "[host]:port", never a class of characters.
        std::string plain;
        for (char c : base::lower(pattern)) {
            if (c == '[' || c == ']' || c == '{' || c == '}' || c == '\\') plain += '\\';
            plain += c;
        }
        if (!base::glob_match(plain, name, base::GlobMode::name)) continue;
        if (negated) return false;
        matched = true;
    }
    return matched;
}

bool matches_name(std::string_view patterns, std::string_view name) {
    return patterns.starts_with('|') ? matches_hashed(patterns, name) : matches_patterns(patterns, name);
}

std::string name_in_file(std::string_view host, int port) {
    std::string name = base::lower(host);
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    return port == 0 || port == 22 ? name : "[" + name + "]:" + std::to_string(port);
}

}  // namespace

std::string host_key_type(std::string_view key) {
    if (key.size() < 4) return {};
    std::size_t length = 0;
    for (char c : key.substr(0, 4)) length = length << 8 | static_cast<unsigned char>(c);
    return length <= key.size() - 4 && length < 64 ? std::string(key.substr(4, length)) : std::string();
}

std::string host_key_fingerprint(std::string_view key) {
    const auto digest = base::sha256(key);
    std::string text = base::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
    while (text.ends_with('=')) text.pop_back();
    return "SHA256:" + text;
}

HostKeyVerdict judge_host_key(std::string_view known_hosts, std::string_view host, int port, std::string_view key) {
    const std::string name = name_in_file(host, port);
    const std::string type = host_key_type(key);
    HostKeyVerdict verdict = HostKeyVerdict::unknown_host;
    for (std::string_view line : base::split(known_hosts, '\n')) {
        auto words = words_of(line);
        bool revoked = !words.empty() && words[0] == "@revoked";
        if (revoked) words.erase(words.begin());
        if (words.size() < 3 || words[0].starts_with('#') || words[0].starts_with('@')) continue;
        if (!matches_name(words[0], name)) continue;
        auto listed = base::base64_decode(words[2]);
        bool same = listed && *listed == key && !key.empty();
        if (revoked) {
            if (same) return HostKeyVerdict::revoked;
            continue;
        }
        // The whole file is read: a later line may revoke the key.
        if (same) verdict = HostKeyVerdict::known;
        if (verdict == HostKeyVerdict::known) continue;
        if (words[1] == type) verdict = HostKeyVerdict::changed;
        if (verdict == HostKeyVerdict::unknown_host) verdict = HostKeyVerdict::other_type;
    }
    return verdict;
}

}  // namespace gitops::io
