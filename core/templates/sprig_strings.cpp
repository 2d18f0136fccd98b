// sprig's functions that cut, join and fill text.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

constexpr std::size_t k_max_text = 16UL << 20;

std::string replaced(const std::string& text, const std::string& from, const std::string& to) {
    if (from.empty()) {
        // As Go: before each character and at the end.
        std::string out;
        std::string_view rest = text;
        while (!rest.empty()) {
            std::string_view tail = rest;
            take_rune(tail);
            out += to + std::string(rest.substr(0, rest.size() - tail.size()));
            rest = tail;
        }
        return out + to;
    }
    std::string out;
    std::size_t at = 0;
    for (std::size_t found; (found = text.find(from, at)) != std::string::npos; at = found + from.size()) {
        out.append(text, at, found - at);
        out += to;
        if (out.size() > k_max_text) sprig_error("the text grows beyond 16 MiB");
    }
    return out.append(text, at);
}

std::string_view trimmed(std::string_view text, std::string_view set) {
    const std::size_t first = text.find_first_not_of(set);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(set) - first + 1);
}

Datum trunc(GoCall& call) {
    const std::int64_t count = call.number(0);
    const std::string& text = call.text(1);
    const auto size = static_cast<std::int64_t>(text.size());
    if (count < 0 && size + count > 0) return text.substr(static_cast<std::size_t>(size + count));
    if (count >= 0 && size > count) return text.substr(0, static_cast<std::size_t>(count));
    return text;
}

Datum substr(GoCall& call) {
    const std::string& text = call.text(2);
    const auto size = static_cast<std::int64_t>(text.size());
    const std::int64_t start = call.number(0), end = call.number(1);
    const auto out_of_range = [&](std::int64_t at) {
        sprig_error("runtime error: slice bounds out of range [:" + std::to_string(at) + "] with length " + std::to_string(size));
    };
    if (start < 0) {
        if (end < 0 || end > size) out_of_range(end);
        return text.substr(0, static_cast<std::size_t>(end));
    }
    if (start > size) out_of_range(start);
    if (end < 0 || end > size) return text.substr(static_cast<std::size_t>(start));
    if (end < start) out_of_range(end);
    return text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start));
}

Datum repeat(GoCall& call) {
    const std::int64_t count = call.number(0);
    if (count < 0) sprig_error("strings: negative Repeat count");
    const std::string& text = call.text(1);
    if (!text.empty() && static_cast<std::size_t>(count) > k_max_text / text.size()) sprig_error("the text grows beyond 16 MiB");
    call.run.spend(text.size() * static_cast<std::size_t>(count));
    std::string out;
    for (std::int64_t i = 0; i < count && !text.empty(); ++i) out += text;
    return out;
}

std::string indented(GoCall& call) {
    if (call.number(0) < 0) sprig_error("strings: negative Repeat count");
    if (call.number(0) > 10'000) sprig_error("indented by more than 10000");
    const std::string pad(static_cast<std::size_t>(call.number(0)), ' ');
    const std::string out = pad + replaced(call.text(1), "\n", "\n" + pad);
    call.run.spend(out.size());
    return out;
}

Datum quote_all(GoCall& call, std::string (*quoted)(const Datum&)) {
    std::vector<std::string> parts;
    for (const Datum& item : call.args)
        if (!item.is_nothing()) parts.push_back(quoted(item));
    return base::join(parts, " ");
}

Datum cat(GoCall& call) {
    std::vector<std::string> parts;
    for (const Datum& item : call.args)
        if (!item.is_nothing()) parts.push_back(go_text(item));
    return base::join(parts, " ");
}

std::vector<std::string> split_text(const std::string& text, const std::string& separator, std::int64_t limit) {
    std::vector<std::string> parts;
    if (limit == 0) return parts;
    std::size_t at = 0;
    if (separator.empty()) {
        std::string_view rest = text;
        while (!rest.empty()) {
            if (limit > 0 && static_cast<std::int64_t>(parts.size()) == limit - 1) {
                parts.emplace_back(rest);
                return parts;
            }
            std::string_view tail = rest;
            take_rune(tail);
            parts.emplace_back(rest.substr(0, rest.size() - tail.size()));
            rest = tail;
        }
        return parts;
    }
    for (std::size_t found; (limit < 0 || static_cast<std::int64_t>(parts.size()) < limit - 1) &&
                            (found = text.find(separator, at)) != std::string::npos;
         at = found + separator.size())
        parts.push_back(text.substr(at, found - at));
    parts.push_back(text.substr(at));
    return parts;
}

Datum numbered(const std::vector<std::string>& parts) {
    Datum map = Datum::map(Elements::string);
    for (std::size_t i = 0; i < parts.size(); ++i) map.entries()["_" + std::to_string(i)] = parts[i];
    return map;
}

Datum abbrev(const std::string& text, std::int64_t offset, std::int64_t width) {
    const auto size = static_cast<std::int64_t>(text.size());
    if (size <= width) return text;
    const auto part = [&](std::int64_t from, std::int64_t count) {
        return text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(count));
    };
    offset = std::min(offset, size);
    if (size - offset < width - 3) offset = size - (width - 3);
    if (offset <= 4) return part(0, width - 3) + "...";
    if (offset + width - 3 < size) return "..." + part(offset, width - 6) + "...";
    return "..." + part(size - (width - 3), width - 3);
}

Datum plural(GoCall& call) { return call.number(2) == 1 ? call.text(0) : call.text(1); }

constexpr SprigRow k_rows[] = {
    {"hello", "", [](GoCall&) { return Datum("Hello!"); }},
    {"trim", "s", [](GoCall& call) { return Datum(trimmed(call.text(0), " \t\n\r\v\f")); }},
    {"trimall trimAll", "ss", [](GoCall& call) { return Datum(trimmed(call.text(1), call.text(0))); }},
    {"trimSuffix", "ss",
     [](GoCall& call) {
         const std::string& text = call.text(1);
         return Datum(text.ends_with(call.text(0)) ? text.substr(0, text.size() - call.text(0).size()) : text);
     }},
    {"trimPrefix", "ss",
     [](GoCall& call) {
         const std::string& text = call.text(1);
         return Datum(text.starts_with(call.text(0)) ? text.substr(call.text(0).size()) : text);
     }},
    {"trunc", "is", trunc},
    {"substr", "iis", substr},
    {"abbrev", "is",
     [](GoCall& call) {
         return call.number(0) < 4 ? Datum(call.text(1)) : abbrev(call.text(1), 0, call.number(0));
     }},
    {"abbrevboth", "iis",
     [](GoCall& call) {
         const bool too_short = call.number(1) < 4 || (call.number(0) > 0 && call.number(1) < 7);
         return too_short ? Datum(call.text(2)) : abbrev(call.text(2), call.number(0), call.number(1));
     }},
    {"repeat", "is", repeat},
    {"contains", "ss", [](GoCall& call) { return Datum(call.text(1).find(call.text(0)) != std::string::npos); }},
    {"hasPrefix", "ss", [](GoCall& call) { return Datum(call.text(1).starts_with(call.text(0))); }},
    {"hasSuffix", "ss", [](GoCall& call) { return Datum(call.text(1).ends_with(call.text(0))); }},
    {"quote", "a*", [](GoCall& call) { return quote_all(call, [](const Datum& item) { return go_quote(text_of(item)); }); }},
    {"squote", "a*", [](GoCall& call) { return quote_all(call, [](const Datum& item) { return "'" + go_text(item) + "'"; }); }},
    {"cat", "a*", cat},
    {"indent", "is", [](GoCall& call) { return Datum(indented(call)); }},
    {"nindent", "is", [](GoCall& call) { return Datum("\n" + indented(call)); }},
    {"replace", "sss",
     [](GoCall& call) {
         std::string out = replaced(call.text(2), call.text(0), call.text(1));
         call.run.spend(out.size());
         return Datum(std::move(out));
     }},
    {"plural", "ssi", plural},
    {"toString", "a", [](GoCall& call) { return Datum(text_of(call.args[0])); }},
    {"toStrings", "a", [](GoCall& call) { return Datum::strings(texts_of(call.args[0])); }},
    {"join", "sa", [](GoCall& call) { return Datum(base::join(texts_of(call.args[1]), call.text(0))); }},
    {"split", "ss", [](GoCall& call) { return numbered(split_text(call.text(1), call.text(0), -1)); }},
    {"splitn", "sis", [](GoCall& call) { return numbered(split_text(call.text(2), call.text(0), call.number(1))); }},
    {"splitList", "ss", [](GoCall& call) { return Datum::strings(split_text(call.text(1), call.text(0), -1)); }},
    {"sortAlpha", "a",
     [](GoCall& call) {
         auto texts = texts_of(call.args[0]);
         std::ranges::sort(texts);
         return Datum::strings(texts);
     }},
    {"fail", "s", [](GoCall& call) -> Datum { sprig_error(call.text(0)); }},
};

}  // namespace

void add_sprig_strings(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
