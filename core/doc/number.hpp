// Numbers as text: what a spelling means, and how a value is spelled. Rules of go-yaml v3 (reading) and of Go's
// encoding/json (writing), because kubectl, Argo CD and kustomize follow them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gitops::doc {

/// What go-yaml takes a plain scalar for. Infinities and NaN are floating.
enum class NumberForm { none, integer, floating };
NumberForm number_form(std::string_view plain);

/// An integer in sign and magnitude, so that all of int64 and uint64 fits.
struct WideInt {
    bool negative = false;
    std::uint64_t magnitude = 0;
};
/// Integer spellings only; nullopt when it is none or fits neither int64 nor uint64.
std::optional<WideInt> parse_wide_int(std::string_view spelled);

/// "42", "-7", "0x1F", "0o17", "0b101", "010" (octal), "1_000", "+5"; and whole floating spellings ("3.0", "1e3").
/// nullopt when it is none or outside int64.
std::optional<std::int64_t> parse_int(std::string_view spelled);
/// The same for any number spelling, ".inf", "-.inf" and ".nan" included.
std::optional<double> parse_double(std::string_view spelled);
/// Equal as numbers; integers are compared exactly, also above 2^53.
bool numbers_equal(std::string_view a, std::string_view b);
/// As Go's encoding/json writes a float64: shortest digits, exponent form below 1e-6 and from 1e21 on.
std::string format_double(double number);
/// As Go's 'g' format, which YAML output uses: exponent form below 1e-4 and from 1e6 on, two exponent digits at least.
std::string format_double_general(double number);
/// The spelling valid in JSON: integers in decimal, floats as format_double. nullopt for infinities and NaN.
std::optional<std::string> json_number(std::string_view spelled);

}  // namespace gitops::doc
