#include "core/doc/yaml_quick.hpp"

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/text.hpp"

namespace gitops::doc::detail {

namespace {

/// libyaml looks for a colon behind at most 1024 characters.
constexpr std::ptrdiff_t k_longest_key = 1000;

constexpr auto k_starts_plain = [] {
    std::array<bool, 256> table{};
    table.fill(true);
    for (const char c : std::string_view("-?:,[]{}#&*!|>'\"%@` \n")) table[static_cast<unsigned char>(c)] = false;
    return table;
}();

/// Characters that mean nothing in a plain text of a flow collection, wherever they stand.
constexpr auto k_in_flow = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_./-+=$()"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

constexpr int k_deepest_flow = 8;

/// No control characters but line feeds, in any of eight bytes; those above 0x7F may be anything.
bool has_control(std::uint64_t bytes) {
    constexpr std::uint64_t k_ones = 0x0101010101010101;
    constexpr std::uint64_t k_tops = k_ones * 0x80;
    const std::uint64_t low = bytes & ~k_tops;
    const std::uint64_t printable = low + k_ones * 0x60;                // top bit: 0x20 or more
    const std::uint64_t no_feed = (low ^ k_ones * 0x0A) + k_ones * 0x7F;  // top bit: no line feed
    const std::uint64_t no_delete = (low ^ k_ones * 0x7F) + k_ones * 0x7F;
    return ((~printable & no_feed) | ~no_delete) & ~bytes & k_tops;
}

/// Characters outside ASCII that are line breaks or that libyaml refuses, and what is no UTF-8.
bool has_odd_character(std::string_view text) {
    if (!base::is_utf8(text)) return true;
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0; };
    for (std::size_t at = 0; at < text.size(); ++at) {
        switch (byte(at)) {
            case 0xC2:
                if (byte(at + 1) < 0xA0) return true;
                break;
            case 0xE2:
                if (byte(at + 1) == 0x80 && (byte(at + 2) == 0xA8 || byte(at + 2) == 0xA9)) return true;
                break;
            case 0xEF:
                if (byte(at + 1) == 0xBB || byte(at + 1) == 0xBF) return true;
                break;
            default: break;
        }
    }
    return false;
}

bool is_harmless(std::string_view text) {
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < text.size(); at += 8) {
        std::uint64_t bytes = 0x2020202020202020;
        std::memcpy(&bytes, text.data() + at, std::min<std::size_t>(8, text.size() - at));
        if (has_control(bytes)) return false;
        seen |= bytes;
    }
    return (seen & 0x8080808080808080) == 0 || !has_odd_character(text);
}

/// One collection that is open at the place read.
struct Level {
    enum class Kind { map, list, list_in_map };  ///< a list_in_map stands at the column of the keys around it
    Kind kind = Kind::map;
    std::ptrdiff_t column = 0;
    bool wants_value = false;     ///< a key, or the dash of an item, has come and its value has not
    std::uint32_t wanted_on = 0;  ///< the line of that key or dash
};

/// What a plain text ends at.
enum class Stop { colon, comment, line_end };

/// A function that returns false means: leave this document to libyaml.
class QuickReader {
  public:
    QuickReader(std::string_view text, std::uint32_t first_line, YamlBuilder& builder)
        : m_at(text.data()), m_end(text.data() + text.size()), m_line_start(m_at), m_line(first_line), m_builder(builder) {}

    std::optional<std::uint32_t> read() {
        if (!read_document()) return std::nullopt;
        return m_line;
    }

  private:
    bool read_document() {
        if (std::string_view(m_at, size_of(m_at, m_end)).starts_with("---")) {
            m_at += 3;
            if (!finish_line()) return false;
        }
        while (find_content())
            if (!read_line()) return false;
        while (!m_levels.empty()) close_level();
        return true;
    }

    static std::size_t size_of(const char* from, const char* to) { return static_cast<std::size_t>(to - from); }
    std::ptrdiff_t column() const { return m_at - m_line_start; }
    bool at_line_end() const { return m_at == m_end || *m_at == '\n'; }
    bool is_gap(const char* at) const { return at == m_end || *at == ' ' || *at == '\n'; }
    bool at_dash() const { return *m_at == '-' && is_gap(m_at + 1); }

    const char* line_end() const {
        const void* found = std::memchr(m_at, '\n', size_of(m_at, m_end));
        return found == nullptr ? m_end : static_cast<const char*>(found);
    }

    void skip_blanks() {
        while (m_at != m_end && *m_at == ' ') ++m_at;
    }

    /// From a line's end, or any place in it, to the start of the next.
    void next_line() {
        m_at = line_end();
        if (m_at != m_end) {
            ++m_at;
            ++m_line;
        }
        m_line_start = m_at;
    }

    /// Past the rest of a line that holds nothing more but blanks and a comment.
    bool finish_line() {
        const char* before = m_at;
        skip_blanks();
        if (!at_line_end() && (*m_at != '#' || m_at == before)) return false;
        next_line();
        return true;
    }

    /// To the next character that is no blank and in no comment, from the start of a line; false when there is none.
    bool find_content() {
        for (;;) {
            skip_blanks();
            if (m_at == m_end) return false;
            if (*m_at != '\n' && *m_at != '#') return true;
            next_line();
        }
    }

    void emit(std::string_view text, Value::Style style, std::uint32_t line) { m_builder.scalar({text, style, line, {}, {}}); }

    void settle_value(Level& level) {
        if (level.wants_value) emit({}, Value::Style::plain, level.wanted_on);
        level.wants_value = false;
    }

    void close_level() {
        settle_value(m_levels.back());
        m_levels.pop_back();
        m_builder.close();
    }

    /// Opens a collection as the document's root or as the value that is wanted.
    bool open_level(Level::Kind kind, std::ptrdiff_t at_column) {
        if (m_levels.empty()) {
            if (m_has_root) return false;
            m_has_root = true;
        } else {
            if (!m_levels.back().wants_value) return false;
            m_levels.back().wants_value = false;
        }
        m_builder.open({kind == Level::Kind::map ? Collection::map : Collection::list, Layout::block, m_line, {}});
        m_levels.push_back({kind, at_column, false, 0});
        return true;
    }

    bool enter_list(std::ptrdiff_t at_column) {
        const bool is_beside = !m_levels.empty() && m_levels.back().column == at_column;
        if (!is_beside || m_levels.back().kind == Level::Kind::map) {
            if (!open_level(is_beside ? Level::Kind::list_in_map : Level::Kind::list, at_column)) return false;
        } else {
            settle_value(m_levels.back());
        }
        return want_value();
    }

    bool enter_map(std::ptrdiff_t at_column) {
        if (!m_levels.empty() && m_levels.back().kind == Level::Kind::list_in_map && m_levels.back().column == at_column) close_level();
        if (m_levels.empty() || m_levels.back().column != at_column) return open_level(Level::Kind::map, at_column);
        if (m_levels.back().kind != Level::Kind::map) return false;
        settle_value(m_levels.back());
        return true;
    }

    bool want_value() {
        m_levels.back().wants_value = true;
        m_levels.back().wanted_on = m_line;
        return true;
    }

    /// A scalar or a flow collection is about to be the value that is wanted.
    bool fill_value() {
        if (m_levels.empty() || !m_levels.back().wants_value || column() <= m_levels.back().column) return false;
        m_levels.back().wants_value = false;
        return true;
    }

    bool starts_plain() const {
        return k_starts_plain[static_cast<unsigned char>(*m_at)] || (*m_at == '-' && !is_gap(m_at + 1));
    }

    /// One line with content, or more when a scalar goes on.
    bool read_line() {
        if (column() == 0 && (std::string_view(m_at, size_of(m_at, m_end)).starts_with("---") ||
                              std::string_view(m_at, size_of(m_at, m_end)).starts_with("...")))
            return false;
        while (!m_levels.empty() && m_levels.back().column > column()) close_level();
        while (at_dash()) {
            if (!enter_list(column())) return false;
            ++m_at;
            skip_blanks();
            if (at_line_end() || *m_at == '#') {
                next_line();
                return true;
            }
        }
        if (*m_at == '"' || *m_at == '\'') return read_quoted_key_or_value();
        if (!starts_plain()) return read_value();
        const char* start = m_at;
        const Stop stop = find_stop();
        const std::string_view text = trimmed(start);
        if (stop == Stop::colon) return read_entry(text, Value::Style::plain, start - m_line_start);
        m_at = start;
        return read_plain();
    }

    bool read_quoted_key_or_value() {
        const char* start = m_at;
        const auto start_column = column();
        const auto start_line = m_line;
        const auto style = *m_at == '"' ? Value::Style::double_quoted : Value::Style::single_quoted;
        std::string_view text;
        if (!read_quoted(text)) return false;
        const char* behind = m_at;
        skip_blanks();
        const bool is_key = m_at != m_end && *m_at == ':' && is_gap(m_at + 1);
        if (is_key) return m_line == start_line && m_at - start < k_longest_key && read_entry(text, style, start_column);
        m_at = behind;
        if (m_levels.empty() || !m_levels.back().wants_value || start_column <= m_levels.back().column) return false;
        m_levels.back().wants_value = false;
        emit(text, style, start_line);
        return finish_line();
    }

    /// A key that ends at the colon read next, and its value as far as it stands on this line.
    bool read_entry(std::string_view key, Value::Style style, std::ptrdiff_t at_column) {
        if (std::ssize(key) > k_longest_key || !enter_map(at_column)) return false;
        emit(key, style, m_line);
        want_value();
        ++m_at;
        skip_blanks();
        if (!at_line_end() && *m_at != '#') return read_value();
        next_line();
        return true;
    }

    bool read_value() {
        switch (*m_at) {
            case '"':
            case '\'': {
                if (!fill_value()) return false;
                const auto line = m_line;
                const auto style = *m_at == '"' ? Value::Style::double_quoted : Value::Style::single_quoted;
                std::string_view text;
                if (!read_quoted(text)) return false;
                emit(text, style, line);
                return finish_line();
            }
            case '|':
            case '>': return fill_value() && read_block();
            case '[':
            case '{': return fill_value() && read_flow(1) && finish_line();
            default: return starts_plain() && read_plain();
        }
    }

    /// A flow collection on one line, of scalars that hold nothing odd and of such collections.
    bool read_flow(int depth) {
        const bool is_map = *m_at++ == '{';
        const char closing = is_map ? '}' : ']';
        if (depth > k_deepest_flow) return false;
        m_builder.open({is_map ? Collection::map : Collection::list, Layout::flow, m_line, {}});
        skip_blanks();
        if (m_at != m_end && *m_at == closing) {
            ++m_at;
            m_builder.close();
            return true;
        }
        for (;;) {
            if (is_map && !read_flow_key()) return false;
            if (!read_flow_node(depth)) return false;
            skip_blanks();
            if (m_at == m_end) return false;
            const char c = *m_at++;
            if (c == closing) break;
            if (c != ',') return false;
            skip_blanks();
        }
        m_builder.close();
        return true;
    }

    bool read_flow_key() {
        if (m_at == m_end) return false;
        const bool is_quoted = *m_at == '"' || *m_at == '\'';
        if (!read_flow_scalar() || m_at == m_end || *m_at != ':') return false;
        ++m_at;
        if (m_at == m_end || (*m_at != ' ' && !is_quoted)) return false;
        skip_blanks();
        return true;
    }

    bool read_flow_node(int depth) {
        if (m_at == m_end) return false;
        return *m_at == '[' || *m_at == '{' ? read_flow(depth + 1) : read_flow_scalar();
    }

    bool read_flow_scalar() {
        const char* const start = m_at;
        if (*m_at == '"' || *m_at == '\'') {
            const auto line = m_line;
            const auto style = *m_at == '"' ? Value::Style::double_quoted : Value::Style::single_quoted;
            std::string_view text;
            if (!read_quoted(text) || m_line != line || m_at - start > k_longest_key) return false;
            emit(text, style, line);
            return true;
        }
        const auto is_word = [this](const char* at) { return at != m_end && k_in_flow[static_cast<unsigned char>(*at)]; };
        if (!is_word(m_at) || (*m_at == '-' && (!is_word(m_at + 1) || m_at[1] == '-'))) return false;
        while (is_word(m_at) || (m_at != m_end && (*m_at == ' ' || *m_at == ':') && is_word(m_at + 1))) ++m_at;
        if (m_at - start > k_longest_key) return false;
        emit({start, size_of(start, m_at)}, Value::Style::plain, m_line);
        return true;
    }

    /// From the start of a plain text to where it ends on this line.
    Stop find_stop() {
        const char* const end = line_end();
        const char* colon = m_at;
        for (;; ++colon) {
            colon = static_cast<const char*>(std::memchr(colon, ':', size_of(colon, end)));
            if (colon == nullptr || is_gap(colon + 1)) break;
        }
        const char* const last = colon == nullptr ? end : colon;
        for (const char* hash = m_at; (hash = static_cast<const char*>(std::memchr(hash, '#', size_of(hash, last)))) != nullptr; ++hash) {
            if (hash == m_at || hash[-1] != ' ') continue;
            m_at = hash;
            return Stop::comment;
        }
        m_at = last;
        return colon == nullptr ? Stop::line_end : Stop::colon;
    }

    /// The text from `start` to here without the blanks at its end.
    std::string_view trimmed(const char* start) const {
        const char* end = m_at;
        while (end != start && end[-1] == ' ') --end;
        return {start, size_of(start, end)};
    }

    bool read_plain() {
        if (!fill_value()) return false;
        const auto line = m_line;
        const char* start = m_at;
        Stop stop = find_stop();
        if (stop == Stop::colon) return false;
        std::string_view text = trimmed(start);
        next_line();
        while (stop == Stop::line_end) {
            const auto breaks = find_more();
            if (breaks == 0) break;
            if (text.data() != m_text.data()) text = m_text.assign(text);
            add_breaks(breaks);
            start = m_at;
            stop = find_stop();
            if (stop == Stop::colon) return false;
            text = m_text.append(trimmed(start));
            next_line();
        }
        emit(text, Value::Style::plain, line);
        return true;
    }

    /// From the start of a line to where a plain text goes on; how many line breaks that took, 0 when it does not go on
    /// (then this is the start of a line again).
    std::size_t find_more() {
        std::size_t breaks = 1;
        for (;; ++breaks) {
            skip_blanks();
            if (m_at == m_end || *m_at != '\n') break;
            next_line();
        }
        if (m_at != m_end && *m_at != '#' && column() > m_levels.back().column) return breaks;
        m_at = m_line_start;
        return 0;
    }

    /// One line break is a blank, of several the first does not count.
    void add_breaks(std::size_t breaks) {
        if (breaks == 1) m_text += ' ';
        else m_text.append(breaks - 1, '\n');
    }

    bool read_quoted(std::string_view& text) {
        const char quote = *m_at++;
        const char* const end = static_cast<const char*>(std::memchr(m_at, quote, size_of(m_at, line_end())));
        const bool is_double = quote == '"';
        const bool is_simple = end != nullptr && (is_double ? std::memchr(m_at, '\\', size_of(m_at, end)) == nullptr
                                                            : end + 1 == m_end || end[1] != '\'');
        if (is_simple) {
            text = {m_at, size_of(m_at, end)};
            m_at = end + 1;
            return true;
        }
        m_text.clear();
        for (;;) {
            if (m_at == m_end) return false;
            const char c = *m_at;
            if (c == ' ' || c == '\n') {
                if (!read_gap()) return false;
            } else if (c == '\\' && is_double) {
                if (!read_escape()) return false;
            } else if (c != quote) {
                m_text += c;
                ++m_at;
            } else if (!is_double && m_at + 1 != m_end && m_at[1] == quote) {
                m_text += c;
                m_at += 2;
            } else {
                ++m_at;
                text = m_text;
                return true;
            }
        }
    }

    /// Blanks inside quotes, or line breaks with the blanks around them.
    bool read_gap() {
        const char* start = m_at;
        skip_blanks();
        if (m_at == m_end) return false;
        if (*m_at != '\n') {
            m_text.append(start, m_at);
            return true;
        }
        if (m_levels.empty()) return false;
        next_line();
        const auto breaks = find_more_quoted();
        if (breaks == 0) return false;
        add_breaks(breaks);
        return true;
    }

    std::size_t find_more_quoted() {
        std::size_t breaks = 1;
        for (;; ++breaks) {
            skip_blanks();
            if (m_at == m_end || column() <= m_levels.back().column) {
                if (m_at == m_end || *m_at != '\n') return 0;
            }
            if (*m_at != '\n') return breaks;
            next_line();
        }
    }

    bool read_escape() {
        constexpr std::string_view k_letters = "0abtnvfre \"/\\";
        constexpr std::string_view k_meanings("\0\a\b\t\n\v\f\r\x1B \"/\\", 13);
        if (m_end - m_at < 2) return false;
        const auto at = k_letters.find(m_at[1]);
        if (at == k_letters.npos) return false;
        m_text += k_meanings[at];
        m_at += 2;
        return true;
    }

    /// A literal or folded block whose indentation its first line tells.
    bool read_block() {
        const auto line = m_line;
        const bool is_folded = *m_at++ == '>';
        const char chomp = m_at != m_end && (*m_at == '-' || *m_at == '+') ? *m_at++ : ' ';
        if (!finish_line()) return false;
        std::size_t breaks = 0;
        std::ptrdiff_t widest = 0;
        for (skip_blanks(); m_at != m_end && *m_at == '\n'; skip_blanks()) {
            widest = std::max(widest, column());
            ++breaks;
            next_line();
        }
        const auto indent = column();
        if (m_at == m_end || indent <= m_levels.back().column || widest > indent) return false;
        const bool ends_with_break = read_block_lines(indent, is_folded, breaks);
        if (chomp != '-' && ends_with_break) m_text += '\n';
        if (chomp == '+') m_text.append(breaks, '\n');
        emit(m_text, is_folded ? Value::Style::folded : Value::Style::literal, line);
        m_at = m_line_start;
        return true;
    }

    /// The lines of a block, from the content of its first one on. `breaks` counts the empty lines before a line; those
    /// after the last one remain. Returns whether the last line ended with a break.
    bool read_block_lines(std::ptrdiff_t indent, bool is_folded, std::size_t& breaks) {
        bool has_break = false;
        bool was_indented = false;
        m_text.clear();
        while (m_at != m_end && column() == indent) {
            const bool is_indented = *m_at == ' ';
            if (has_break && (!is_folded || was_indented || is_indented)) m_text += '\n';
            else if (has_break && breaks == 0) m_text += ' ';
            m_text.append(breaks, '\n');
            breaks = 0;
            was_indented = is_indented;
            const char* const end = line_end();
            m_text.append(m_at, end);
            m_at = end;
            has_break = m_at != m_end;
            next_line();
            for (;; ++breaks) {
                while (m_at != m_end && *m_at == ' ' && column() < indent) ++m_at;
                if (m_at == m_end || *m_at != '\n') break;
                next_line();
            }
        }
        return has_break;
    }

    const char* m_at;
    const char* m_end;
    const char* m_line_start;
    std::uint32_t m_line;
    YamlBuilder& m_builder;
    std::vector<Level> m_levels;
    std::string m_text;
    bool m_has_root = false;
};

}  // namespace

std::optional<std::uint32_t> read_yaml_quick(std::string_view text, std::uint32_t first_line, YamlBuilder& builder) {
    if (!is_harmless(text)) return std::nullopt;
    return QuickReader(text, first_line, builder).read();
}

}  // namespace gitops::doc::detail
