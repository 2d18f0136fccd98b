#include "core/templates/go_print.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/doc/unicode.hpp"

namespace gitops::templates {

namespace {

constexpr int k_max_depth = 1000;
constexpr std::size_t k_max_text = 64UL << 20;
/// Go refuses larger widths and precisions too.
constexpr int k_max_width = 1'000'000;

void append_quoted(std::string& out, const Datum& datum, int depth);

void require_room(const std::string& out, int depth) {
    if (depth > k_max_depth)
        throw base::Error(base::Code::invalid, "a value is nested deeper than 1000 levels, or holds itself");
    if (out.size() > k_max_text) throw base::Error(base::Code::invalid, "a printed value is larger than 64 MiB");
}

std::string float_text(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
    return doc::format_double_general(number);
}

template <class Write>
void append_items(std::string& out, const Datum& datum, const Write& write) {
    const char* separator = "";
    if (datum.is_list()) {
        out += '[';
        for (const Datum& item : datum.items()) {
            out += separator;
            write(out, item);
            separator = " ";
        }
        out += ']';
        return;
    }
    out += "map[";
    for (const auto& [key, item] : datum.entries()) {
        out += separator;
        write(out, Datum(key));
        out += ':';
        write(out, item);
        separator = " ";
    }
    out += ']';
}

void append_text(std::string& out, const Datum& datum, int depth) {
    require_room(out, depth);
    switch (datum.kind()) {
        case Datum::Kind::missing:
        case Datum::Kind::nil: out += "<nil>"; return;
        case Datum::Kind::boolean: out += datum.flag() ? "true" : "false"; return;
        case Datum::Kind::integer: out += std::to_string(datum.number()); return;
        case Datum::Kind::floating: out += float_text(datum.floating()); return;
        case Datum::Kind::string: out += datum.text(); return;
        case Datum::Kind::time: {
            std::string text = base::to_rfc3339(datum.time());
            text[10] = ' ';
            text.back() = ' ';
            out += text + "+0000 UTC";
            return;
        }
        case Datum::Kind::function: out += "<func>"; return;
        case Datum::Kind::list:
        case Datum::Kind::map:
            append_items(out, datum,
                         [&](std::string& to, const Datum& item) { append_text(to, item, depth + 1); });
    }
}

void append_hex(std::string& out, std::uint32_t number, int digits) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += k_digits[number >> shift & 15];
}

/// One directive of a format: "%-08.3f".
struct Verb {
    bool minus = false, plus = false, sharp = false, space = false, zero = false;
    std::optional<int> width, precision;
    std::uint32_t letter = 0;
};

std::size_t rune_count(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

void append_padded(std::string& out, const Verb& verb, std::string text) {
    const std::size_t length = rune_count(text);
    const std::size_t width = static_cast<std::size_t>(verb.width.value_or(0));
    const std::size_t pad = width > length ? width - length : 0;
    if (verb.minus) out += text + std::string(pad, ' ');
    else if (verb.zero && !text.empty() && (text[0] == '-' || text[0] == '+'))
        out += text[0] + std::string(pad, '0') + text.substr(1);
    else out += std::string(pad, verb.zero ? '0' : ' ') + text;
}

std::string truncated(const Verb& verb, std::string_view text) {
    if (!verb.precision) return std::string(text);
    std::string_view rest = text;
    for (int i = 0; i < *verb.precision && !rest.empty(); ++i) take_rune(rest);
    return std::string(text.substr(0, text.size() - rest.size()));
}

std::string hex_text(const Verb& verb, std::string_view text) {
    std::string out;
    if (verb.sharp && !text.empty()) out = "0x";
    for (const char c : text) {
        if (verb.space && !out.empty()) out += ' ';
        append_hex(out, static_cast<unsigned char>(c), 2);
    }
    if (verb.letter == 'X')
        std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    return out;
}

std::string in_base(const Verb& verb, std::int64_t number, int radix, std::string_view prefix) {
    std::uint64_t magnitude = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    char buffer[72];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, magnitude, radix).ptr;
    std::string digits(buffer, end);
    if (verb.letter == 'X')
        std::ranges::transform(digits, digits.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    if (verb.precision && digits.size() < static_cast<std::size_t>(*verb.precision))
        digits.insert(0, static_cast<std::size_t>(*verb.precision) - digits.size(), '0');
    std::string sign = number < 0 ? "-" : verb.plus ? "+" : verb.space ? " " : "";
    return sign + std::string(prefix) + digits;
}

Verb verb_of_code_point() {
    Verb verb;
    verb.precision = 4;
    verb.letter = 'X';
    return verb;
}

std::optional<std::string> integer_text(const Verb& verb, std::int64_t number) {
    switch (verb.letter) {
        case 'v':
        case 'd': return in_base(verb, number, 10, "");
        case 'b': return in_base(verb, number, 2, verb.sharp ? "0b" : "");
        case 'o': return in_base(verb, number, 8, verb.sharp ? "0" : "");
        case 'O': return in_base(verb, number, 8, "0o");
        case 'x': return in_base(verb, number, 16, verb.sharp ? "0x" : "");
        case 'X': return in_base(verb, number, 16, verb.sharp ? "0X" : "");
        case 'c':
        case 'q': {
            std::string text;
            append_utf8(text, number < 0 || number > 0x10FFFF ? 0xFFFD : static_cast<std::uint32_t>(number));
            if (verb.letter == 'c') return text;
            text = go_quote(text);
            return text == "\"'\"" ? "'\\''" : "'" + (text == "\"\\\"\"" ? "\"" : text.substr(1, text.size() - 2)) + "'";
        }
        case 'U': {
            std::string hex = in_base(verb_of_code_point(), number, 16, "");
            return "U+" + hex;
        }
        default: return std::nullopt;
    }
}

/// C's exponents have two digits at least, as Go's do.
std::optional<std::string> floating_text(const Verb& verb, double number) {
    std::string text;
    if (std::isnan(number)) text = "NaN";
    else if (std::isinf(number)) text = number < 0 ? "-Inf" : "+Inf";
    const auto c_text = [&](const char* format, int precision) {
        std::string buffer(static_cast<std::size_t>(std::snprintf(nullptr, 0, format, precision, number)), '\0');
        std::snprintf(buffer.data(), buffer.size() + 1, format, precision, number);
        return buffer;
    };
    const int precision = std::min(verb.precision.value_or(6), 400);
    switch (verb.letter) {
        case 'v':
        case 'g':
        case 'G':
            if (text.empty()) text = verb.precision ? c_text("%.*g", precision) : float_text(number);
            if (verb.letter == 'G') std::ranges::replace(text, 'e', 'E');
            break;
        case 'f':
        case 'F':
            if (text.empty()) text = c_text("%.*f", precision);
            break;
        case 'e':
            if (text.empty()) text = c_text("%.*e", precision);
            break;
        case 'E':
            if (text.empty()) text = c_text("%.*E", precision);
            break;
        default: return std::nullopt;
    }
    if (verb.plus && text[0] != '-' && text[0] != '+') text.insert(0, 1, '+');
    if (verb.space && !verb.plus && text[0] != '-' && text[0] != '+') text.insert(0, 1, ' ');
    return text;
}

std::optional<std::string> string_text(const Verb& verb, const std::string& text) {
    switch (verb.letter) {
        case 'v':
            if (verb.sharp) return go_quote(text);
            return truncated(verb, text);
        case 's': return truncated(verb, text);
        case 'q':
            if (verb.sharp && text.find_first_of("`\n\r") == std::string::npos) return "`" + truncated(verb, text) + "`";
            return go_quote(truncated(verb, text));
        case 'x':
        case 'X': return hex_text(verb, truncated(verb, text));
        default: return std::nullopt;
    }
}

void append_verb(std::string& out, const Verb& verb, const Datum& datum, int depth);

void append_bad(std::string& out, const Verb& verb, const Datum& datum) {
    out += "%!";
    append_utf8(out, verb.letter);
    out += '(';
    if (datum.is_nothing()) out += "<nil>";
    else {
        out += datum.type_name() + "=";
        Verb plain;
        plain.letter = 'v';
        append_verb(out, plain, datum, 0);
    }
    out += ')';
}

void append_scalar(std::string& out, const Verb& verb, const Datum& datum, const std::optional<std::string>& text) {
    if (text) append_padded(out, verb, *text);
    else append_bad(out, verb, datum);
}

void append_verb(std::string& out, const Verb& verb, const Datum& datum, int depth) {
    require_room(out, depth);
    if (verb.letter == 'T') return append_padded(out, verb, datum.type_name());
    switch (datum.kind()) {
        case Datum::Kind::missing:
        case Datum::Kind::nil:
            if (verb.letter == 'v' || depth > 0)
                append_padded(out, verb, depth > 0 && verb.letter != 'v' ? std::string("%!") +
                    static_cast<char>(verb.letter) + "(<nil>)" : "<nil>");
            else append_bad(out, verb, datum);
            return;
        case Datum::Kind::boolean:
            return append_scalar(out, verb, datum, verb.letter == 'v' || verb.letter == 't'
                                                       ? std::optional<std::string>(datum.flag() ? "true" : "false")
                                                       : std::nullopt);
        case Datum::Kind::integer: return append_scalar(out, verb, datum, integer_text(verb, datum.number()));
        case Datum::Kind::floating: return append_scalar(out, verb, datum, floating_text(verb, datum.floating()));
        case Datum::Kind::string: return append_scalar(out, verb, datum, string_text(verb, datum.text()));
        case Datum::Kind::function:
        case Datum::Kind::time: return append_padded(out, verb, go_text(datum));
        case Datum::Kind::list:
        case Datum::Kind::map:
            if (verb.letter == 'v' && verb.sharp) return append_quoted(out, datum, depth);
            append_items(out, datum, [&](std::string& to, const Datum& item) { append_verb(to, verb, item, depth + 1); });
    }
}

/// "%#v" of lists and maps.
void append_quoted(std::string& out, const Datum& datum, int depth) {
    require_room(out, depth);
    if (!datum.is_list() && !datum.is_map()) {
        Verb verb;
        verb.sharp = true;
        verb.letter = 'v';
        if (datum.is_nothing()) out += "interface {}(nil)";
        else append_verb(out, verb, datum, depth + 1);
        return;
    }
    out += datum.type_name() + "{";
    const char* separator = "";
    if (datum.is_list()) {
        for (const Datum& item : datum.items()) {
            out += separator;
            append_quoted(out, item, depth + 1);
            separator = ", ";
        }
    } else {
        for (const auto& [key, item] : datum.entries()) {
            out += separator + go_quote(key) + ":";
            append_quoted(out, item, depth + 1);
            separator = ", ";
        }
    }
    out += '}';
}

class Formatter {
  public:
    Formatter(std::string_view format, std::span<const Datum> arguments) : m_rest(format), m_arguments(arguments) {}

    std::string run() {
        while (!m_rest.empty()) {
            const std::size_t percent = std::min(m_rest.find('%'), m_rest.size());
            m_out += m_rest.substr(0, percent);
            m_rest.remove_prefix(percent);
            if (m_rest.empty()) break;
            m_rest.remove_prefix(1);
            directive();
            require_room(m_out, 0);
        }
        if (!m_reordered && m_next < m_arguments.size()) extra();
        return std::move(m_out);
    }

  private:
    void directive() {
        Verb verb;
        m_good_index = true;
        for (; !m_rest.empty(); m_rest.remove_prefix(1)) {
            const char c = m_rest.front();
            if (c == '-') verb.minus = true, verb.zero = false;
            else if (c == '+') verb.plus = true;
            else if (c == '#') verb.sharp = true;
            else if (c == ' ') verb.space = true;
            else if (c == '0') verb.zero = !verb.minus;
            else break;
        }
        bool after_index = argument_index();
        if (take('*')) {
            verb.width = star("%!(BADWIDTH)");
            if (verb.width && *verb.width < 0) verb.minus = true, verb.zero = false, verb.width = -*verb.width;
            after_index = false;
        } else {
            verb.width = digits();
            if (after_index && verb.width) m_good_index = false;
        }
        if (take('.')) {
            if (after_index) m_good_index = false;
            after_index = argument_index();
            if (take('*')) {
                verb.precision = star("%!(BADPREC)");
                if (verb.precision && *verb.precision < 0) verb.precision.reset(), m_out += "%!(BADPREC)";
                after_index = false;
            } else {
                verb.precision = digits().value_or(0);
            }
        }
        if (!after_index) argument_index();
        if (m_rest.empty()) {
            m_out += "%!(NOVERB)";
            return;
        }
        verb.letter = take_rune(m_rest);
        finish(verb);
    }

    void finish(const Verb& verb) {
        if (verb.letter == '%') m_out += '%';
        else if (!m_good_index) complain(verb, "(BADINDEX)");
        else if (m_next >= m_arguments.size()) complain(verb, "(MISSING)");
        else append_verb(m_out, verb, m_arguments[m_next++], 0);
    }

    void complain(const Verb& verb, std::string_view what) {
        m_out += "%!";
        append_utf8(m_out, verb.letter);
        m_out += what;
    }

    bool take(char c) {
        if (m_rest.empty() || m_rest.front() != c) return false;
        m_rest.remove_prefix(1);
        return true;
    }

    std::optional<int> digits() {
        int number = 0;
        const auto [end, problem] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), number);
        if (m_rest.empty() || m_rest.front() < '0' || m_rest.front() > '9') return std::nullopt;
        m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
        if (problem != std::errc() || number > k_max_width) {
            m_rest = {};  // Go gives up on the rest of the format
            return std::nullopt;
        }
        return number;
    }

    std::optional<int> star(std::string_view complaint) {
        if (m_next < m_arguments.size() && m_arguments[m_next].is_integer() &&
            std::abs(m_arguments[m_next].number()) <= k_max_width)
            return static_cast<int>(m_arguments[m_next++].number());
        if (m_next < m_arguments.size()) ++m_next;
        m_out += complaint;
        return std::nullopt;
    }

    /// "[3]" chooses the next argument.
    bool argument_index() {
        if (m_rest.empty() || m_rest.front() != '[') return false;
        m_reordered = true;
        const std::size_t close = m_rest.find(']');
        if (close == std::string_view::npos) {
            m_rest.remove_prefix(1);
            m_good_index = false;
            return false;
        }
        std::size_t index = 0;
        const auto text = m_rest.substr(1, close - 1);
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), index);
        m_rest.remove_prefix(close + 1);
        if (problem != std::errc() || end != text.data() + text.size() || index < 1 || index > m_arguments.size()) {
            m_good_index = false;
            return true;
        }
        m_next = index - 1;
        return true;
    }

    void extra() {
        m_out += "%!(EXTRA ";
        for (bool first = true; m_next < m_arguments.size(); ++m_next, first = false) {
            const Datum& datum = m_arguments[m_next];
            if (!first) m_out += ", ";
            m_out += datum.is_nothing() ? "<nil>" : datum.type_name() + "=" + go_text(datum);
        }
        m_out += ')';
    }

    std::string_view m_rest;
    std::span<const Datum> m_arguments;
    std::string m_out;
    std::size_t m_next = 0;
    bool m_reordered = false;
    bool m_good_index = true;
};

}  // namespace

void go_text(const Datum& datum, std::string& out) { append_text(out, datum, 0); }

std::string go_text(const Datum& datum) {
    std::string out;
    append_text(out, datum, 0);
    return out;
}

std::string go_sprintf(std::string_view format, std::span<const Datum> arguments) {
    return Formatter(format, arguments).run();
}

std::string go_sprint(std::span<const Datum> arguments) {
    std::string out;
    bool after_text = true;
    for (const Datum& argument : arguments) {
        if (!after_text && !argument.is_string()) out += ' ';
        append_text(out, argument, 0);
        after_text = argument.is_string();
    }
    return out;
}

std::string go_sprintln(std::span<const Datum> arguments) {
    std::string out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (i > 0) out += ' ';
        append_text(out, arguments[i], 0);
    }
    return out + '\n';
}

}  // namespace gitops::templates
