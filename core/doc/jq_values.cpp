// Order, arithmetic and size of values as jq has them; declared in jq_functions.hpp.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/doc/jq_functions.hpp"

namespace gitops::doc::detail {

namespace {

int rank_of(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::null: return 0;
        case Value::Kind::boolean: return value.as_bool() ? 2 : 1;
        case Value::Kind::integer:
        case Value::Kind::floating: return 3;
        case Value::Kind::string: return 4;
        case Value::Kind::list: return 5;
        case Value::Kind::map: return 6;
    }
    return 0;
}

int sign_of(const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; }

int order_of_maps(const Value& a, const Value& b) {
    const auto keys = [](const Value& map) {
        std::vector<std::string_view> names;
        for (const auto& entry : map.entries()) names.push_back(entry.name());
        std::ranges::sort(names);
        return names;
    };
    const auto left = keys(a), right = keys(b);
    if (left != right) return sign_of(left, right);
    for (const auto name : left)
        if (const int order = jq_order(*a.find(name), *b.find(name)); order != 0) return order;
    return 0;
}

constexpr std::size_t k_longest_made_text = 1U << 20;

bool add(const Value& left, const Value& right, Value& out, JqWork& work) {
    if (left.is_null() || right.is_null()) {
        out = left.is_null() ? right : left;
        return true;
    }
    if (left.is_string() && right.is_string()) {
        const auto size = left.text().size() + right.text().size();
        if (size > k_longest_made_text || !work.spend(size / 16)) return work.spend(k_most_jq_steps);
        out = std::string(left.text()) + std::string(right.text());
        return true;
    }
    if (!work.spend(left.size() + right.size())) return false;
    if (left.is_list() && right.is_list()) {
        std::vector<Value> items(left.items().begin(), left.items().end());
        items.insert(items.end(), right.items().begin(), right.items().end());
        out = Value::list(std::move(items));
        return true;
    }
    if (left.is_map() && right.is_map()) {
        out = left;
        for (const auto& entry : right.entries()) out.set(entry.name(), entry.value);
        return true;
    }
    return work.fail(std::string(jq_type(left)) + " and " + std::string(jq_type(right)) + " cannot be added");
}

bool subtract_lists(const Value& left, const Value& right, Value& out, JqWork& work) {
    if (!work.spend((1 + jq_weight(left, work.steps + 1)) * (1 + right.size()))) return false;
    out = Value::list();
    for (const auto& item : left.items())
        if (std::ranges::none_of(right.items(), [&](const Value& other) { return jq_order(item, other) == 0; })) out.push_back(item);
    return true;
}

Value number_value(double number) {
    const bool exact = std::floor(number) == number && std::abs(number) < 1e15;
    return exact ? Value(static_cast<std::int64_t>(number)) : Value(number);
}

}  // namespace

int jq_order(const Value& a, const Value& b) {
    if (a.same_node(b)) return 0;
    if (const int order = sign_of(rank_of(a), rank_of(b)); order != 0) return order;
    if (a.is_number()) return a == b ? 0 : sign_of(a.to_double().value_or(0), b.to_double().value_or(0));
    if (a.is_string()) return sign_of(a.text(), b.text());
    if (a.is_map()) return order_of_maps(a, b);
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        if (const int order = jq_order(a.items()[i], b.items()[i]); order != 0) return order;
    return sign_of(a.size(), b.size());
}

std::string_view jq_type(const Value& value) {
    constexpr std::string_view names[] = {"null", "boolean", "boolean", "number", "string", "array", "object"};
    return names[rank_of(value)];
}

bool jq_arithmetic(char sign, const Value& left, const Value& right, Value& out, JqWork& work) {
    if (left.is_number() && right.is_number()) {
        const double a = left.to_double().value_or(0), b = right.to_double().value_or(0);
        if ((sign == '/' && b == 0) || (sign == '%' && std::trunc(b) == 0)) return work.fail("cannot divide by zero");
        switch (sign) {
            case '+': out = number_value(a + b); break;
            case '-': out = number_value(a - b); break;
            case '*': out = number_value(a * b); break;
            case '/': out = number_value(a / b); break;
            default: out = number_value(std::fmod(std::trunc(a), std::trunc(b)));
        }
        return std::isfinite(out.to_double().value_or(0)) || work.fail("a number that is too large");
    }
    if (sign == '+') return add(left, right, out, work);
    if (sign == '-' && left.is_list() && right.is_list()) return subtract_lists(left, right, out, work);
    return work.fail(std::string(jq_type(left)) + " and " + std::string(jq_type(right)) + " have no " + sign);
}

std::size_t jq_weight(const Value& value, std::size_t limit) {
    std::size_t weight = 1 + (value.is_string() ? value.text().size() / 64 : 0);
    for (const auto& item : value.items()) {
        if (weight > limit) return weight;
        weight += jq_weight(item, limit - weight);
    }
    for (const auto& entry : value.entries()) {
        if (weight > limit) return weight;
        weight += 1 + jq_weight(entry.value, limit - weight);
    }
    return weight;
}

std::size_t jq_length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace gitops::doc::detail
