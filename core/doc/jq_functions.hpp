// jq's functions: which there are, and those that make a value of values. See jq_path.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/jq_path.hpp"
#include "core/doc/value.hpp"

namespace gitops::doc::detail {

/// What an evaluation has left to spend, and why it failed.
struct JqWork {
    std::size_t steps = k_most_jq_steps;
    std::string message;

    /// False when that is more than is left.
    bool spend(std::size_t cost) {
        const bool enough = cost <= steps;
        steps = enough ? steps - cost : 0;
        return enough;
    }
    bool fail(std::string why) {
        message = std::move(why);
        return false;
    }
};

/// How a function is evaluated: `value` by its `make`, the others by JqRun, as they bear on places or take expressions.
enum class JqForm : std::uint8_t {
    value, empty, error, select, recurse, recurse_by, first, last, limit, get_path, paths, paths_by, path, map, any, all,
    is_empty, range, in_set, only, test, with_entries, map_values, del, nth
};

/// False, with work.message or with nothing left to spend, when the function does not take these values.
using JqMake = bool (*)(const Value& input, std::span<const Value> arguments, Value& out, JqWork& work);

struct JqFunction {
    std::string_view name;
    std::size_t arity = 0;
    JqForm form = JqForm::value;
    JqMake make = nullptr;
};

const JqFunction* find_jq_function(std::string_view name, std::size_t arity);
/// "1 argument", "0 or 1 arguments"; "" for an unknown name.
std::string jq_arities(std::string_view name);
std::vector<std::string> jq_function_names();

/// jq's order over all values: null < false < true < numbers < texts < lists < maps. Negative, 0 or positive.
int jq_order(const Value& a, const Value& b);
inline bool jq_truth(const Value& value) { return !value.is_null() && (!value.is_bool() || value.as_bool()); }
/// As jq's messages name a kind: "null", "boolean", "number", "string", "array", "object".
std::string_view jq_type(const Value& value);
bool jq_arithmetic(char sign, const Value& left, const Value& right, Value& out, JqWork& work);
/// The nodes of a value, for what walking it costs; counts no further than `limit`.
std::size_t jq_weight(const Value& value, std::size_t limit = k_most_jq_steps);
/// Characters of a text.
std::size_t jq_length(std::string_view text);

}  // namespace gitops::doc::detail
