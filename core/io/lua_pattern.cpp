#include "core/io/lua_pattern.hpp"

#include <cctype>

namespace gitops::io {

namespace {

/// Whether `character` is of the class that the letter after '%' names; an upper-case letter is the opposite.
bool is_of_class(unsigned char character, unsigned char letter) {
    bool fits = false;
    switch (std::tolower(letter)) {
        case 'a': fits = std::isalpha(character) != 0; break;
        case 'c': fits = std::iscntrl(character) != 0; break;
        case 'd': fits = std::isdigit(character) != 0; break;
        case 'l': fits = std::islower(character) != 0; break;
        case 'p': fits = std::ispunct(character) != 0; break;
        case 's': fits = std::isspace(character) != 0; break;
        case 'u': fits = std::isupper(character) != 0; break;
        case 'w': fits = std::isalnum(character) != 0; break;
        case 'x': fits = std::isxdigit(character) != 0; break;
        case 'z': fits = character == 0; break;
        default: return letter == character;
    }
    return std::isupper(letter) != 0 ? !fits : fits;
}

}  // namespace

LuaPattern::End LuaPattern::fail(Trouble trouble) {
    if (m_trouble == Trouble::none) m_trouble = trouble;
    return std::nullopt;
}

bool LuaPattern::spend() {
    if (m_left == 0) fail(Trouble::too_long);
    else --m_left;
    return m_trouble == Trouble::none;
}

LuaPattern::End LuaPattern::match_at(std::size_t begin) {
    m_level = 0;
    const End end = match(begin, 0);
    if (!end) return end;
    for (std::size_t i = 0; i < m_level; ++i)
        if (m_captures[i].length == LuaCapture::k_open) return fail(Trouble::malformed);
    return end;
}

std::size_t LuaPattern::end_of_item(std::size_t rule) {
    const char first = m_pattern[rule++];
    if (first == '%') {
        if (rule >= m_pattern.size()) fail(Trouble::malformed);
        return rule + 1;
    }
    if (first != '[') return rule;
    if (rule < m_pattern.size() && m_pattern[rule] == '^') ++rule;
    do {  // a ']' that comes first is a member
        if (rule >= m_pattern.size()) {
            fail(Trouble::malformed);
            return rule;
        }
        rule += m_pattern[rule] == '%' ? 2 : 1;
    } while (rule >= m_pattern.size() || m_pattern[rule] != ']');
    return rule + 1;
}

/// `rule` is at '[', `last` at its ']'.
bool LuaPattern::set_fits(unsigned char character, std::size_t rule, std::size_t last) const {
    bool member = true;
    if (m_pattern[++rule] == '^') {
        member = false;
        ++rule;
    }
    for (; rule < last; ++rule) {
        const auto here = static_cast<unsigned char>(m_pattern[rule]);
        if (here == '%') {
            if (is_of_class(character, static_cast<unsigned char>(m_pattern[++rule]))) return member;
        } else if (rule + 2 < last && m_pattern[rule + 1] == '-') {
            rule += 2;
            if (here <= character && character <= static_cast<unsigned char>(m_pattern[rule])) return member;
        } else if (here == character) {
            return member;
        }
    }
    return !member;
}

bool LuaPattern::item_fits(std::size_t at, std::size_t rule, std::size_t next) {
    if (!spend() || at >= m_subject.size()) return false;
    const auto character = static_cast<unsigned char>(m_subject[at]);
    switch (m_pattern[rule]) {
        case '.': return true;
        case '%': return is_of_class(character, static_cast<unsigned char>(m_pattern[rule + 1]));
        case '[': return set_fits(character, rule, next - 1);
        default: return static_cast<unsigned char>(m_pattern[rule]) == character;
    }
}

LuaPattern::End LuaPattern::match(std::size_t at, std::size_t rule) {
    if (++m_depth > k_max_depth) fail(Trouble::too_complex);
    End end;
    while (spend()) {
        if (rule >= m_pattern.size()) {
            end = at;
            break;
        }
        const char first = m_pattern[rule];
        if (first == '(') {
            const bool is_position = rule + 1 < m_pattern.size() && m_pattern[rule + 1] == ')';
            end = is_position ? open_capture(at, rule + 2, LuaCapture::k_position)
                              : open_capture(at, rule + 1, LuaCapture::k_open);
            break;
        }
        if (first == ')') {
            end = close_capture(at, rule + 1);
            break;
        }
        if (first == '$' && rule + 1 == m_pattern.size()) {
            if (at == m_subject.size()) end = at;
            break;
        }
        bool handled = false;
        if (first == '%') end = match_escape(at, rule, handled);
        if (handled) break;
        const std::size_t next = end_of_item(rule);
        if (m_trouble != Trouble::none) break;
        const char suffix = next < m_pattern.size() ? m_pattern[next] : '\0';
        if (suffix == '*' || suffix == '+' || suffix == '-' || suffix == '?') {
            end = match_item(at, rule, next);
            break;
        }
        if (!item_fits(at, rule, next)) break;
        ++at;
        rule = next;
    }
    --m_depth;
    return m_trouble == Trouble::none ? end : std::nullopt;
}

/// An item with a suffix that says how often.
LuaPattern::End LuaPattern::match_item(std::size_t at, std::size_t rule, std::size_t next) {
    switch (m_pattern[next]) {
        case '*': return longest(at, rule, next);
        case '+': return item_fits(at, rule, next) ? longest(at + 1, rule, next) : std::nullopt;
        case '-': return shortest(at, rule, next);
        default: break;
    }
    if (item_fits(at, rule, next))
        if (const End end = match(at + 1, next + 1)) return end;
    return match(at, next + 1);
}

LuaPattern::End LuaPattern::longest(std::size_t at, std::size_t rule, std::size_t next) {
    std::size_t count = 0;
    while (item_fits(at + count, rule, next)) ++count;
    while (m_trouble == Trouble::none) {
        if (const End end = match(at + count, next + 1)) return end;
        if (count-- == 0) break;
    }
    return std::nullopt;
}

LuaPattern::End LuaPattern::shortest(std::size_t at, std::size_t rule, std::size_t next) {
    while (m_trouble == Trouble::none) {
        if (const End end = match(at, next + 1)) return end;
        if (!item_fits(at++, rule, next)) break;
    }
    return std::nullopt;
}

LuaPattern::End LuaPattern::open_capture(std::size_t at, std::size_t rule, std::size_t length) {
    if (m_level >= k_max_captures) return fail(Trouble::too_many_captures);
    m_captures[m_level++] = {at, length};
    const End end = match(at, rule);
    if (!end) --m_level;
    return end;
}

LuaPattern::End LuaPattern::close_capture(std::size_t at, std::size_t rule) {
    for (std::size_t i = m_level; i-- > 0;) {
        if (m_captures[i].length != LuaCapture::k_open) continue;
        m_captures[i].length = at - m_captures[i].begin;
        const End end = match(at, rule);
        if (!end) m_captures[i].length = LuaCapture::k_open;
        return end;
    }
    return fail(Trouble::malformed);
}

/// "%b()", "%f[set]", "%1": what '%' begins besides a class; `handled` stays false for a class.
LuaPattern::End LuaPattern::match_escape(std::size_t at, std::size_t rule, bool& handled) {
    if (rule + 1 >= m_pattern.size()) {
        handled = true;
        return fail(Trouble::malformed);
    }
    const char kind = m_pattern[rule + 1];
    handled = kind == 'b' || kind == 'f' || (kind >= '0' && kind <= '9');
    if (!handled) return std::nullopt;
    if (kind == 'b') return balanced(at, rule + 2);
    return kind == 'f' ? frontier(at, rule + 2) : repeated(at, rule + 1);
}

LuaPattern::End LuaPattern::balanced(std::size_t at, std::size_t rule) {
    if (rule + 1 >= m_pattern.size()) return fail(Trouble::malformed);
    const char open = m_pattern[rule], close = m_pattern[rule + 1];
    if (at >= m_subject.size() || m_subject[at] != open) return std::nullopt;
    std::size_t depth = 1;
    for (std::size_t i = at + 1; i < m_subject.size() && spend(); ++i) {
        if (m_subject[i] == close) {
            if (--depth == 0) return match(i + 1, rule + 2);
        } else if (m_subject[i] == open) {
            ++depth;
        }
    }
    return std::nullopt;
}

LuaPattern::End LuaPattern::frontier(std::size_t at, std::size_t rule) {
    if (rule >= m_pattern.size() || m_pattern[rule] != '[') return fail(Trouble::malformed);
    const std::size_t next = end_of_item(rule);
    if (m_trouble != Trouble::none) return std::nullopt;
    const auto before = static_cast<unsigned char>(at == 0 ? '\0' : m_subject[at - 1]);
    const auto here = static_cast<unsigned char>(at < m_subject.size() ? m_subject[at] : '\0');
    if (set_fits(before, rule, next - 1) || !set_fits(here, rule, next - 1)) return std::nullopt;
    return match(at, next);
}

LuaPattern::End LuaPattern::repeated(std::size_t at, std::size_t rule) {
    const auto index = static_cast<std::size_t>(m_pattern[rule] - '1');
    if (index >= m_level || m_captures[index].length >= LuaCapture::k_position) return fail(Trouble::malformed);
    const auto wanted = m_subject.substr(m_captures[index].begin, m_captures[index].length);
    if (m_left < wanted.size()) return fail(Trouble::too_long);
    m_left -= wanted.size();
    return m_subject.substr(at).starts_with(wanted) ? match(at + wanted.size(), rule + 1) : std::nullopt;
}

}  // namespace gitops::io
