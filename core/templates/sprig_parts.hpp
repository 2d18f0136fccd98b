// What the files of sprig share: how it reads arguments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/templates/go_functions.hpp"
#include "core/templates/go_print.hpp"

namespace gitops::templates::detail {

[[noreturn]] inline void sprig_error(const std::string& message) { throw base::Error(base::Code::invalid, message); }

/// Text as it is, else as "%v".
std::string text_of(const Datum& datum);
/// The items as texts without the nil ones; a value that is no list alone.
std::vector<std::string> texts_of(const Datum& datum);
/// 0 for what is no number; "0x10", "010" and "3.0" are.
std::int64_t whole_of(const Datum& datum);
double number_of(const Datum& datum);
/// sprig's notion: zero, nil, false, "", [] and {}.
bool is_empty(const Datum& datum);
/// Error(invalid) unless it is a list: "Cannot find WHAT on type T".
const std::vector<Datum>& items_of(const Datum& datum, std::string_view what);

inline Datum int_of(std::int64_t number) { return Datum::integer(number); }
inline Datum wide(std::int64_t number) { return Datum::integer(number, IntWidth::wide); }

using SprigFunction = Datum (*)(GoCall&);
struct SprigRow {
    std::string_view name;  ///< several names of one function are separated by blanks
    std::string_view signature;
    SprigFunction function;
};
void add_rows(GoFunctions& functions, std::span<const SprigRow> rows);

void add_sprig_strings(GoFunctions& functions);
void add_sprig_words(GoFunctions& functions);
void add_sprig_numbers(GoFunctions& functions);
void add_sprig_lists(GoFunctions& functions);
void add_sprig_dicts(GoFunctions& functions);
void add_sprig_encodings(GoFunctions& functions);
void add_sprig_patterns(GoFunctions& functions);
void add_sprig_dates(GoFunctions& functions);
void add_sprig_paths(GoFunctions& functions);

}  // namespace gitops::templates::detail
