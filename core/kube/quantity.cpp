#include "core/kube/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gitops::kube {

namespace {

__extension__ typedef __int128 Wide;

enum class Format { decimal, exponent, binary };

constexpr int k_fraction_digits = 10;  // more are rounded up, as Kubernetes rounds to whole nanos
constexpr Wide k_nano = 1'000'000'000;
constexpr Wide k_largest = Wide(INT64_MAX) * k_nano;

struct Suffix {
    std::string_view text;
    Format format;
    int power;  ///< of 1000 or 1024
};

constexpr std::array<Suffix, 16> k_suffixes = {{{"n", Format::decimal, -3}, {"u", Format::decimal, -2}, {"m", Format::decimal, -1},
                                                {"", Format::decimal, 0}, {"k", Format::decimal, 1}, {"M", Format::decimal, 2},
                                                {"G", Format::decimal, 3}, {"T", Format::decimal, 4}, {"P", Format::decimal, 5},
                                                {"E", Format::decimal, 6}, {"Ki", Format::binary, 1}, {"Mi", Format::binary, 2},
                                                {"Gi", Format::binary, 3}, {"Ti", Format::binary, 4}, {"Pi", Format::binary, 5},
                                                {"Ei", Format::binary, 6}}};

std::string_view suffix_text(Format format, int power) {
    for (const auto& suffix : k_suffixes)
        if (suffix.format == format && suffix.power == power) return suffix.text;
    return {};
}

Wide power_of(Wide base, int exponent) {
    Wide result = 1;
    for (int i = 0; i < exponent; ++i) result *= base;
    return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits before and after the point, the latter as so many units of 10^-k_fraction_digits, rounded up.
struct Digits {
    Wide whole = 0;
    Wide fraction = 0;
    bool too_large = false;
};

std::optional<Digits> take_digits(std::string_view& text) {
    Digits digits;
    std::size_t seen = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++seen) {
        digits.whole = digits.whole * 10 + (text.front() - '0');
        if (digits.whole > k_largest) digits.too_large = true, digits.whole = k_largest;
    }
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        int places = 0;
        bool rest = false;
        for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++seen) {
            if (places < k_fraction_digits) digits.fraction = digits.fraction * 10 + (text.front() - '0'), ++places;
            else rest |= text.front() != '0';
        }
        for (; places < k_fraction_digits; ++places) digits.fraction *= 10;
        if (rest) ++digits.fraction;
    }
    if (seen == 0) return std::nullopt;
    return digits;
}

/// How many nanos one unit is; 0 when it is less than one, k_largest when it is past counting.
struct Unit {
    Format format;
    Wide nanos;
};

std::optional<Unit> read_unit(std::string_view text) {
    for (const auto& suffix : k_suffixes) {
        if (suffix.text != text) continue;
        if (suffix.format == Format::binary) return Unit{Format::binary, power_of(1024, suffix.power) * k_nano};
        return Unit{Format::decimal, power_of(1000, suffix.power + 3)};
    }
    if (text.size() < 2 || (text.front() != 'e' && text.front() != 'E')) return std::nullopt;
    text.remove_prefix(text[1] == '+' ? 2 : 1);
    int exponent = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (exponent < -9) return Unit{Format::exponent, 0};
    return Unit{Format::exponent, exponent > 18 ? k_largest : power_of(10, exponent + 9)};
}

std::string decimal_text(Wide value) {
    std::string out;
    do out.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    while ((value /= 10) != 0);
    std::reverse(out.begin(), out.end());
    return out;
}

std::string format_nanos(Wide nanos, Format format) {
    if (format == Format::binary && nanos >= 1024 * k_nano && nanos % k_nano == 0) {
        Wide value = nanos / k_nano;
        int power = 0;
        for (; power < 6 && value % 1024 == 0; ++power) value /= 1024;
        return decimal_text(value).append(power == 0 ? "" : suffix_text(Format::binary, power));
    }
    int power = -3;
    for (; power < 6 && nanos % 1000 == 0; ++power) nanos /= 1000;
    std::string out = decimal_text(nanos);
    if (format != Format::exponent) return out.append(suffix_text(Format::decimal, power));
    return power == 0 ? out : out.append("e").append(std::to_string(power * 3));
}

}  // namespace

std::optional<std::string> canonical_quantity(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    const auto digits = take_digits(text);
    if (!digits) return std::nullopt;
    const auto unit = read_unit(text);
    if (!unit) return std::nullopt;
    if (digits->whole == 0 && digits->fraction == 0) return "0";

    Wide nanos = 1;  // what is not nothing is never rounded to nothing
    if (digits->too_large || (unit->nanos > 0 && digits->whole > k_largest / unit->nanos)) {
        nanos = k_largest;
    } else if (unit->nanos > 0) {
        const Wide scale = power_of(10, k_fraction_digits);
        nanos = digits->whole * unit->nanos + (digits->fraction * unit->nanos + scale - 1) / scale;
        nanos = std::min(nanos, k_largest);
    }
    std::string out = format_nanos(nanos, unit->format);
    return negative ? "-" + out : out;
}

}  // namespace gitops::kube
