// Text patterns as Lua 5.1 has them, matched in a bounded number of steps. For this folder only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gitops::io {

/// Where something in the subject matched.
struct LuaCapture {
    static constexpr std::size_t k_open = static_cast<std::size_t>(-1), k_position = static_cast<std::size_t>(-2);
    std::size_t begin = 0;
    std::size_t length = 0;  ///< or k_open while its ')' was not reached, or k_position for "()"
};

/// One pattern on one subject. Trivial to throw away, so that an error of Lua may jump over it.
class LuaPattern {
  public:
    static constexpr std::size_t k_max_captures = 32;
    static constexpr int k_max_depth = 200;
    enum class Trouble : std::uint8_t { none, malformed, too_many_captures, too_complex, too_long };

    /// `pattern` without its leading '^'. `steps` is how much work all matches of this object together may be.
    LuaPattern(std::string_view subject, std::string_view pattern, std::uint64_t steps)
        : m_subject(subject), m_pattern(pattern), m_left(steps) {}

    /// The end of a match that begins exactly at `begin`; nullopt when there is none, or trouble.
    std::optional<std::size_t> match_at(std::size_t begin);
    Trouble trouble() const { return m_trouble; }
    std::size_t captures() const { return m_level; }
    LuaCapture capture(std::size_t index) const { return m_captures[index]; }
    std::string_view text(std::size_t begin, std::size_t length) const { return m_subject.substr(begin, length); }
    std::uint64_t steps_left() const { return m_left; }

  private:
    using End = std::optional<std::size_t>;
    End match(std::size_t at, std::size_t rule);
    End match_item(std::size_t at, std::size_t rule, std::size_t next);
    End match_escape(std::size_t at, std::size_t rule, bool& handled);
    End longest(std::size_t at, std::size_t rule, std::size_t next);
    End shortest(std::size_t at, std::size_t rule, std::size_t next);
    End open_capture(std::size_t at, std::size_t rule, std::size_t length);
    End close_capture(std::size_t at, std::size_t rule);
    End balanced(std::size_t at, std::size_t rule);
    End frontier(std::size_t at, std::size_t rule);
    End repeated(std::size_t at, std::size_t rule);
    /// The place after the single item that begins at `rule`.
    std::size_t end_of_item(std::size_t rule);
    bool item_fits(std::size_t at, std::size_t rule, std::size_t next);
    bool set_fits(unsigned char character, std::size_t rule, std::size_t last) const;
    bool spend();
    End fail(Trouble trouble);

    std::string_view m_subject, m_pattern;
    std::uint64_t m_left;
    Trouble m_trouble = Trouble::none;
    int m_depth = 0;
    std::size_t m_level = 0;
    std::array<LuaCapture, k_max_captures> m_captures{};
};

}  // namespace gitops::io
