#include "core/doc/jq_functions.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/number.hpp"

namespace gitops::doc::detail {

namespace {

using Arguments = std::span<const Value>;

std::string of_type(const Value& value) { return std::string(jq_type(value)); }

bool text_given(const Value& value, std::string_view function, JqWork& work) {
    return value.is_string() || work.fail(std::string(function) + " wants a string, not " + of_type(value));
}

bool length(const Value& input, Arguments, Value& out, JqWork& work) {
    switch (input.kind()) {
        case Value::Kind::null: out = 0; return true;
        case Value::Kind::boolean: return work.fail("boolean has no length");
        case Value::Kind::integer:
        case Value::Kind::floating: out = std::abs(input.to_double().value_or(0)); return true;
        case Value::Kind::string: out = static_cast<std::int64_t>(jq_length(input.text())); return work.spend(input.text().size() / 64);
        case Value::Kind::list:
        case Value::Kind::map: out = static_cast<std::int64_t>(input.size()); return true;
    }
    return false;
}

bool negation(const Value& input, Arguments, Value& out, JqWork&) {
    out = !jq_truth(input);
    return true;
}

std::vector<std::string> sorted_keys(const Value& map) {
    std::vector<std::string> keys;
    for (const auto& entry : map.entries()) keys.emplace_back(entry.name());
    std::ranges::sort(keys);
    return keys;
}

bool keys(const Value& input, Arguments, Value& out, JqWork& work) {
    if (!input.is_map() && !input.is_list()) return work.fail(of_type(input) + " has no keys");
    if (!work.spend(input.size())) return false;
    out = Value::list();
    if (input.is_list()) {
        for (std::size_t i = 0; i < input.size(); ++i) out.push_back(static_cast<std::int64_t>(i));
    } else {
        for (const auto& key : sorted_keys(input)) out.push_back(key);
    }
    return true;
}

bool type(const Value& input, Arguments, Value& out, JqWork&) {
    out = jq_type(input);
    return true;
}

bool has_key(const Value& holder, const Value& key, Value& out, JqWork& work) {
    if (holder.is_map() && key.is_string()) {
        out = holder.has(key.text());
        return true;
    }
    if (holder.is_list() && key.is_number()) {
        const double index = key.to_double().value_or(-1);
        out = index >= 0 && index < static_cast<double>(holder.size());
        return true;
    }
    return work.fail("cannot check whether " + of_type(holder) + " has a " + of_type(key) + " key");
}

bool has(const Value& input, Arguments given, Value& out, JqWork& work) { return has_key(input, given[0], out, work); }
bool in(const Value& input, Arguments given, Value& out, JqWork& work) { return has_key(given[0], input, out, work); }

/// nullopt-like false in `work` for values of different kinds.
bool holds(const Value& a, const Value& b, bool& answer, JqWork& work) {
    if (!work.spend(1)) return false;
    if (jq_type(a) != jq_type(b)) return work.fail(of_type(a) + " and " + of_type(b) + " cannot have their containment checked");
    answer = true;
    if (a.is_string()) {
        answer = a.text().find(b.text()) != std::string_view::npos;
        return work.spend((a.text().size() + b.text().size()) / 64);
    }
    if (a.is_map()) {
        for (const auto& entry : b.entries()) {
            const auto* other = a.find(entry.name());
            answer = false;
            if (other == nullptr || jq_type(*other) != jq_type(entry.value)) return true;
            if (!holds(*other, entry.value, answer, work)) return false;
            if (!answer) return true;
        }
        return true;
    }
    if (!a.is_list()) {
        answer = a == b;
        return true;
    }
    for (const auto& wanted : b.items()) {
        answer = false;
        for (const auto& item : a.items()) {
            if (jq_type(item) != jq_type(wanted)) continue;
            if (!holds(item, wanted, answer, work)) return false;
            if (answer) break;
        }
        if (!answer) return true;
    }
    return true;
}

bool contains(const Value& input, Arguments given, Value& out, JqWork& work) {
    bool answer = false;
    if (!holds(input, given[0], answer, work)) return false;
    out = answer;
    return true;
}

bool inside(const Value& input, Arguments given, Value& out, JqWork& work) {
    bool answer = false;
    if (!holds(given[0], input, answer, work)) return false;
    out = answer;
    return true;
}

bool starts_with(const Value& input, Arguments given, Value& out, JqWork& work) {
    if (!text_given(input, "startswith", work) || !text_given(given[0], "startswith", work)) return false;
    out = input.text().starts_with(given[0].text());
    return true;
}

bool ends_with(const Value& input, Arguments given, Value& out, JqWork& work) {
    if (!text_given(input, "endswith", work) || !text_given(given[0], "endswith", work)) return false;
    out = input.text().ends_with(given[0].text());
    return true;
}

bool without_prefix(const Value& input, Arguments given, Value& out, JqWork&) {
    out = input;
    if (input.is_string() && given[0].is_string() && input.text().starts_with(given[0].text()))
        out = std::string(input.text().substr(given[0].text().size()));
    return true;
}

bool without_suffix(const Value& input, Arguments given, Value& out, JqWork&) {
    out = input;
    if (input.is_string() && given[0].is_string() && input.text().ends_with(given[0].text()))
        out = std::string(input.text().substr(0, input.text().size() - given[0].text().size()));
    return true;
}

bool trimmed(const Value& input, Arguments, Value& out, JqWork& work) {
    if (!text_given(input, "trim", work)) return false;
    out = std::string(base::trim(input.text()));
    return work.spend(input.text().size() / 64);
}

template <class Change>
bool each_letter(const Value& input, Value& out, std::string_view function, JqWork& work, Change change) {
    if (!text_given(input, function, work) || !work.spend(input.text().size() / 64)) return false;
    std::string text(input.text());
    std::ranges::transform(text, text.begin(), change);
    out = text;
    return true;
}

bool lower(const Value& input, Arguments, Value& out, JqWork& work) {
    return each_letter(input, out, "ascii_downcase", work, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

bool upper(const Value& input, Arguments, Value& out, JqWork& work) {
    return each_letter(input, out, "ascii_upcase", work, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

bool split(const Value& input, Arguments given, Value& out, JqWork& work) {
    if (!text_given(input, "split", work) || !text_given(given[0], "split", work) || !work.spend(input.text().size())) return false;
    out = Value::list();
    auto rest = input.text();
    const auto separator = given[0].text();
    if (rest.empty()) return true;
    while (true) {
        auto at = separator.empty() ? 1 : rest.find(separator);
        while (separator.empty() && at < rest.size() && (static_cast<unsigned char>(rest[at]) & 0xC0) == 0x80) ++at;
        const bool last = at == std::string_view::npos || (separator.empty() && at >= rest.size());
        out.push_back(rest.substr(0, last ? rest.size() : at));
        if (last) return true;
        rest.remove_prefix(at + separator.size());
    }
}

bool join(const Value& input, Arguments given, Value& out, JqWork& work) {
    if (!input.is_list()) return work.fail("cannot join " + of_type(input));
    if (!text_given(given[0], "join", work)) return false;
    std::string text;
    for (std::size_t i = 0; i < input.size(); ++i) {
        const auto& item = input.items()[i];
        if (item.is_list() || item.is_map()) return work.fail("cannot join " + of_type(item));
        if (i > 0) text += given[0].text();
        if (!item.is_null()) text += item.text();
        if (!work.spend(1 + item.text().size() + given[0].text().size())) return false;
    }
    out = text;
    return true;
}

bool to_text(const Value& input, Arguments, Value& out, JqWork& work) {
    if (!input.is_string() && !work.spend(jq_weight(input, work.steps + 1) * 4)) return false;
    out = input.is_string() ? input : Value(write_json(input, JsonLayout::compact, JsonKeys::sorted));
    return work.spend(out.text().size() / 16);
}

bool to_number(const Value& input, Arguments, Value& out, JqWork& work) {
    if (input.is_number()) {
        out = input;
        return true;
    }
    if (!text_given(input, "tonumber", work)) return false;
    const auto number = json_number(input.text());
    const bool plain = !input.text().empty() && input.text().find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    const auto value = number && plain ? parse_double(*number) : std::nullopt;
    if (!value) return work.fail("cannot take a string for a number");
    const auto whole = parse_int(*number);
    out = whole ? Value(*whole) : Value(*value);
    return true;
}

bool sum_of(const Value& input, Arguments, Value& out, JqWork& work) {
    if (!input.is_list()) return work.fail("cannot add what is in " + of_type(input));
    out = Value();
    for (const auto& item : input.items()) {
        Value sum;
        if (!work.spend(1) || !jq_arithmetic('+', out, item, sum, work)) return false;
        out = std::move(sum);
    }
    return true;
}

/// The items in jq's order; equal ones keep theirs.
bool sorted_items(const Value& input, std::vector<Value>& items, JqWork& work) {
    if (!input.is_list()) return work.fail(of_type(input) + " cannot be sorted, as it is not an array");
    const auto weight = jq_weight(input, work.steps + 1);
    if (!work.spend(weight * static_cast<std::size_t>(std::bit_width(input.size()) + 1))) return false;
    items.assign(input.items().begin(), input.items().end());
    std::ranges::stable_sort(items, [](const Value& a, const Value& b) { return jq_order(a, b) < 0; });
    return true;
}

bool sort(const Value& input, Arguments, Value& out, JqWork& work) {
    std::vector<Value> items;
    if (!sorted_items(input, items, work)) return false;
    out = Value::list(std::move(items));
    return true;
}

bool unique(const Value& input, Arguments, Value& out, JqWork& work) {
    std::vector<Value> items;
    if (!sorted_items(input, items, work)) return false;
    const auto same = std::ranges::unique(items, [](const Value& a, const Value& b) { return jq_order(a, b) == 0; });
    items.erase(same.begin(), same.end());
    out = Value::list(std::move(items));
    return true;
}

bool least(const Value& input, Arguments, Value& out, JqWork& work) {
    std::vector<Value> items;
    if (!sorted_items(input, items, work)) return false;
    out = items.empty() ? Value() : items.front();
    return true;
}

bool greatest(const Value& input, Arguments, Value& out, JqWork& work) {
    std::vector<Value> items;
    if (!sorted_items(input, items, work)) return false;
    out = items.empty() ? Value() : items.back();
    return true;
}

bool reverse(const Value& input, Arguments, Value& out, JqWork& work) {
    if (input.is_null()) {
        out = Value::list();
        return true;
    }
    if (!input.is_list()) return work.fail("cannot reverse " + of_type(input));
    if (!work.spend(input.size())) return false;
    out = Value::list({input.items().rbegin(), input.items().rend()});
    return true;
}

bool to_entries(const Value& input, Arguments, Value& out, JqWork& work) {
    if (!input.is_map() && !input.is_list()) return work.fail(of_type(input) + " has no entries");
    if (!work.spend(input.size() * 3)) return false;
    out = Value::list();
    for (std::size_t i = 0; i < input.items().size(); ++i)
        out.push_back(Value::map({{"key", static_cast<std::int64_t>(i)}, {"value", input.items()[i]}}));
    for (const auto& entry : input.entries()) out.push_back(Value::map({{"key", entry.name()}, {"value", entry.value}}));
    return true;
}

bool from_entries(const Value& input, Arguments, Value& out, JqWork& work) {
    if (!input.is_list()) return work.fail("cannot make an object from " + of_type(input));
    out = Value::map();
    for (const auto& item : input.items()) {
        const Value* key = nullptr;
        for (const auto name : {"key", "k", "name", "Name", "Key", "K"})
            if (key == nullptr && item.find(name) != nullptr && jq_truth(*item.find(name))) key = item.find(name);
        const Value* value = item.has("value") ? item.find("value") : item.find("v");
        if (key == nullptr) return work.fail("an entry without a key");
        if (!key->is_string()) return work.fail("cannot use " + of_type(*key) + " as the key of an object");
        out.set(key->text(), value == nullptr ? Value() : *value);
        if (!work.spend(4)) return false;
    }
    return true;
}

bool floor_of(const Value& input, Arguments, Value& out, JqWork& work) {
    if (!input.is_number()) return work.fail(of_type(input) + " is no number");
    out = std::floor(input.to_double().value_or(0));
    return true;
}

/// Functions that make a value are in the first part; JqRun evaluates the second.
constexpr JqFunction k_functions[] = {
    {"length", 0, JqForm::value, length},
    {"not", 0, JqForm::value, negation},
    {"keys", 0, JqForm::value, keys},
    {"keys_unsorted", 0, JqForm::value, keys},
    {"type", 0, JqForm::value, type},
    {"has", 1, JqForm::value, has},
    {"in", 1, JqForm::value, in},
    {"contains", 1, JqForm::value, contains},
    {"inside", 1, JqForm::value, inside},
    {"startswith", 1, JqForm::value, starts_with},
    {"endswith", 1, JqForm::value, ends_with},
    {"ltrimstr", 1, JqForm::value, without_prefix},
    {"rtrimstr", 1, JqForm::value, without_suffix},
    {"trim", 0, JqForm::value, trimmed},
    {"ascii_downcase", 0, JqForm::value, lower},
    {"ascii_upcase", 0, JqForm::value, upper},
    {"split", 1, JqForm::value, split},
    {"join", 1, JqForm::value, join},
    {"tostring", 0, JqForm::value, to_text},
    {"tonumber", 0, JqForm::value, to_number},
    {"add", 0, JqForm::value, sum_of},
    {"sort", 0, JqForm::value, sort},
    {"unique", 0, JqForm::value, unique},
    {"min", 0, JqForm::value, least},
    {"max", 0, JqForm::value, greatest},
    {"reverse", 0, JqForm::value, reverse},
    {"to_entries", 0, JqForm::value, to_entries},
    {"from_entries", 0, JqForm::value, from_entries},
    {"floor", 0, JqForm::value, floor_of},

    {"empty", 0, JqForm::empty},
    {"error", 0, JqForm::error},
    {"error", 1, JqForm::error},
    {"select", 1, JqForm::select},
    {"recurse", 0, JqForm::recurse},
    {"recurse", 1, JqForm::recurse_by},
    {"first", 0, JqForm::nth},
    {"last", 0, JqForm::nth},
    {"nth", 1, JqForm::nth},
    {"first", 1, JqForm::first},
    {"last", 1, JqForm::last},
    {"limit", 2, JqForm::limit},
    {"getpath", 1, JqForm::get_path},
    {"paths", 0, JqForm::paths},
    {"paths", 1, JqForm::paths_by},
    {"leaf_paths", 0, JqForm::paths},
    {"path", 1, JqForm::path},
    {"map", 1, JqForm::map},
    {"any", 0, JqForm::any},
    {"any", 1, JqForm::any},
    {"any", 2, JqForm::any},
    {"all", 0, JqForm::all},
    {"all", 1, JqForm::all},
    {"all", 2, JqForm::all},
    {"isempty", 1, JqForm::is_empty},
    {"range", 1, JqForm::range},
    {"range", 2, JqForm::range},
    {"IN", 1, JqForm::in_set},
    {"values", 0, JqForm::only},
    {"nulls", 0, JqForm::only},
    {"booleans", 0, JqForm::only},
    {"numbers", 0, JqForm::only},
    {"strings", 0, JqForm::only},
    {"arrays", 0, JqForm::only},
    {"objects", 0, JqForm::only},
    {"iterables", 0, JqForm::only},
    {"scalars", 0, JqForm::only},
    {"test", 1, JqForm::test},
    {"test", 2, JqForm::test},
    {"with_entries", 1, JqForm::with_entries},
    {"map_values", 1, JqForm::map_values},
    {"del", 1, JqForm::del},
};

}  // namespace

const JqFunction* find_jq_function(std::string_view name, std::size_t arity) {
    const auto* found = std::ranges::find_if(k_functions, [&](const JqFunction& f) { return f.name == name && f.arity == arity; });
    return found == std::end(k_functions) ? nullptr : found;
}

std::string jq_arities(std::string_view name) {
    std::vector<std::string> counts;
    for (const auto& function : k_functions)
        if (function.name == name) counts.push_back(std::to_string(function.arity));
    if (counts.empty()) return {};
    return base::join(counts, " or ") + (counts.size() == 1 && counts[0] == "1" ? " argument" : " arguments");
}

std::vector<std::string> jq_function_names() {
    std::vector<std::string> names;
    for (const auto& function : k_functions)
        if (names.empty() || names.back() != function.name) names.emplace_back(function.name);
    return names;
}

}  // namespace gitops::doc::detail
