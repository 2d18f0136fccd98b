#include "core/base/glob.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.hpp"

namespace gitops::base {

namespace {

constexpr int k_deepest_braces = 32;

/// Code points of well-formed UTF-8, else the bytes as they are.
std::u32string decode(std::string_view text) {
    std::u32string points;
    points.reserve(text.size());
    if (!is_utf8(text)) {
        for (const char c : text) points += static_cast<unsigned char>(c);
        return points;
    }
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) == 0x80) {
            points.back() = points.back() << 6 | (byte & 0x3F);
        } else {
            points += byte < 0x80 ? byte : byte < 0xE0 ? byte & 0x1F : byte < 0xF0 ? byte & 0x0F : byte & 0x07;
        }
    }
    return points;
}

/// A state of the automaton a pattern becomes. `split` goes on at `next` and `other` without taking a character.
struct State {
    enum class Kind { character, any, any_but_slash, set, split, accept };
    Kind kind = Kind::accept;
    char32_t character = 0;
    std::size_t set = 0;
    std::size_t next = 0;
    std::size_t other = 0;
};

struct Set {
    std::vector<std::pair<char32_t, char32_t>> ranges;
    bool negated = false;
};

/// A pattern as a nondeterministic automaton: all states it can be in are followed at once, so no pattern makes it
/// go back in the text. While building there is one open state at the end, which the next piece fills in.
class Automaton {
  public:
    Automaton(std::u32string pattern, GlobMode mode) : m_pattern(std::move(pattern)), m_mode(mode) {}

    /// False when the pattern is malformed.
    bool build() {
        const std::size_t start = add({});
        const auto end = sequence(start, 0);
        if (!end || m_at != m_pattern.size()) return false;
        m_accept = *end;
        m_states[m_accept].kind = State::Kind::accept;
        return true;
    }

    bool matches(const std::u32string& text) const {
        std::vector<std::size_t> current;
        std::vector<std::size_t> following;
        std::vector<std::size_t> seen(m_states.size(), 0);
        std::size_t step = 1;
        reach(0, current, seen, step);
        for (const char32_t c : text) {
            ++step;
            following.clear();
            for (const std::size_t at : current) {
                if (takes(m_states[at], c)) reach(m_states[at].next, following, seen, step);
            }
            std::swap(current, following);
            if (current.empty()) return false;
        }
        return std::find(current.begin(), current.end(), m_accept) != current.end();
    }

  private:
    using Kind = State::Kind;

    std::size_t add(State state) {
        m_states.push_back(state);
        return m_states.size() - 1;
    }

    /// Turns the open state `from` into `state` and opens the one behind it.
    std::size_t extend(std::size_t from, State state) {
        const std::size_t next = add({});
        state.next = next;
        m_states[from] = state;
        return next;
    }

    /// `from` becomes a loop over `kind`, none or many times.
    std::size_t repeat(std::size_t from, Kind kind) {
        const std::size_t taken = add({});
        const std::size_t next = add({});
        m_states[from] = {Kind::split, 0, 0, taken, next};
        m_states[taken] = {kind, 0, 0, from, 0};
        return next;
    }

    std::size_t jump(std::size_t from, std::size_t to) {
        m_states[from] = {Kind::split, 0, 0, to, to};
        return to;
    }

    bool at_end() const { return m_at >= m_pattern.size(); }
    char32_t peek(std::size_t ahead = 0) const {
        return m_at + ahead < m_pattern.size() ? m_pattern[m_at + ahead] : U'\0';
    }

    /// Everything up to the end, or inside braces up to ',' or '}'; the open state behind it.
    std::optional<std::size_t> sequence(std::size_t from, int depth) {
        std::optional<std::size_t> at = from;
        while (at && !at_end()) {
            if (depth > 0 && (peek() == U',' || peek() == U'}')) break;
            at = piece(*at, depth);
        }
        return at;
    }

    std::optional<std::size_t> piece(std::size_t from, int depth) {
        const char32_t c = m_pattern[m_at];
        switch (c) {
            case U'*': return star(from);
            case U'?':
                ++m_at;
                return extend(from, {m_mode == GlobMode::path ? Kind::any_but_slash : Kind::any, 0, 0, 0, 0});
            case U'[': return set(from);
            case U'{': return depth < k_deepest_braces ? braces(from, depth + 1) : std::nullopt;
            case U'/':
                if (ends_with_all_below()) return all_below(from);
                break;
            case U'\\':
                ++m_at;
                if (at_end()) return std::nullopt;
                break;
            default: break;
        }
        return extend(from, {Kind::character, m_pattern[m_at++], 0, 0, 0});
    }

    /// "a/**" at the very end: "a" itself too.
    bool ends_with_all_below() const {
        return m_mode == GlobMode::path && m_at + 3 == m_pattern.size() && peek(1) == U'*' && peek(2) == U'*';
    }

    std::size_t all_below(std::size_t from) {
        m_at = m_pattern.size();
        const std::size_t slash = add({});
        const std::size_t end = repeat(extend(slash, {Kind::character, U'/', 0, 0, 0}), Kind::any);
        m_states[from] = {Kind::split, 0, 0, slash, end};
        return end;
    }

    std::size_t star(std::size_t from) {
        const auto is_edge = [](char32_t c) { return c == U'/' || c == U'{' || c == U',' || c == U'}' || c == U'\0'; };
        const bool starts_component = m_at == 0 || is_edge(m_pattern[m_at - 1]);
        std::size_t stars = 0;
        while (peek() == U'*') ++stars, ++m_at;
        if (m_mode == GlobMode::name) return repeat(from, Kind::any);
        if (stars != 2 || !starts_component || !is_edge(peek())) return repeat(from, Kind::any_but_slash);
        if (peek() != U'/') return repeat(from, Kind::any);
        ++m_at;  // "**/": nothing, or anything that ends with '/'
        const std::size_t inside = add({});
        const std::size_t end =
            extend(repeat(inside, Kind::any), {Kind::character, U'/', 0, 0, 0});
        m_states[from] = {Kind::split, 0, 0, inside, end};
        return end;
    }

    std::optional<std::size_t> braces(std::size_t from, int depth) {
        const std::size_t end = add({});
        std::size_t fork = from;
        do {
            ++m_at;  // '{' or ','
            const std::size_t branch = add({});
            const std::size_t rest = add({});
            m_states[fork] = {Kind::split, 0, 0, branch, rest};
            const auto last = sequence(branch, depth);
            if (!last || at_end()) return std::nullopt;
            jump(*last, end);
            fork = rest;
        } while (peek() == U',');
        ++m_at;
        m_states[fork] = {Kind::set, 0, nothing(), 0, 0};
        return end;
    }

    /// A set no character is in: the end of a list of alternatives.
    std::size_t nothing() {
        m_sets.push_back({});
        return m_sets.size() - 1;
    }

    std::optional<std::size_t> set(std::size_t from) {
        ++m_at;
        Set result;
        if (peek() == U'!' || peek() == U'^') {
            result.negated = true;
            ++m_at;
        }
        const std::size_t first = m_at;
        while (!at_end() && (peek() != U']' || m_at == first)) {
            const auto low = set_character();
            if (!low) return std::nullopt;
            char32_t high = *low;
            if (peek() == U'-' && peek(1) != U']' && m_at + 1 < m_pattern.size()) {
                ++m_at;
                const auto upper = set_character();
                if (!upper) return std::nullopt;
                high = *upper;
            }
            result.ranges.emplace_back(*low, high);
        }
        if (at_end()) return std::nullopt;
        ++m_at;
        m_sets.push_back(std::move(result));
        return extend(from, {Kind::set, 0, m_sets.size() - 1, 0, 0});
    }

    std::optional<char32_t> set_character() {
        if (peek() == U'\\') ++m_at;
        if (at_end()) return std::nullopt;
        return m_pattern[m_at++];
    }

    bool takes(const State& state, char32_t c) const {
        switch (state.kind) {
            case Kind::character: return c == state.character;
            case Kind::any: return true;
            case Kind::any_but_slash: return c != U'/';
            case Kind::set: return contains(m_sets[state.set], c);
            case Kind::split:
            case Kind::accept: return false;
        }
        return false;
    }

    bool contains(const Set& set, char32_t c) const {
        if (m_mode == GlobMode::path && c == U'/') return false;
        const bool inside = std::any_of(set.ranges.begin(), set.ranges.end(),
                                        [&](const auto& range) { return range.first <= c && c <= range.second; });
        return inside != set.negated;
    }

    /// Adds the states reachable from `start` without a character, each once per step.
    void reach(std::size_t start, std::vector<std::size_t>& into, std::vector<std::size_t>& seen, std::size_t step) const {
        std::vector<std::size_t> todo{start};
        while (!todo.empty()) {
            const std::size_t at = todo.back();
            todo.pop_back();
            if (seen[at] == step) continue;
            seen[at] = step;
            if (m_states[at].kind == Kind::split) {
                todo.push_back(m_states[at].other);
                todo.push_back(m_states[at].next);
            } else {
                into.push_back(at);
            }
        }
    }

    std::u32string m_pattern;
    GlobMode m_mode;
    std::size_t m_at = 0;
    std::size_t m_accept = 0;
    std::vector<State> m_states;
    std::vector<Set> m_sets;
};

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text, GlobMode mode) {
    if (pattern.find_first_of("*?[{\\") == std::string_view::npos) return pattern == text;
    Automaton automaton(decode(pattern), mode);
    return automaton.build() && automaton.matches(decode(text));
}

}  // namespace gitops::base
