#include "core/doc/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace gitops::doc {

namespace {

constexpr std::uint64_t k_int64_max = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool starts_number(std::string_view text) {
    return !text.empty() && (is_digit(text[0]) || text[0] == '+' || text[0] == '-' || text[0] == '.');
}

/// Takes a sign off the front; true when it was '-'.
bool take_sign(std::string_view& text) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
    const bool negative = text[0] == '-';
    text.remove_prefix(1);
    return negative;
}

std::optional<std::uint64_t> parse_digits(std::string_view text, int base) {
    std::uint64_t value = 0;
    if (text.empty() || text[0] == '-') return std::nullopt;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Takes "0x", "0o", "0b" or the "0" of an old octal number off the front.
int take_base(std::string_view& digits) {
    if (digits.size() < 2 || digits[0] != '0') return 10;
    const char letter = static_cast<char>(digits[1] | 0x20);
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (base != 0 && digits.size() > 2) {
        digits.remove_prefix(2);
        return base;
    }
    digits.remove_prefix(1);
    return 8;
}

std::optional<WideInt> parse_stripped(std::string_view text) {
    std::string_view digits = text;
    const bool negative = take_sign(digits);
    const bool has_sign = digits.size() != text.size();
    const bool zero_first = digits.size() > 2 && digits[0] == '0';
    const int base = take_base(digits);
    bool inner_negative = false;
    // go-yaml also takes a sign behind a lower-case "0b" or "0o".
    if (zero_first && !has_sign && digits.size() > 1 && (digits[0] == '+' || digits[0] == '-') &&
        (text[1] == 'b' || text[1] == 'o')) {
        inner_negative = take_sign(digits);
        const auto value = parse_digits(digits, base);
        if (!value || *value > k_int64_max + (inner_negative ? 1U : 0U)) return std::nullopt;
        return WideInt{inner_negative && *value != 0, *value};
    }
    const auto value = parse_digits(digits, base);
    if (!value) return std::nullopt;
    if (has_sign && *value > k_int64_max + (negative ? 1U : 0U)) return std::nullopt;
    return WideInt{negative && *value != 0, *value};
}

std::string without_underscores(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
    return plain;
}

bool separates_digits(std::string_view text) {
    for (auto at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1))
        if (at == 0 || at + 1 == text.size() || !is_digit(text[at - 1]) || !is_digit(text[at + 1])) return false;
    return true;
}

/// Calls `read` with `text` less its underscores. In a text that starts with '.' they must stand between digits.
template <class Read>
auto with_digits(std::string_view text, Read read) {
    if (text.find('_') == std::string_view::npos) return read(text);
    if (text[0] == '.' && !separates_digits(text)) return read(std::string_view{});
    return read(std::string_view(without_underscores(text)));
}

/// digits[.digits][e[sign]digits] with at least one digit before the exponent.
bool is_decimal_float(std::string_view text) {
    take_sign(text);
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - from;
    };
    const std::size_t whole = digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0 && whole == 0) return false;
    } else if (whole == 0) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

/// True when a decimal number out of double's range is so for being too small: its first digit other than zero
/// stands, exponent counted, behind the point.
bool is_tiny(std::string_view text) {
    const auto exponent_at = std::min(text.find_first_of("eE"), text.size());
    const auto mantissa = text.substr(0, exponent_at);
    const auto first = mantissa.find_first_not_of("+-0.");
    if (first == std::string_view::npos) return true;
    const auto point = std::min(mantissa.find('.'), mantissa.size());
    const double place = static_cast<double>(point) - static_cast<double>(first);
    if (exponent_at == text.size()) return place < 0;
    auto exponent = text.substr(exponent_at + 1);
    const bool negative = take_sign(exponent);
    double value = 0;
    for (char c : exponent) value = std::min(value * 10 + (c - '0'), 1e18);
    return place + (negative ? -value : value) < 0;
}

/// nullopt for what is no decimal number, and for one too large for a double.
std::optional<double> parse_decimal(std::string_view text) {
    if (!is_decimal_float(text)) return std::nullopt;
    std::string_view digits = text;
    const bool negative = take_sign(digits);
    double value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code == std::errc::result_out_of_range || std::isinf(value)) {
        if (!is_tiny(digits)) return std::nullopt;
        value = 0;
    }
    return negative ? -value : value;
}

struct Special {
    std::string_view text;
    double value;
};
constexpr double k_infinity = std::numeric_limits<double>::infinity();
constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<Special, 12> k_specials{{{".nan", k_nan},
                                              {".NaN", k_nan},
                                              {".NAN", k_nan},
                                              {".inf", k_infinity},
                                              {".Inf", k_infinity},
                                              {".INF", k_infinity},
                                              {"+.inf", k_infinity},
                                              {"+.Inf", k_infinity},
                                              {"+.INF", k_infinity},
                                              {"-.inf", -k_infinity},
                                              {"-.Inf", -k_infinity},
                                              {"-.INF", -k_infinity}}};

std::optional<double> parse_special(std::string_view text) {
    if (text.size() != 4 && text.size() != 5) return std::nullopt;
    const auto found = std::ranges::find(k_specials, text, &Special::text);
    return found == k_specials.end() ? std::nullopt : std::optional(found->value);
}

double wide_to_double(WideInt number) {
    const auto value = static_cast<double>(number.magnitude);
    return number.negative ? -value : value;
}

/// The shortest decimal digits of a finite number, without point, and the power of ten of the first one.
struct Shortest {
    std::array<char, 24> digits{};
    int count = 0;
    int exponent = 0;
    bool negative = false;
};

Shortest shortest_digits(double number) {
    Shortest result;
    result.negative = std::signbit(number);
    std::array<char, 40> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), std::abs(number), std::chars_format::scientific);
    const char* at = text.data();
    for (; *at != 'e'; ++at)
        if (*at != '.') result.digits[static_cast<std::size_t>(result.count++)] = *at;
    ++at;
    if (*at == '+') ++at;
    std::from_chars(at, written.ptr, result.exponent);
    return result;
}

std::string in_plain_form(const Shortest& number) {
    std::string out = number.negative ? "-" : "";
    const std::string_view digits(number.digits.data(), static_cast<std::size_t>(number.count));
    if (number.exponent < 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-number.exponent - 1), '0');
        return out.append(digits);
    }
    const auto whole = static_cast<std::size_t>(number.exponent) + 1;
    if (whole >= digits.size()) return out.append(digits).append(whole - digits.size(), '0');
    return out.append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
}

std::string in_exponent_form(const Shortest& number, std::size_t least_exponent_digits) {
    std::string out = number.negative ? "-" : "";
    out += number.digits[0];
    if (number.count > 1) out.append(".").append(number.digits.data() + 1, static_cast<std::size_t>(number.count - 1));
    const std::string power = std::to_string(std::abs(number.exponent));
    out += number.exponent < 0 ? "e-" : "e+";
    if (power.size() < least_exponent_digits) out.append(least_exponent_digits - power.size(), '0');
    return out + power;
}

std::string special_text(double number) {
    if (std::isnan(number)) return ".nan";
    return number < 0 ? "-.inf" : ".inf";
}

}  // namespace

std::optional<WideInt> parse_wide_int(std::string_view spelled) {
    if (!starts_number(spelled) || spelled[0] == '.') return std::nullopt;
    return with_digits(spelled, [](std::string_view plain) { return parse_stripped(plain); });
}

NumberForm number_form(std::string_view plain) {
    if (!starts_number(plain)) return NumberForm::none;
    if (parse_wide_int(plain)) return NumberForm::integer;
    return parse_double(plain) ? NumberForm::floating : NumberForm::none;
}

std::optional<std::int64_t> parse_int(std::string_view spelled) {
    if (const auto wide = parse_wide_int(spelled)) {
        if (wide->negative) return static_cast<std::int64_t>(~wide->magnitude + 1);
        if (wide->magnitude > k_int64_max) return std::nullopt;
        return static_cast<std::int64_t>(wide->magnitude);
    }
    const auto real = parse_double(spelled);
    // 2^63 is the first double beyond the range; -2^63 is inside it.
    if (!real || !(*real >= -0x1p63 && *real < 0x1p63) || std::trunc(*real) != *real) return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

std::optional<double> parse_double(std::string_view spelled) {
    if (!starts_number(spelled)) return std::nullopt;
    if (const auto special = parse_special(spelled)) return special;
    if (const auto wide = parse_wide_int(spelled)) return wide_to_double(*wide);
    return with_digits(spelled, [](std::string_view plain) { return parse_decimal(plain); });
}

bool numbers_equal(std::string_view a, std::string_view b) {
    const auto wide_a = parse_wide_int(a);
    const auto wide_b = parse_wide_int(b);
    if (wide_a && wide_b) return wide_a->negative == wide_b->negative && wide_a->magnitude == wide_b->magnitude;
    const auto real_a = parse_double(a);
    const auto real_b = parse_double(b);
    if (!real_a || !real_b) return a == b;
    return *real_a == *real_b || (std::isnan(*real_a) && std::isnan(*real_b));
}

std::string format_double(double number) {
    if (!std::isfinite(number)) return special_text(number);
    const Shortest digits = shortest_digits(number);
    const double size = std::abs(number);
    if (size != 0 && (size < 1e-6 || size >= 1e21)) return in_exponent_form(digits, 1);
    return in_plain_form(digits);
}

std::string format_double_general(double number) {
    if (!std::isfinite(number)) return special_text(number);
    const Shortest digits = shortest_digits(number);
    if (digits.exponent < -4 || digits.exponent >= 6) return in_exponent_form(digits, 2);
    return in_plain_form(digits);
}

std::optional<std::string> json_number(std::string_view spelled) {
    if (const auto wide = parse_wide_int(spelled))
        return (wide->negative ? "-" : "") + std::to_string(wide->magnitude);
    const auto real = parse_double(spelled);
    if (!real || !std::isfinite(*real)) return std::nullopt;
    return format_double(*real);
}

}  // namespace gitops::doc
