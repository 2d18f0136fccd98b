#include "core/render/reprint.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/doc/timestamp.hpp"
#include "core/doc/yaml_text.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_merge_key = "<<";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// go-yaml v3 prints these lines as a block, literal or folded; everything else goes into quotes.
bool fits_block(std::string_view text) {
    if (text.empty() || text.back() == ' ') return false;
    for (std::size_t at = 0; at < text.size(); at += doc::detail::utf8_width(text[at])) {
        if (text[at] == '\n') {
            if (at > 0 && text[at - 1] == ' ') return false;
        } else if (text[at] != '\t' && !doc::detail::is_printable_at(text, at)) {
            return false;
        }
    }
    return true;
}

/// The body of a folded block as v3 prints it. Where it looks for the end of a run of line breaks it looks at the start
/// of the text instead, so that breaks are doubled that should not be.
std::string print_folded(std::string_view text) {
    auto start = text.find_first_not_of('\n');
    bool doubles = start != std::string_view::npos && !is_blank(text[start]);
    std::string body;
    bool after_break = true, indented = true;
    for (char c : text) {
        if (c == '\n') {
            if (!after_break && !indented && doubles) body += '\n';
            after_break = true;
        } else {
            if (after_break) indented = is_blank(c);
            after_break = false;
        }
        body += c;
    }
    return body;
}

/// How many of the final line breaks the reader keeps.
enum class Chomp { strip, clip, keep };

Chomp chomp_of(std::string_view text) {
    if (!text.ends_with('\n')) return Chomp::strip;
    return text.size() == 1 || text[text.size() - 2] == '\n' ? Chomp::keep : Chomp::clip;
}

std::string read_folded(std::string_view body, Chomp chomp) {
    std::string text, line_break, more_breaks;
    std::size_t at = 0;
    auto take_breaks = [&] {
        for (; at < body.size() && body[at] == '\n'; ++at) more_breaks += '\n';
    };
    bool indented = false;
    take_breaks();
    while (at < body.size()) {
        bool indents = is_blank(body[at]);
        if (!indented && !indents && !line_break.empty()) {
            if (more_breaks.empty()) text += ' ';
        } else {
            text += line_break;
        }
        text += more_breaks;
        line_break.clear();
        more_breaks.clear();
        indented = indents;
        auto end = std::min(body.find('\n', at), body.size());
        text += body.substr(at, end - at);
        at = end;
        if (at < body.size()) {
            line_break = "\n";
            ++at;
        }
        take_breaks();
    }
    if (chomp != Chomp::strip) text += line_break;
    if (chomp == Chomp::keep) text += more_breaks;
    return text;
}

bool starts_with_tab(const Value& value) { return value.text().starts_with('\t') && value.text().find('\n') != std::string_view::npos; }

/// A text that the first printer writes as a block which its reader refuses.
bool is_refused_block(const Value& value) {
    switch (value.style()) {
        case Value::Style::single_quoted:
        case Value::Style::double_quoted: return false;
        case Value::Style::folded: return value.text().starts_with('\t') && fits_block(value.text());
        case Value::Style::none:
        case Value::Style::plain:
        case Value::Style::literal: return starts_with_tab(value) && fits_block(value.text());
    }
    return false;
}

bool changes(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::null: return value.spelling() == Value::Spelling::nothing_in_flow;
        case Value::Kind::boolean:
        case Value::Kind::integer:
        case Value::Kind::floating: return false;
        case Value::Kind::string: return value.style() == Value::Style::folded || value.spelling() == Value::Spelling::misfit || value.text().starts_with('\t');
        case Value::Kind::list: return std::ranges::any_of(value.items(), changes);
        case Value::Kind::map:
            return std::ranges::any_of(value.entries(), [](const doc::Entry& entry) { return changes(entry.value); });
    }
    return false;
}

void settle_text(Value& value) {
    if (value.spelling() == Value::Spelling::misfit)
        throw base::Error(base::Code::invalid, "cannot decode the text `" + std::string(value.text()) + "` as the type of its field")
            .note("a replacement changes the text of a field and leaves its type");
    if (is_refused_block(value))
        throw base::Error(base::Code::invalid, "found a tab character where an indentation space is expected")
            .note("kustomize cannot print a text of several lines that starts with a tab");
    if (value.style() != Value::Style::folded || !fits_block(value.text())) return;
    auto line = value.line();
    value = Value(read_folded(print_folded(value.text()), chomp_of(value.text())));
    value.set_line(line);
}

void settle(Value& value) {
    switch (value.kind()) {
        case Value::Kind::null: value = Value(""); return;
        case Value::Kind::boolean:
        case Value::Kind::integer:
        case Value::Kind::floating: return;
        case Value::Kind::string: settle_text(value); return;
        case Value::Kind::list:
            for (std::size_t i = 0; i < value.size(); ++i)
                if (changes(value.items()[i])) settle(value.item(i));
            return;
        case Value::Kind::map:
            for (std::size_t i = 0; i < value.size(); ++i)
                if (changes(value.entries()[i].value)) settle(value.at(std::string(value.entries()[i].name())));
            return;
    }
}

bool has_merge_key(const Value& value) {
    if (value.is_list()) return std::ranges::any_of(value.items(), has_merge_key);
    return std::ranges::any_of(value.entries(), [](const doc::Entry& entry) {
        return entry.name() == k_merge_key || has_merge_key(entry.value);
    });
}

}  // namespace

void settle_reprint(Value& object) {
    if (changes(object)) settle(object);
}

Value with_go_values(const Value& value) {
    Value result;
    switch (value.kind()) {
        case Value::Kind::null: result = explicit_null(); break;
        case Value::Kind::boolean: result = value.as_bool(); break;
        case Value::Kind::integer:
        case Value::Kind::floating: {
            auto text = doc::json_number(value.text());
            if (!text) throw base::Error(base::Code::invalid, "json: unsupported value: " + std::string(value.text()));
            result = resolve_plain(*text);
            break;
        }
        case Value::Kind::string: {
            auto moment = value.style() == Value::Style::plain ? doc::yaml_timestamp_to_rfc3339(value.text()) : std::nullopt;
            result = Value(moment ? std::string_view(*moment) : value.text());
            result.set_style(Value::Style::double_quoted);
            break;
        }
        case Value::Kind::list:
            result = Value::list();
            for (const auto& item : value.items()) result.push_back(with_go_values(item));
            break;
        case Value::Kind::map: {
            std::vector<doc::Entry> entries;
            entries.reserve(value.size());
            for (const auto& entry : value.entries()) entries.push_back({entry.key, with_go_values(entry.value)});
            result = Value::map_of_distinct(std::move(entries));
            break;
        }
    }
    result.set_line(value.line());
    return result;
}

void drop_merge_keys(Value& value) {
    if (!has_merge_key(value)) return;
    value.erase(k_merge_key);
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value.is_list()) drop_merge_keys(value.item(i));
        else drop_merge_keys(value.at(std::string(value.entries()[i].name())));
    }
}

}  // namespace gitops::render
