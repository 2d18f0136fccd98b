#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace gitops::base {

namespace {

constexpr std::string_view k_blanks = " \t\r\n\v\f";
/// Longer names are not typing mistakes of each other; keeps the quadratic distance small.
constexpr std::size_t k_longest_name = 128;
constexpr std::size_t k_most_suggestions = 3;

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// The forms of a UTF-8 sequence by its first byte, with the bounds of the second one (Unicode, table 3-7).
struct Utf8Form {
    unsigned char first_low, first_high;
    int length;
    unsigned char second_low, second_high;
};
constexpr std::array<Utf8Form, 9> k_utf8_forms{{{0x00, 0x7F, 1, 0x00, 0xFF},
                                                {0xC2, 0xDF, 2, 0x80, 0xBF},
                                                {0xE0, 0xE0, 3, 0xA0, 0xBF},
                                                {0xE1, 0xEC, 3, 0x80, 0xBF},
                                                {0xED, 0xED, 3, 0x80, 0x9F},
                                                {0xEE, 0xEF, 3, 0x80, 0xBF},
                                                {0xF0, 0xF0, 4, 0x90, 0xBF},
                                                {0xF1, 0xF3, 4, 0x80, 0xBF},
                                                {0xF4, 0xF4, 4, 0x80, 0x8F}}};

/// Bytes of the well-formed sequence at `text[at]`; 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (const Utf8Form& form : k_utf8_forms) {
        if (byte(at) < form.first_low || byte(at) > form.first_high) continue;
        const auto length = static_cast<std::size_t>(form.length);
        if (text.size() - at < length) return 0;
        if (length > 1 && (byte(at + 1) < form.second_low || byte(at + 1) > form.second_high)) return 0;
        for (std::size_t i = 2; i < length; ++i) {
            if ((byte(at + i) & 0xC0) != 0x80) return 0;
        }
        return length;
    }
    return 0;
}

}  // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(k_blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower_char);
    return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator, from)) {
        parts.push_back(text.substr(from, at - from));
        from = at + 1;
    }
    parts.push_back(text.substr(from));
    return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) result += separator;
        result += parts[i];
    }
    return result;
}

std::string count_of(std::size_t count, std::string_view noun, std::string_view plural) {
    std::string result = std::to_string(count);
    result += ' ';
    if (count == 1 || plural.empty()) {
        result += noun;
        if (count != 1) result += 's';
    } else {
        result += plural;
    }
    return result;
}

bool is_hex(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_hex_digit); }

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    const auto same = [&](std::size_t i, std::size_t j) { return lower_char(a[i - 1]) == lower_char(b[j - 1]); };
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j - 1] + (same(i, j) ? 0 : 1), last[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j);
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& candidates) {
    if (name.empty() || name.size() > k_longest_name) return {};
    const std::size_t limit = std::max<std::size_t>(1, name.size() / 3);
    std::vector<std::pair<std::size_t, const std::string*>> near;
    for (const std::string& candidate : candidates) {
        const std::size_t gap =
            candidate.size() > name.size() ? candidate.size() - name.size() : name.size() - candidate.size();
        if (gap > limit) continue;
        const std::size_t distance = edit_distance(name, candidate);
        if (distance <= limit) near.emplace_back(distance, &candidate);
    }
    std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> names;
    for (const auto& [distance, candidate] : near) {
        if (names.size() == k_most_suggestions) break;
        if (std::find(names.begin(), names.end(), *candidate) == names.end()) names.push_back(*candidate);
    }
    return names;
}

}  // namespace gitops::base
