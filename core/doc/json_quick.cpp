#include "core/doc/json_quick.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/doc/key_pool.hpp"
#include "core/doc/number.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::doc::detail {

namespace {

/// Bytes that end a run of plain characters inside a string.
constexpr auto k_ends_run = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A failure sets m_failed, and everything above returns at once.
class QuickReader {
  public:
    explicit QuickReader(std::string_view text) : m_at(text.data()), m_end(text.data() + text.size()) {}

    std::optional<Value> read() {
        Value root = read_value(1);
        skip_blanks();
        if (m_failed || m_at != m_end) return std::nullopt;
        return root;
    }

  private:
    Value fail() {
        m_failed = true;
        return {};
    }

    char peek() const { return m_at == m_end ? '\0' : *m_at; }

    bool take(char wanted) {
        if (m_at == m_end || *m_at != wanted) return false;
        ++m_at;
        return true;
    }

    bool take_word(std::string_view word) {
        if (!std::string_view(m_at, static_cast<std::size_t>(m_end - m_at)).starts_with(word)) return false;
        m_at += word.size();
        return true;
    }

    void skip_blanks() {
        for (; m_at != m_end; ++m_at) {
            if (*m_at == '\n') ++m_line;
            else if (*m_at != ' ' && *m_at != '\t' && *m_at != '\r') return;
        }
    }

    Value read_value(std::size_t depth) {
        skip_blanks();
        if (m_failed || depth > k_max_yaml_depth || ++m_nodes > k_max_yaml_nodes) return fail();
        const std::uint32_t line = m_line;
        Value value = read_by_first_character(depth);
        value.set_line(line);
        return value;
    }

    Value read_by_first_character(std::size_t depth) {
        switch (peek()) {
            case '{': return depth < k_max_yaml_depth ? read_object(depth) : fail();
            case '[': return depth < k_max_yaml_depth ? read_array(depth) : fail();
            case '"': return read_string() ? Value(m_text) : fail();
            case 't': return take_word("true") ? Value(true) : fail();
            case 'f': return take_word("false") ? Value(false) : fail();
            case 'n': return take_word("null") ? Value() : fail();
            default: return read_number();
        }
    }

    Value read_array(std::size_t depth) {
        ++m_at;
        const std::size_t first = m_items.size();
        skip_blanks();
        if (!take(']')) {
            do {
                Value item = read_value(depth + 1);
                if (m_failed) return {};
                m_items.push_back(std::move(item));
                skip_blanks();
            } while (take(','));
            if (!take(']')) return fail();
        }
        const auto from = m_items.begin() + static_cast<std::ptrdiff_t>(first);
        std::vector<Value> items(std::make_move_iterator(from), std::make_move_iterator(m_items.end()));
        m_items.erase(from, m_items.end());
        return Value::list(std::move(items));
    }

    Value read_object(std::size_t depth) {
        ++m_at;
        const std::size_t first = m_entries.size();
        skip_blanks();
        if (!take('}')) {
            do {
                skip_blanks();
                if (peek() != '"' || !read_string()) return fail();
                Value key = m_keys.intern(m_text);
                key.set_line(m_line);
                skip_blanks();
                if (!take(':')) return fail();
                Value value = read_value(depth + 1);
                if (m_failed) return {};
                m_entries.push_back({std::move(key), std::move(value)});
                skip_blanks();
            } while (take(','));
            if (!take('}')) return fail();
        }
        const auto from = m_entries.begin() + static_cast<std::ptrdiff_t>(first);
        std::vector<Entry> entries(std::make_move_iterator(from), std::make_move_iterator(m_entries.end()));
        m_entries.erase(from, m_entries.end());
        if (!m_keys.find_twins(entries).empty()) return fail();
        return Value::map_of_distinct(std::move(entries));
    }

    std::size_t take_digits() {
        const char* from = m_at;
        while (m_at != m_end && is_digit(*m_at)) ++m_at;
        return static_cast<std::size_t>(m_at - from);
    }

    Value read_number() {
        const char* from = m_at;
        take('-');
        const bool zero = peek() == '0';
        const std::size_t whole = take_digits();
        if (whole == 0 || (zero && whole > 1)) return fail();
        bool fraction = false;
        if (take('.')) {
            fraction = true;
            if (take_digits() == 0) return fail();
        }
        if (take('e') || take('E')) {
            fraction = true;
            if (!take('-')) take('+');
            if (take_digits() == 0) return fail();
        }
        const std::string_view spelled(from, static_cast<std::size_t>(m_at - from));
        if (spelled == "-0") return Value(0);
        // Only a number of many digits or with an exponent can be out of range; the thorough reader refuses those.
        if (fraction || spelled.size() > 300) {
            if (!parse_double(spelled)) return fail();
        }
        return Value::number(fraction ? Value::Kind::floating : Value::Kind::integer, spelled);
    }

    /// Leaves the text in m_text, which refers to the input or to m_scratch.
    bool read_string() {
        const char* from = ++m_at;
        bool has_high = false;
        skip_run(has_high);
        if (m_at != m_end && *m_at == '"') m_text = {from, static_cast<std::size_t>(m_at - from)};
        else if (!read_escaped(from, has_high)) return false;
        ++m_at;
        return m_text.size() <= k_max_yaml_scalar && (!has_high || base::is_utf8(m_text));
    }

    void skip_run(bool& has_high) {
        unsigned char seen = 0;
        while (m_at != m_end && !k_ends_run[static_cast<unsigned char>(*m_at)]) seen |= static_cast<unsigned char>(*m_at++);
        has_high |= seen >= 0x80;
    }

    bool read_escaped(const char* from, bool& has_high) {
        m_scratch.assign(from, m_at);
        while (m_at != m_end && *m_at == '\\') {
            ++m_at;
            if (!read_escape()) return false;
            from = m_at;
            skip_run(has_high);
            m_scratch.append(from, m_at);
        }
        m_text = m_scratch;
        return m_at != m_end && *m_at == '"';
    }

    bool read_escape() {
        static constexpr std::string_view k_letters = "\"\\/bfnrt";
        static constexpr std::string_view k_meanings = "\"\\/\b\f\n\r\t";
        if (m_at == m_end) return false;
        const char letter = *m_at++;
        if (const auto known = k_letters.find(letter); known != std::string_view::npos) {
            m_scratch += k_meanings[known];
            return true;
        }
        return letter == 'u' && read_unicode_escape();
    }

    std::optional<char32_t> take_hex() {
        char32_t value = 0;
        if (m_end - m_at < 4) return std::nullopt;
        for (int i = 0; i < 4; ++i) {
            const char c = *m_at++;
            const char low = static_cast<char>(c | 0x20);
            if (is_digit(c)) value = value * 16 + static_cast<char32_t>(c - '0');
            else if (low >= 'a' && low <= 'f') value = value * 16 + static_cast<char32_t>(low - 'a' + 10);
            else return std::nullopt;
        }
        return value;
    }

    bool read_unicode_escape() {
        auto rune = take_hex();
        if (!rune || (*rune >= 0xDC00 && *rune <= 0xDFFF)) return false;
        if (*rune >= 0xD800 && *rune <= 0xDBFF) {
            if (!take_word("\\u")) return false;
            const auto low = take_hex();
            if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
            rune = 0x10000 + ((*rune - 0xD800) << 10U) + (*low - 0xDC00);
        }
        append_utf8(*rune);
        return true;
    }

    void append_utf8(char32_t rune) {
        const auto tail = [&](unsigned shift) { m_scratch += static_cast<char>(0x80U | ((rune >> shift) & 0x3FU)); };
        if (rune < 0x80) {
            m_scratch += static_cast<char>(rune);
        } else if (rune < 0x800) {
            m_scratch += static_cast<char>(0xC0U | (rune >> 6U));
            tail(0);
        } else if (rune < 0x10000) {
            m_scratch += static_cast<char>(0xE0U | (rune >> 12U));
            tail(6);
            tail(0);
        } else {
            m_scratch += static_cast<char>(0xF0U | (rune >> 18U));
            tail(12);
            tail(6);
            tail(0);
        }
    }

    const char* m_at;
    const char* m_end;
    std::uint32_t m_line = 1;
    std::size_t m_nodes = 0;
    bool m_failed = false;
    std::string_view m_text;
    std::string m_scratch;
    KeyPool m_keys;
    std::vector<Value> m_items;
    std::vector<Entry> m_entries;
};

}  // namespace

std::optional<Value> read_json_quick(std::string_view text) { return QuickReader(text).read(); }

}  // namespace gitops::doc::detail
