// sprig's arithmetic, on int64 where Go's is, and the questions about types and emptiness.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/text.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

/// Wraps around as Go's int64.
std::int64_t wrap(std::uint64_t number) { return static_cast<std::int64_t>(number); }
std::uint64_t bits(const Datum& datum) { return static_cast<std::uint64_t>(whole_of(datum)); }

Datum add(GoCall& call) {
    std::uint64_t sum = 0;
    for (const Datum& item : call.args) sum += bits(item);
    return wide(wrap(sum));
}

Datum mul(GoCall& call) {
    std::uint64_t product = 1;
    for (const Datum& item : call.args) product *= bits(item);
    return wide(wrap(product));
}

std::int64_t divisor(const GoCall& call) {
    const std::int64_t number = whole_of(call.args[1]);
    if (number == 0) sprig_error("runtime error: integer divide by zero");
    return number;
}

Datum div(GoCall& call) {
    const std::int64_t by = divisor(call);
    if (by == -1) return wide(wrap(0 - bits(call.args[0])));
    return wide(whole_of(call.args[0]) / by);
}

Datum mod(GoCall& call) {
    const std::int64_t by = divisor(call);
    return wide(by == -1 ? 0 : whole_of(call.args[0]) % by);
}

template <class Choose>
Datum chosen(GoCall& call, const Choose& choose) {
    std::int64_t best = whole_of(call.args[0]);
    for (const Datum& item : call.args) best = choose(best, whole_of(item));
    return wide(best);
}

template <class Choose>
Datum chosen_float(GoCall& call, const Choose& choose) {
    double best = number_of(call.args[0]);
    for (const Datum& item : call.args) best = choose(best, number_of(item));
    return best;
}

/// sprig computes floats in decimals: 0.1 + 0.2 is 0.3.
double as_decimal(double number) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::general, 15).ptr;
    *end = '\0';
    return std::strtod(buffer, nullptr);
}

template <class Combine>
Datum folded(GoCall& call, const Combine& combine) {
    double result = number_of(call.args[0]);
    for (const Datum& item : call.args.subspan(1)) result = combine(result, number_of(item));
    return as_decimal(result);
}

Datum divf(GoCall& call) {
    return folded(call, [](double a, double b) {
        if (b == 0) sprig_error("decimal division by 0");
        return a / b;
    });
}

Datum round(GoCall& call) {
    const double border = call.count() > 2 ? number_of(call.args[2]) : 0.5;
    const double power = std::pow(10, static_cast<double>(call.number(1)));
    const double digit = power * number_of(call.args[0]);
    double whole = 0;
    const double part = std::modf(digit, &whole);
    return (part >= border ? std::ceil(digit) : std::floor(digit)) / power;
}

constexpr std::int64_t k_longest_range = 1'000'000;

std::vector<Datum> steps(GoCall& call, std::int64_t start, std::int64_t stop, std::int64_t step) {
    std::vector<Datum> numbers;
    if (step == 0 || (stop < start) != (step < 0)) return numbers;
    const std::int64_t count = (std::llabs(stop - start) + std::llabs(step) - 1) / std::llabs(step);
    if (count > k_longest_range) sprig_error("more than 1000000 numbers");
    call.run.spend(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) numbers.push_back(int_of(start + i * step));
    return numbers;
}

Datum until(GoCall& call) {
    return Datum::list(steps(call, 0, call.number(0), call.number(0) < 0 ? -1 : 1), Elements::integer);
}

Datum until_step(GoCall& call) {
    return Datum::list(steps(call, call.number(0), call.number(1), call.number(2)), Elements::integer);
}

/// As the seq command, with both ends.
Datum seq(GoCall& call) {
    const auto at = [&](std::size_t index) { return call.number(index); };
    std::int64_t first = 1, step = 1, last = 0;
    switch (call.count()) {
        case 1: last = at(0); break;
        case 2: first = at(0), last = at(1); break;
        case 3: first = at(0), step = at(1), last = at(2); break;
        default: return "";
    }
    if (call.count() < 3 && last < first) step = -1;
    const std::int64_t end = step < 0 ? last - 1 : last + 1;
    if (call.count() == 3 && ((step > 0 && last < first) || (step < 0 && last > first))) return "";
    std::vector<std::string> parts;
    for (const Datum& number : steps(call, first, end, step)) parts.push_back(std::to_string(number.number()));
    return base::join(parts, " ");
}

Datum atoi(GoCall& call) {
    std::string_view text = call.text(0);
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return int_of(problem == std::errc() && end == text.data() + text.size() ? number : 0);
}

/// Octal digits to decimal.
Datum to_decimal(GoCall& call) {
    const std::string text = text_of(call.args[0]);
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, 8);
    return wide(problem == std::errc() && end == text.data() + text.size() ? number : 0);
}

Datum either(GoCall& call) { return call.count() < 2 || is_empty(call.args[1]) ? call.args[0] : call.args[1]; }

Datum coalesce(GoCall& call) {
    for (const Datum& item : call.args)
        if (!is_empty(item)) return item;
    return {};
}

constexpr SprigRow k_rows[] = {
    {"add", "a*", add},
    {"add1", "a", [](GoCall& call) { return wide(wrap(bits(call.args[0]) + 1)); }},
    {"sub", "aa", [](GoCall& call) { return wide(wrap(bits(call.args[0]) - bits(call.args[1]))); }},
    {"mul", "aa*", mul},
    {"div", "aa", div},
    {"mod", "aa", mod},
    {"max biggest", "aa*", [](GoCall& call) { return chosen(call, [](auto a, auto b) { return std::max(a, b); }); }},
    {"min", "aa*", [](GoCall& call) { return chosen(call, [](auto a, auto b) { return std::min(a, b); }); }},
    {"maxf", "aa*", [](GoCall& call) { return chosen_float(call, [](double a, double b) { return std::fmax(a, b); }); }},
    {"minf", "aa*", [](GoCall& call) { return chosen_float(call, [](double a, double b) { return std::fmin(a, b); }); }},
    {"addf", "a*",
     [](GoCall& call) { return call.count() == 0 ? Datum(0.0) : folded(call, [](double a, double b) { return a + b; }); }},
    {"add1f", "a", [](GoCall& call) { return Datum(as_decimal(number_of(call.args[0]) + 1)); }},
    {"subf", "aa*", [](GoCall& call) { return folded(call, [](double a, double b) { return a - b; }); }},
    {"mulf", "aa*", [](GoCall& call) { return folded(call, [](double a, double b) { return a * b; }); }},
    {"divf", "aa*", divf},
    {"ceil", "a", [](GoCall& call) { return Datum(std::ceil(number_of(call.args[0]))); }},
    {"floor", "a", [](GoCall& call) { return Datum(std::floor(number_of(call.args[0]))); }},
    {"round", "aif*", round},
    {"until", "i", until},
    {"untilStep", "iii", until_step},
    {"seq", "i*", seq},
    {"atoi", "s", atoi},
    {"int", "a", [](GoCall& call) { return int_of(whole_of(call.args[0])); }},
    {"int64", "a", [](GoCall& call) { return wide(whole_of(call.args[0])); }},
    {"float64", "a", [](GoCall& call) { return Datum(number_of(call.args[0])); }},
    {"toDecimal", "a", to_decimal},
    {"default", "aa*", either},
    {"empty", "a", [](GoCall& call) { return Datum(is_empty(call.args[0])); }},
    {"coalesce", "a*", coalesce},
    {"all", "a*", [](GoCall& call) { return Datum(std::ranges::none_of(call.args, is_empty)); }},
    {"any", "a*", [](GoCall& call) { return Datum(!std::ranges::all_of(call.args, is_empty)); }},
    {"ternary", "aab", [](GoCall& call) { return call.args[2].flag() ? call.args[0] : call.args[1]; }},
    {"typeOf", "a", [](GoCall& call) { return Datum(call.args[0].type_name()); }},
    {"typeIs typeIsLike", "sa", [](GoCall& call) { return Datum(call.text(0) == call.args[1].type_name()); }},
    {"kindOf", "a", [](GoCall& call) { return Datum(call.args[0].kind_name()); }},
    {"kindIs", "sa", [](GoCall& call) { return Datum(call.text(0) == call.args[1].kind_name()); }},
    {"deepEqual", "aa", [](GoCall& call) { return Datum(deep_equal(call.args[0], call.args[1])); }},
};

}  // namespace

void add_sprig_numbers(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
