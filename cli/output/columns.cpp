#include "cli/output/columns.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gitops::cli {

namespace {

struct Range {
    char32_t first, last;
};

// Sorted. The blocks that matter in names and messages, not all of Unicode.
constexpr std::array k_combining{Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
                                 Range{0x0610, 0x061A}, Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF},
                                 Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x202A, 0x202E},
                                 Range{0x2060, 0x2064}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F},
                                 Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}, Range{0xE0100, 0xE01EF}};
constexpr std::array k_wide{Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},
                            Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26AA, 0x26AB},
                            Range{0x26BD, 0x26BE},   Range{0x2705, 0x2705},   Range{0x270A, 0x270B},
                            Range{0x274C, 0x274C},   Range{0x2753, 0x2755},   Range{0x2795, 0x2797},
                            Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},
                            Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xAC00, 0xD7A3},
                            Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                            Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF},
                            Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};

template <std::size_t Count>
bool contains(const std::array<Range, Count>& ranges, char32_t c) {
    const auto at = std::lower_bound(ranges.begin(), ranges.end(), c, [](const Range& r, char32_t x) { return r.last < x; });
    return at != ranges.end() && at->first <= c;
}

struct Glyph {
    char32_t character = 0;
    std::size_t bytes = 1;
};

/// The character at the front of `text`, which is not empty; a byte that begins none stands for itself.
Glyph front_glyph(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    if (bytes == 1 || text.size() < bytes || lead >= 0xF5) return {lead < 0x80 ? char32_t{lead} : U'\uFFFD', 1};
    char32_t character = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80) return {U'\uFFFD', 1};
        character = character << 6 | (byte & 0x3F);
    }
    return {character, bytes};
}

/// Those that turn the direction of writing, too: they show a name as another one (UAX 9).
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::size_t width_of(char32_t c) {
    if (c < 0x300) return 1;
    if (contains(k_combining, c)) return 0;
    return contains(k_wide, c) ? 2 : 1;
}

}  // namespace

std::size_t columns_of_text(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Glyph glyph = front_glyph(text);
        columns += width_of(glyph.character);
        text.remove_prefix(glyph.bytes);
    }
    return columns;
}

std::string one_line(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Glyph glyph = front_glyph(text);
        const bool is_blank = glyph.character == '\n' || glyph.character == '\t' || glyph.character == '\r';
        if (is_control(glyph.character)) {
            result += is_blank ? ' ' : '?';
        } else {
            result += text.substr(0, glyph.bytes);
        }
        text.remove_prefix(glyph.bytes);
    }
    return result;
}

std::string shortened(std::string_view text, std::size_t columns) {
    constexpr std::string_view dots = "...";
    if (columns_of_text(text) <= columns) return std::string(text);
    if (columns <= dots.size()) return std::string(dots.substr(0, columns));
    std::size_t used = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        const Glyph glyph = front_glyph(text.substr(end));
        used += width_of(glyph.character);
        if (used > columns - dots.size()) break;
        end += glyph.bytes;
    }
    return std::string(text.substr(0, end)).append(dots);
}

}  // namespace gitops::cli
