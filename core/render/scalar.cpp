#include "core/render/scalar.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/doc/scalar.hpp"
#include "core/doc/timestamp.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::size_t k_longest_number = 128;

/// Only spellings made of these bytes can be anything but a string.
bool may_be_typed(std::string_view text) {
    if (text.empty()) return true;
    if (text.size() > k_longest_number) return false;
    constexpr std::string_view k_first = "+-.0123456789~tTfFnN";
    if (k_first.find(text.front()) == std::string_view::npos) return false;
    for (char c : text) {
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!word && c != '+' && c != '-' && c != '.' && c != '_' && c != '~') return false;
    }
    return true;
}

char upper(char letter) { return static_cast<char>(letter - 'a' + 'A'); }

bool is_quoted(Value::Style style) {
    switch (style) {
        case Value::Style::none:
        case Value::Style::plain: return false;
        case Value::Style::single_quoted:
        case Value::Style::double_quoted:
        case Value::Style::literal:
        case Value::Style::folded: return true;
    }
    return false;
}

/// Shortest digits, exponent form below 1e-4 and from 1e6 on: how go-yaml v3 spells a float64.
std::string go_spelling(double number) {
    char digits[400];
    auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific).ptr;
    std::string scientific(digits, end);
    int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
    if (exponent < -4 || exponent >= 6) return scientific;
    end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed).ptr;
    return {digits, end};
}

Value float64_number(const Value& number) {
    auto parsed = number.to_double();
    if (!parsed || !std::isfinite(*parsed)) return number;
    std::string text = go_spelling(*parsed == 0 ? 0.0 : *parsed);
    bool whole = text.find_first_of(".eE") == std::string::npos;
    Value result = Value::number(whole ? Value::Kind::integer : Value::Kind::floating, text);
    result.set_line(number.line());
    return result;
}

}  // namespace

Value resolve_plain(std::string_view text) {
    if (text.empty()) return {};
    if (!may_be_typed(text)) return Value(text);
    Value read = doc::resolve_scalar(text, Value::Style::plain, "", doc::YamlDialect::v1_2);
    return read.is_null() ? explicit_null() : read;
}

bool is_plain_string(std::string_view text) {
    return !text.empty() && (!may_be_typed(text) || resolve_plain(text).is_string());
}

void set_untagged(Value& scalar, std::string_view text) {
    auto line = scalar.line();
    auto style = scalar.style();
    if (scalar.is_string() && is_quoted(style)) {
        scalar = Value(text);
        scalar.set_style(style);
    } else {
        scalar = resolve_plain(text);
        scalar.open_type();
    }
    scalar.set_line(line);
}

void set_text_keeping_type(Value& scalar, std::string_view text) {
    if (scalar.is_type_open()) return set_untagged(scalar, text);
    auto line = scalar.line();
    auto style = scalar.style();
    Value next(text);
    if (!scalar.is_string()) {
        next = resolve_plain(text);
        bool both_numbers = scalar.is_number() && next.is_number();
        if (scalar.kind() == Value::Kind::integer && next.kind() == Value::Kind::floating) both_numbers = false;
        if (next.kind() != scalar.kind() && !both_numbers) {
            next = Value(text);
            next.set_spelling(Value::Spelling::misfit);
        }
    } else if (is_quoted(style)) {
        next.set_style(style);
    }
    scalar = std::move(next);
    scalar.set_line(line);
}

std::string node_text(const Value& scalar) {
    std::string text(scalar.text());
    if (scalar.is_null() && is_explicit_null(scalar)) text = "null";
    switch (scalar.spelling()) {
        case Value::Spelling::usual:
        case Value::Spelling::misfit:
        case Value::Spelling::nothing_in_flow: break;
        case Value::Spelling::title: text[0] = upper(text[0]); break;
        case Value::Spelling::upper: std::ranges::transform(text, text.begin(), upper); break;
        case Value::Spelling::tilde: return "~";
    }
    return text;
}

bool is_quoted_text(const Value& scalar) {
    if (!scalar.is_string()) return false;
    if (is_quoted(scalar.style())) return true;
    return scalar.style() == Value::Style::none &&
           doc::scalar_meaning(scalar.text(), doc::YamlDialect::v1_1) != doc::ScalarMeaning::string;
}

bool is_explicit_null(const Value& value) { return value.is_null() && value.style() != Value::Style::none; }

Value explicit_null() {
    Value null;
    null.set_style(Value::Style::plain);
    return null;
}

bool is_nil_or_empty(const Value* value) {
    if (value == nullptr || value->is_null()) return true;
    return (value->is_map() || value->is_list()) && value->empty();
}

Value with_float64_numbers(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::null: return explicit_null();
        case Value::Kind::boolean: return value.as_bool();
        case Value::Kind::string:
            if (value.style() == Value::Style::plain)
                if (auto moment = doc::yaml_timestamp_to_rfc3339(value.text())) return *moment;
            return value;
        case Value::Kind::integer:
        case Value::Kind::floating: return float64_number(value);
        case Value::Kind::list: {
            std::vector<Value> items;
            items.reserve(value.size());
            for (const auto& item : value.items()) items.push_back(with_float64_numbers(item));
            return Value::list(std::move(items));
        }
        case Value::Kind::map: {
            std::vector<doc::Entry> entries;
            entries.reserve(value.size());
            for (const auto& entry : value.entries()) entries.push_back({entry.key, with_float64_numbers(entry.value)});
            return Value::map(std::move(entries));
        }
    }
    return value;
}

std::string html_safe_json(const std::string& json) {
    std::string text;
    text.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        std::string_view rest(json.data() + i, json.size() - i);
        if (json[i] == '<') text += "\\u003c";
        else if (json[i] == '>') text += "\\u003e";
        else if (json[i] == '&') text += "\\u0026";
        else if (rest.starts_with("\xE2\x80\xA8")) { text += "\\u2028"; i += 2; }
        else if (rest.starts_with("\xE2\x80\xA9")) { text += "\\u2029"; i += 2; }
        else text += json[i];
    }
    return text;
}

}  // namespace gitops::render
