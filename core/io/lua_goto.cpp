#include "core/io/lua_goto.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

namespace gitops::io {

namespace {

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The words and signs of a script, without blanks, comments and texts.
class Tokens {
  public:
    explicit Tokens(std::string_view script) : m_script(script) {}

    struct Token {
        std::string_view text;  ///< "" at the end; "\"" for any text
        std::size_t begin = 0;
    };
    Token next() {
        while (skip_blank() || skip_comment()) {}
        const std::size_t begin = m_at;
        if (begin >= m_script.size()) return {{}, begin};
        const char c = m_script[begin];
        if (c == '"' || c == '\'') {
            skip_quoted(c);
            return {"\"", begin};
        }
        if (c == '[' && skip_long()) return {"\"", begin};
        if (is_name_character(c)) {
            while (m_at < m_script.size() && is_name_character(m_script[m_at])) ++m_at;
        } else {
            m_at += m_script.substr(begin).starts_with("::") ? 2 : 1;
        }
        return {m_script.substr(begin, m_at - begin), begin};
    }
    std::size_t place() const { return m_at; }

  private:
    bool skip_blank() {
        const std::size_t before = m_at;
        while (m_at < m_script.size() && std::isspace(static_cast<unsigned char>(m_script[m_at])) != 0) ++m_at;
        return m_at != before;
    }
    bool skip_comment() {
        if (!m_script.substr(m_at).starts_with("--")) return false;
        m_at += 2;
        if (!skip_long()) m_at = std::min(m_script.find('\n', m_at), m_script.size());
        return true;
    }
    void skip_quoted(char quote) {
        for (++m_at; m_at < m_script.size() && m_script[m_at] != quote && m_script[m_at] != '\n'; ++m_at)
            if (m_script[m_at] == '\\') ++m_at;
        m_at = std::min(m_at + 1, m_script.size());
    }
    /// "[[ ... ]]", "[==[ ... ]==]"
    bool skip_long() {
        if (m_at >= m_script.size() || m_script[m_at] != '[') return false;
        const auto level = std::min(m_script.find_first_not_of('=', m_at + 1), m_script.size());
        if (level == m_script.size() || m_script[level] != '[') return false;
        const std::string close = "]" + std::string(level - m_at - 1, '=') + "]";
        const auto end = m_script.find(close, level);
        m_at = end == std::string_view::npos ? m_script.size() : end + close.size();
        return true;
    }

    std::string_view m_script;
    std::size_t m_at = 0;
};

struct Block {
    std::size_t parent = 0;
    std::size_t begin = 0;      ///< where its statements begin
    bool is_loop = false;
    bool is_function = false;
    bool loop_is_due = false;   ///< `for` or `while` was read, its `do` was not
    bool list_is_due = false;   ///< `function` was read, its ')' was not
};
struct Jump {
    std::size_t block = 0, begin = 0, end = 0;
    std::string_view label;  ///< "" of a `break`
};
struct Edit {
    std::size_t begin, end;
    std::string text;
};

/// Reads the whole script once; then says what to change.
class Rewrite {
  public:
    explicit Rewrite(std::string_view script) : m_tokens(script) {
        m_blocks.push_back({});
        auto token = m_tokens.next();
        for (auto following = m_tokens.next(); !token.text.empty(); token = following, following = next_after(following))
            take(token, following);
    }

    /// nullopt when a jump cannot be said otherwise.
    std::optional<std::vector<Edit>> edits() const {
        std::vector<Edit> edits;
        std::size_t left = std::ranges::count_if(m_jumps, [](const Jump& jump) { return !jump.label.empty(); });
        for (const Jump& label : m_labels) {
            bool breaks = false;
            for (const Jump& jump : m_jumps) {
                if (jump.begin > label.begin || jump.begin < m_blocks[label.block].begin) continue;
                if (jump.label.empty() ? !reaches(jump.block, label.block) : jump.label != label.label) continue;
                if (!reaches(jump.block, label.block)) return std::nullopt;
                breaks = breaks || jump.label.empty();
                left -= jump.label.empty() ? 0 : 1;
                edits.push_back({jump.begin, jump.end, jump.label.empty() ? "do _leave = true break end" : "do break end"});
            }
            const auto begin = m_blocks[label.block].begin;
            edits.push_back({begin, begin, breaks ? " local _leave repeat " : " repeat "});
            edits.push_back({label.begin, label.end, breaks ? " until true if _leave then break end " : " until true "});
        }
        if (left != 0) return std::nullopt;
        return edits;
    }

  private:
    Tokens::Token next_after(const Tokens::Token& token) { return token.text.empty() ? token : m_tokens.next(); }

    void open(std::size_t begin, bool is_loop) {
        m_blocks.push_back({.parent = m_top, .begin = begin, .is_loop = is_loop});
        m_top = m_blocks.size() - 1;
    }
    void close() { m_top = m_blocks[m_top].parent; }

    void take(const Tokens::Token& token, const Tokens::Token& following) {
        const auto& text = token.text;
        const auto after = token.begin + text.size();
        if (text == "for" || text == "while") m_blocks[m_top].loop_is_due = true;
        else if (text == "do") {
            const bool is_loop = m_blocks[m_top].loop_is_due;
            m_blocks[m_top].loop_is_due = false;
            open(after, is_loop);
        } else if (text == "repeat") open(after, true);
        else if (text == "then") open(after, false);
        else if (text == "function") {
            open(after, false);
            m_blocks[m_top].is_function = m_blocks[m_top].list_is_due = true;
        } else if (text == ")" && m_blocks[m_top].list_is_due) {
            m_blocks[m_top].list_is_due = false;
            m_blocks[m_top].begin = after;
        } else if (text == "else") {
            close();
            open(after, false);
        } else if (text == "elseif" || text == "end" || text == "until") close();
        else if (text == "break") m_jumps.push_back({m_top, token.begin, after, {}});
        else take_jump_or_label(token, following);
        m_before = text;
    }

    void take_jump_or_label(const Tokens::Token& token, const Tokens::Token& following) {
        const bool is_named = !following.text.empty() && is_name_character(following.text.front());
        if (token.text == "goto" && is_named && m_before != "." && m_before != ":")
            m_jumps.push_back({m_top, token.begin, following.begin + following.text.size(), following.text});
        if (token.text != "::") return;
        if (m_label_begin) {  // the second "::"
            const bool is_last = following.text.empty() || following.text == "end" || following.text == "else" ||
                                 following.text == "elseif" || following.text == "until";
            if (is_last) m_labels.push_back({m_top, *m_label_begin, token.begin + 2, m_before});
            m_label_begin.reset();
        } else if (is_named) {
            m_label_begin = token.begin;
        }
    }

    /// From a block one may leave `outer` by `break` once `outer` is a loop: nothing between is one, nor a function.
    bool reaches(std::size_t block, std::size_t outer) const {
        for (; block != outer; block = m_blocks[block].parent)
            if (block == 0 || m_blocks[block].is_loop || m_blocks[block].is_function) return false;
        return true;
    }

    Tokens m_tokens;
    std::vector<Block> m_blocks;
    std::vector<Jump> m_jumps, m_labels;
    std::size_t m_top = 0;
    std::string_view m_before;
    std::optional<std::size_t> m_label_begin;
};

}  // namespace

std::string lua_without_goto(std::string_view script) {
    if (script.find("goto") == std::string_view::npos) return std::string(script);
    auto edits = Rewrite(script).edits();
    if (!edits) return std::string(script);
    std::ranges::stable_sort(*edits, {}, &Edit::begin);
    std::string text;
    std::size_t at = 0;
    for (const auto& edit : *edits) {
        if (edit.begin < at) return std::string(script);  // labels of the same block, or one in another's place
        text += script.substr(at, edit.begin - at);
        text += edit.text;
        at = edit.end;
    }
    text += script.substr(at);
    return text;
}

}  // namespace gitops::io
