#include "core/base/redact.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace gitops::base {

namespace {

constexpr std::string_view k_mask = "***";
/// How far a broken URL ("https://user:pa ss@host") is searched for its '@'; also keeps the work linear.
constexpr std::size_t k_reach = 1024;

constexpr std::array<std::string_view, 3> k_headers{"authorization", "private-token", "x-api-key"};
constexpr std::array<std::string_view, 12> k_secret_parameters{
    "access_token", "private_token", "token",         "password", "passwd",  "secret",
    "api_key",      "apikey",        "client_secret", "key",      "sig",     "x-amz-signature"};
constexpr std::array<std::string_view, 7> k_token_prefixes{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"};
/// Words after "bearer" that speak about tokens instead of being one.
constexpr std::array<std::string_view, 5> k_no_tokens{"token", "tokens", "auth", "authentication", "authorization"};
constexpr std::size_t k_shortest_known_token = 12;

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_ignoring_case(std::string_view a, std::string_view lowered) {
    return std::equal(a.begin(), a.end(), lowered.begin(), lowered.end(),
                      [](char x, char y) { return lower_char(x) == y; });
}

bool starts_ignoring_case(std::string_view text, std::string_view lowered) {
    return text.size() >= lowered.size() && same_ignoring_case(text.substr(0, lowered.size()), lowered);
}

bool is_alnum(char c) { return (lower_char(c) >= 'a' && lower_char(c) <= 'z') || (c >= '0' && c <= '9'); }
bool is_word(char c) { return is_alnum(c) || c == '_' || c == '-'; }
bool is_scheme(char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; }
bool is_token(char c) { return is_word(c) || std::string_view(".~+/=").find(c) != std::string_view::npos; }

/// One pass over the text: copies it to m_out, replacing what is recognised at the place it stands on.
class Redactor {
  public:
    explicit Redactor(std::string_view text) : m_text(text) { m_out.reserve(text.size() + k_mask.size()); }

    std::string run() {
        while (m_at < m_text.size()) {
            if (!url() && !parameter() && !word()) copy(1);
        }
        return std::move(m_out);
    }

  private:
    std::string_view rest() const { return m_text.substr(m_at); }
    char previous() const { return m_at == 0 ? '\0' : m_text[m_at - 1]; }

    void copy(std::size_t count) {
        m_out += m_text.substr(m_at, count);
        m_at += count;
    }
    void mask(std::size_t count) {
        m_out += k_mask;
        m_at += count;
    }

    std::string_view scheme_before() const {
        std::size_t from = m_at;
        while (from > 0 && m_at - from < 16 && is_scheme(m_text[from - 1])) --from;
        return m_text.substr(from, m_at - from);
    }

    /// At "://": copies it and masks the user info behind it.
    bool url() {
        if (!rest().starts_with("://")) return false;
        const std::string_view scheme = scheme_before();
        copy(3);
        const std::optional<std::size_t> end = user_info_end();
        if (!end) return true;
        const std::string_view info = rest().substr(0, *end);
        const bool names_a_user_only =
            scheme.size() >= 3 && same_ignoring_case(scheme.substr(scheme.size() - 3), "ssh") &&
            info.find(':') == std::string_view::npos;
        if (names_a_user_only) {
            copy(*end);
        } else {
            mask(*end);
        }
        return true;
    }

    /// Where the '@' that ends the user info stands; nullopt when there is no user info.
    std::optional<std::size_t> user_info_end() const {
        const std::string_view near = rest().substr(0, k_reach);
        const std::string_view run = near.substr(0, near.find_first_of(" \t\r\n\"'<>`"));
        const std::string_view authority = run.substr(0, run.find_first_of("/?#"));
        if (const auto at = authority.rfind('@'); at != std::string_view::npos) return at;
        if (!has_odd_port(authority)) return std::nullopt;
        // "user:pass/word@host": what stands behind ':' is no port, so the '/' may belong to a password.
        if (const auto at = run.rfind('@'); at != std::string_view::npos) return at;
        const auto at = near.substr(0, near.find_first_of("\r\n")).rfind('@');
        return at == std::string_view::npos ? std::nullopt : std::optional(at);
    }

    static bool has_odd_port(std::string_view authority) {
        const auto bracket = authority.find(']');
        const auto colon = authority.find(':', authority.starts_with('[') && bracket != std::string_view::npos ? bracket : 0);
        if (colon == std::string_view::npos) return false;
        const std::string_view port = authority.substr(colon + 1);
        return !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    }

    /// At '?' or '&': "token=..." of a query.
    bool parameter() {
        if (m_text[m_at] != '?' && m_text[m_at] != '&') return false;
        const std::string_view query = rest().substr(1, k_reach);
        for (const std::string_view name : k_secret_parameters) {
            if (!starts_ignoring_case(query, name) || query.size() == name.size() || query[name.size()] != '=') continue;
            copy(name.size() + 2);
            mask(std::min(rest().find_first_of("&# \t\r\n\"'<>`"), rest().size()));
            return true;
        }
        return false;
    }

    /// At the start of a word: a header's name, "Bearer", or a token that is known by its first letters.
    bool word() {
        if (!is_word(m_text[m_at]) || (is_alnum(previous()) && is_alnum(m_text[m_at]))) return false;
        return header() || bearer() || known_token();
    }

    bool header() {
        for (const std::string_view name : k_headers) {
            if (!starts_ignoring_case(rest(), name)) continue;
            std::size_t end = name.size();
            const auto skip = [&](std::string_view set) {
                while (end < rest().size() && set.find(rest()[end]) != std::string_view::npos) ++end;
            };
            skip("\"' \t");
            if (end >= rest().size() || (rest()[end] != ':' && rest()[end] != '=')) return false;
            skip(":= \t\"'");
            const std::size_t length = std::min(rest().find_first_of("\r\n\"'", end), rest().size()) - end;
            copy(end);
            if (length > 0) mask(length);
            return true;
        }
        return false;
    }

    bool bearer() {
        constexpr std::string_view name = "bearer";
        if (!starts_ignoring_case(rest(), name)) return false;
        const std::size_t from = rest().find_first_not_of(" \t", name.size());
        if (from == std::string_view::npos || from == name.size()) return false;
        std::size_t end = from;
        while (end < rest().size() && is_token(rest()[end])) ++end;
        const std::string_view token = rest().substr(from, end - from);
        const bool talk = std::any_of(k_no_tokens.begin(), k_no_tokens.end(),
                                      [&](std::string_view known) { return same_ignoring_case(token, known); });
        if (token.empty() || talk) return false;
        copy(from);
        mask(token.size());
        return true;
    }

    bool known_token() {
        for (const std::string_view prefix : k_token_prefixes) {
            if (!rest().starts_with(prefix)) continue;
            std::size_t end = prefix.size();
            while (end < rest().size() && is_word(rest()[end])) ++end;
            if (end < k_shortest_known_token) return false;
            mask(end);
            return true;
        }
        return false;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::string m_out;
};

}  // namespace

std::string redact(std::string_view text) { return Redactor(text).run(); }

}  // namespace gitops::base
