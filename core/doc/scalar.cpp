#include "core/doc/scalar.hpp"

#include <array>
#include <optional>
#include <string>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/number.hpp"
#include "core/doc/timestamp.hpp"

namespace gitops::doc {

namespace {

struct Word {
    std::string_view text;
    ScalarMeaning meaning;
};

constexpr std::array<Word, 10> k_words{{{"true", ScalarMeaning::yes},
                                        {"True", ScalarMeaning::yes},
                                        {"TRUE", ScalarMeaning::yes},
                                        {"false", ScalarMeaning::no},
                                        {"False", ScalarMeaning::no},
                                        {"FALSE", ScalarMeaning::no},
                                        {"~", ScalarMeaning::null},
                                        {"null", ScalarMeaning::null},
                                        {"Null", ScalarMeaning::null},
                                        {"NULL", ScalarMeaning::null}}};

/// Words that only YAML 1.1 knows.
constexpr std::array<Word, 16> k_old_words{{{"y", ScalarMeaning::yes},
                                            {"Y", ScalarMeaning::yes},
                                            {"yes", ScalarMeaning::yes},
                                            {"Yes", ScalarMeaning::yes},
                                            {"YES", ScalarMeaning::yes},
                                            {"on", ScalarMeaning::yes},
                                            {"On", ScalarMeaning::yes},
                                            {"ON", ScalarMeaning::yes},
                                            {"n", ScalarMeaning::no},
                                            {"N", ScalarMeaning::no},
                                            {"no", ScalarMeaning::no},
                                            {"No", ScalarMeaning::no},
                                            {"NO", ScalarMeaning::no},
                                            {"off", ScalarMeaning::no},
                                            {"Off", ScalarMeaning::no},
                                            {"OFF", ScalarMeaning::no}}};

constexpr std::string_view k_tag_prefix = "tag:yaml.org,2002:";

std::optional<ScalarMeaning> word_meaning(std::string_view plain, YamlDialect dialect) {
    if (plain.size() > 5) return std::nullopt;
    for (const Word& word : k_words)
        if (word.text == plain) return word.meaning;
    if (dialect == YamlDialect::v1_1)
        for (const Word& word : k_old_words)
            if (word.text == plain) return word.meaning;
    return std::nullopt;
}

/// The first characters a scalar other than a string can have.
bool may_be_no_string(char first) {
    static constexpr auto k_first = [] {
        std::array<bool, 256> table{};
        for (const char c : std::string_view("+-.0123456789yYnNtTfFoO~")) table[static_cast<unsigned char>(c)] = true;
        return table;
    }();
    return k_first[static_cast<unsigned char>(first)];
}

/// "0o-7", which only v3 reads as a number.
bool has_octal_sign(std::string_view number) {
    return number.find('o') != std::string_view::npos && number.find_first_of("+-", 1) != std::string_view::npos;
}

Value make_string(std::string_view text, Value::Style style) {
    Value value(text);
    value.set_style(style);
    return value;
}

Value::Spelling spelling_of(std::string_view word) {
    if (word == "~") return Value::Spelling::tilde;
    if (word.empty() || word[0] > 'Z') return Value::Spelling::usual;
    return word[1] > 'Z' ? Value::Spelling::title : Value::Spelling::upper;
}

Value make_value(std::string_view text, ScalarMeaning meaning, Value::Style style, YamlDialect dialect) {
    Value value;
    switch (meaning) {
        case ScalarMeaning::null:
            if (text.empty()) style = Value::Style::none;  // tells "key:" from "key: null", which patches keep
            value.set_spelling(spelling_of(text));
            break;
        case ScalarMeaning::yes:
        case ScalarMeaning::no:
            value = Value(meaning == ScalarMeaning::yes);
            if (dialect == YamlDialect::v1_2) value.set_spelling(spelling_of(text));
            break;
        case ScalarMeaning::integer: value = Value::number(Value::Kind::integer, text); break;
        case ScalarMeaning::floating: value = Value::number(Value::Kind::floating, text); break;
        case ScalarMeaning::timestamp:
            // v3 makes it a time, which the plain style lets the writer know; v2 leaves the text as it is.
            return make_string(text, dialect == YamlDialect::v1_2 ? Value::Style::plain : Value::Style::none);
        case ScalarMeaning::string: value = Value(text); break;
    }
    value.set_style(style);
    return value;
}

struct TagRule {
    std::string_view name;
    std::array<ScalarMeaning, 2> accepts;
};
constexpr std::array<TagRule, 5> k_tag_rules{{{"null", {ScalarMeaning::null, ScalarMeaning::null}},
                                              {"bool", {ScalarMeaning::yes, ScalarMeaning::no}},
                                              {"int", {ScalarMeaning::integer, ScalarMeaning::integer}},
                                              {"float", {ScalarMeaning::floating, ScalarMeaning::integer}},
                                              {"timestamp", {ScalarMeaning::timestamp, ScalarMeaning::timestamp}}}};

/// Each byte that is not part of UTF-8 text becomes U+FFFD, as in Go's JSON.
std::string with_replacements(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        std::size_t width = 1;
        while (width <= 4 && width <= bytes.size() && !base::is_utf8(bytes.substr(0, width))) ++width;
        const bool good = width <= 4 && width <= bytes.size();
        text += good ? bytes.substr(0, width) : "\xEF\xBF\xBD";
        bytes.remove_prefix(good ? width : 1);
    }
    return text;
}

Value resolve_tagged(std::string_view text, std::string_view tag, Value::Style style, YamlDialect dialect) {
    using base::Code;
    using base::Error;
    if (style == Value::Style::plain) style = Value::Style::double_quoted;
    if (!tag.starts_with(k_tag_prefix)) return make_string(text, style);
    tag.remove_prefix(k_tag_prefix.size());
    if (tag == "binary") {
        const auto bytes = base::base64_decode(text);
        if (!bytes) throw Error(Code::invalid, "a !!binary value that is not base64");
        return make_string(base::is_utf8(*bytes) ? *bytes : with_replacements(*bytes), Value::Style::double_quoted);
    }
    for (const TagRule& rule : k_tag_rules) {
        if (rule.name != tag) continue;
        const auto meaning = scalar_meaning(text, dialect);
        if (meaning != rule.accepts[0] && meaning != rule.accepts[1])
            throw Error(Code::invalid, "\"" + std::string(text.substr(0, 40)) + "\" does not fit its tag !!" + std::string(tag));
        if (tag == "float") {
            if (meaning == ScalarMeaning::integer) return Value(parse_double(text).value_or(0));
            return make_value(text, meaning, Value::Style::plain, dialect);
        }
        return make_value(text, meaning, Value::Style::plain, dialect);
    }
    return make_string(text, style);
}

}  // namespace

bool is_yaml_timestamp(std::string_view text) { return yaml_timestamp_to_rfc3339(text).has_value(); }

ScalarMeaning scalar_meaning(std::string_view plain, YamlDialect dialect) {
    if (plain.empty()) return ScalarMeaning::null;
    if (!may_be_no_string(plain[0])) return ScalarMeaning::string;
    if (const auto word = word_meaning(plain, dialect)) return *word;
    if (plain[0] >= '0' && plain[0] <= '9' && is_yaml_timestamp(plain)) return ScalarMeaning::timestamp;
    switch (number_form(plain)) {
        case NumberForm::none: return ScalarMeaning::string;
        case NumberForm::integer:
            return dialect == YamlDialect::v1_1 && has_octal_sign(plain) ? ScalarMeaning::string : ScalarMeaning::integer;
        case NumberForm::floating: return ScalarMeaning::floating;
    }
    return ScalarMeaning::string;
}

Value resolve_scalar(std::string_view text, Value::Style style, std::string_view tag, YamlDialect dialect) {
    if (!tag.empty() && tag != "!") return resolve_tagged(text, tag, style, dialect);
    if (style != Value::Style::plain) return make_string(text, style);
    return make_value(text, scalar_meaning(text, dialect), style, dialect);
}

}  // namespace gitops::doc
