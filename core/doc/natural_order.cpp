#include "core/doc/unicode.hpp"
#include "core/doc/yaml_text.hpp"
#include "core/doc/yaml_write.hpp"

namespace gitops::doc {

namespace {

/// The characters of a text from some byte on, one by one. Bytes that are no UTF-8 count as U+FFFD each, as in Go.
class Runes {
  public:
    Runes(std::string_view text, std::size_t at) : m_text(text), m_at(at) {}
    bool done() const { return m_at >= m_text.size(); }
    char32_t next() { return detail::take_rune(m_text, m_at); }

  private:
    std::string_view m_text;
    std::size_t m_at;
};

/// A run of digits from some byte on: its value (wrapping, as Go's int64 does) and how many there are.
struct DigitRun {
    std::uint64_t value = 0;
    std::size_t count = 0;
};

DigitRun digits_from(std::string_view text, std::size_t at, std::uint64_t start) {
    DigitRun run{start, 0};
    Runes runes(text, at);
    while (!runes.done()) {
        const char32_t rune = runes.next();
        if (!detail::is_digit_rune(rune)) break;
        run.value = run.value * 10 + static_cast<std::uint64_t>(rune) - '0';
        ++run.count;
    }
    return run;
}

/// True when the digits that end right before `at` hold one that is not '0'.
bool number_has_begun(std::string_view text, std::size_t at) {
    while (at > 0) {
        std::size_t start = at - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80) --start;
        std::size_t end = start;
        const char32_t rune = detail::take_rune(text, end);
        if (!detail::is_digit_rune(rune)) return false;
        if (rune != '0') return true;
        at = start;
    }
    return false;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
    std::size_t same = 0;
    const std::size_t shorter = a.size() < b.size() ? a.size() : b.size();
    while (same < shorter && a[same] == b[same]) ++same;
    // Step back to the start of the character in which they differ.
    while (same > 0 && same < a.size() && (static_cast<unsigned char>(a[same]) & 0xC0U) == 0x80) --same;
    while (same > 0 && same < b.size() && (static_cast<unsigned char>(b[same]) & 0xC0U) == 0x80) --same;
    if (same >= a.size() || same >= b.size()) return a.size() < b.size();
    const char32_t rune_a = Runes(a, same).next();
    const char32_t rune_b = Runes(b, same).next();
    const bool letter_a = detail::is_letter_rune(rune_a);
    const bool letter_b = detail::is_letter_rune(rune_b);
    if (letter_a && letter_b) return rune_a < rune_b;
    if (letter_a || letter_b) return letter_b;
    const bool begun = (rune_a == '0' || rune_b == '0') && number_has_begun(a, same);
    const DigitRun run_a = digits_from(a, same, begun ? 1 : 0);
    const DigitRun run_b = digits_from(b, same, begun ? 1 : 0);
    if (run_a.value != run_b.value)
        return static_cast<std::int64_t>(run_a.value) < static_cast<std::int64_t>(run_b.value);
    if (run_a.count != run_b.count) return run_a.count < run_b.count;
    return rune_a < rune_b;
}

}  // namespace gitops::doc
