// The functions every Go template has.
#include <algorithm>
#include <array>

#include "core/base/error.hpp"
#include "core/templates/go_functions.hpp"
#include "core/templates/go_print.hpp"

namespace gitops::templates {

namespace {

using base::Code;
using base::Error;
using Kind = Datum::Kind;

[[noreturn]] void fail(const std::string& message) { throw Error(Code::invalid, message); }

/// Kinds that compare with each other; lists, maps and times with none.
bool is_basic(const Datum& datum) {
    return datum.kind() == Kind::boolean || datum.is_integer() || datum.is_floating() || datum.is_string();
}

bool equal(const Datum& a, const Datum& b) {
    if (a.is_nothing() || b.is_nothing()) return a.is_nothing() == b.is_nothing();
    if (!is_basic(a) && !is_basic(b)) {
        if (a.kind() != b.kind())
            fail("non-comparable types " + go_text(a) + ": " + a.type_name() + ", " + b.type_name() + ": " + go_text(b));
        if (a.kind() == Kind::time) return a.time() == b.time();
        fail("non-comparable type " + go_text(b) + ": " + b.type_name());
    }
    if (a.kind() != b.kind()) fail("incompatible types for comparison: " + a.type_name() + " and " + b.type_name());
    switch (a.kind()) {
        case Kind::boolean: return a.flag() == b.flag();
        case Kind::integer: return a.number() == b.number();
        case Kind::floating: return a.floating() == b.floating();
        default: return a.text() == b.text();
    }
}

bool less(const Datum& a, const Datum& b) {
    if (!is_basic(a) || !is_basic(b)) fail("invalid type for comparison");
    if (a.kind() != b.kind()) fail("incompatible types for comparison: " + a.type_name() + " and " + b.type_name());
    switch (a.kind()) {
        case Kind::boolean: fail("invalid type for comparison");
        case Kind::integer: return a.number() < b.number();
        case Kind::floating: return a.floating() < b.floating();
        default: return a.text() < b.text();
    }
}

Datum eq(GoCall& call) {
    if (call.count() < 2) fail("missing argument for comparison");
    for (std::size_t i = 1; i < call.count(); ++i)
        if (equal(call.args[0], call.args[i])) return true;
    return false;
}

std::size_t index_of(const Datum& index, std::size_t size) {
    if (index.is_nothing()) fail("cannot index slice/array with nil");
    if (!index.is_integer()) fail("cannot index slice/array with type " + index.type_name());
    if (index.number() < 0 || static_cast<std::uint64_t>(index.number()) > size)
        fail("index out of range: " + std::to_string(index.number()));
    return static_cast<std::size_t>(index.number());
}

Datum index(GoCall& call) {
    if (call.args[0].is_nothing()) fail("index of untyped nil");
    Datum item = call.args[0];
    for (const Datum& at : call.args.subspan(1)) {
        if (item.is_nothing()) fail("index of nil pointer");
        if (item.is_map()) {
            if (at.is_nothing()) fail("value is nil; should be of type string");
            if (!at.is_string()) fail("value has type " + at.type_name() + "; should be string");
            const Datum* found = item.find(at.text());
            Datum next = found != nullptr ? *found : item.elements() == Elements::string ? Datum("") : Datum();
            item = std::move(next);
        } else if (item.is_list() || item.is_string()) {
            const std::size_t size = item.is_list() ? item.items().size() : item.text().size();
            const std::size_t position = index_of(at, size);
            if (position == size)
                fail("reflect: " + std::string(item.is_list() ? "slice" : "string") + " index out of range");
            Datum next = item.is_list() ? item.items()[position]
                                        : Datum::integer(static_cast<unsigned char>(item.text()[position]));
            item = std::move(next);
        } else {
            fail("can't index item of type " + item.type_name());
        }
    }
    return item;
}

Datum slice(GoCall& call) {
    const Datum& item = call.args[0];
    const auto indexes = call.args.subspan(1);
    if (item.is_nothing()) fail("slice of untyped nil");
    if (indexes.size() > 3) fail("too many slice indexes: " + std::to_string(indexes.size()));
    if (item.is_string() && indexes.size() == 3) fail("cannot 3-index slice a string");
    if (!item.is_string() && !item.is_list()) fail("can't slice item of type " + item.type_name());
    const std::size_t size = item.is_string() ? item.text().size() : item.items().size();
    std::array<std::size_t, 3> at{0, size, size};
    for (std::size_t i = 0; i < indexes.size(); ++i) at.at(i) = index_of(indexes[i], size);
    if (at[0] > at[1]) fail("invalid slice index: " + std::to_string(at[0]) + " > " + std::to_string(at[1]));
    if (at[1] > at[2]) fail("invalid slice index: " + std::to_string(at[1]) + " > " + std::to_string(at[2]));
    if (item.is_string()) return item.text().substr(at[0], at[1] - at[0]);
    const auto first = item.items().begin();
    return Datum::list({first + static_cast<std::ptrdiff_t>(at[0]), first + static_cast<std::ptrdiff_t>(at[1])}, item.elements());
}

Datum length(GoCall& call) {
    const Datum& item = call.args[0];
    if (item.is_nothing()) fail("reflect: call of reflect.Value.Type on zero Value");
    if (item.is_string()) return Datum::integer(static_cast<std::int64_t>(item.text().size()));
    if (item.is_list()) return Datum::integer(static_cast<std::int64_t>(item.items().size()));
    if (item.is_map()) return Datum::integer(static_cast<std::int64_t>(item.entries().size()));
    fail("len of type " + item.type_name());
}

/// What html, js and urlquery see: one text as it is, else as `print`.
std::string printed(const GoCall& call) {
    return call.count() == 1 && call.args[0].is_string() ? call.args[0].text() : go_sprint(call.args);
}

std::string html_escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\0': out += "\xEF\xBF\xBD"; break;
            case '"': out += "&#34;"; break;
            case '\'': out += "&#39;"; break;
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string js_escaped(const std::string& text) {
    constexpr std::string_view k_hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\\' || c == '\'' || c == '"') out += {'\\', c};
        else if (byte < 0x20 || c == '<' || c == '>' || c == '&' || c == '=')
            out += std::string("\\u00") + k_hex[byte >> 4] + k_hex[byte & 15];
        else out += c;
    }
    return out;
}

std::string query_escaped(const std::string& text) {
    constexpr std::string_view k_hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        if (plain) out += c;
        else if (c == ' ') out += '+';
        else out += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
    }
    return out;
}

/// Of the signature's types, a text is the only one that is told apart: functions that are values take texts.
Datum call_function(GoCall& call) {
    const Datum callee = call.args[0];
    if (callee.is_nothing()) fail("call of nil");
    if (callee.kind() != Datum::Kind::function) fail("non-function of type " + callee.type_name());
    const GoFunction& function = callee.function();
    const auto args = call.args.subspan(1);
    const bool is_variadic = function.signature.ends_with('*');
    const std::size_t letters = function.signature.size() - (is_variadic ? 1 : 0);
    const std::size_t fewest = is_variadic ? letters - 1 : letters;
    if (args.size() < fewest || (!is_variadic && args.size() > letters))
        fail("wrong number of args: got " + std::to_string(args.size()) + " want " + (is_variadic ? "at least " : "") + std::to_string(fewest));
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (function.signature[std::min(i, letters - 1)] != 's' || args[i].is_string()) continue;
        const std::string place = "arg " + std::to_string(i) + ": value ";
        if (args[i].is_nothing()) fail(place + "is nil; should be of type string");
        fail(place + "has type " + args[i].type_name() + "; should be string");
    }
    GoCall made{function.name, args, call.run};
    return function.call(made);
}

}  // namespace

GoFunctions::GoFunctions() {
    add({"eq", "aa*", eq});
    add({"ne", "aa", [](GoCall& call) { return Datum(!equal(call.args[0], call.args[1])); }});
    add({"lt", "aa", [](GoCall& call) { return Datum(less(call.args[0], call.args[1])); }});
    add({"le", "aa", [](GoCall& call) { return Datum(less(call.args[0], call.args[1]) || equal(call.args[0], call.args[1])); }});
    add({"gt", "aa", [](GoCall& call) { return Datum(!less(call.args[0], call.args[1]) && !equal(call.args[0], call.args[1])); }});
    add({"ge", "aa", [](GoCall& call) { return Datum(!less(call.args[0], call.args[1])); }});
    add({"not", "a", [](GoCall& call) { return Datum(!call.args[0].truth()); }});
    add({"index", "aa*", index});
    add({"slice", "aa*", slice});
    add({"len", "a", length});
    add({"print", "a*", [](GoCall& call) { return Datum(go_sprint(call.args)); }});
    add({"printf", "sa*", [](GoCall& call) { return Datum(go_sprintf(call.text(0), call.args.subspan(1))); }});
    add({"println", "a*", [](GoCall& call) { return Datum(go_sprintln(call.args)); }});
    add({"html", "a*", [](GoCall& call) { return Datum(html_escaped(printed(call))); }});
    add({"js", "a*", [](GoCall& call) { return Datum(js_escaped(printed(call))); }});
    add({"urlquery", "a*", [](GoCall& call) { return Datum(query_escaped(printed(call))); }});
    add({"call", "aa*", call_function});
}

void GoFunctions::add(GoFunction function) {
    std::string name = function.name;
    m_functions.insert_or_assign(std::move(name), std::move(function));
}

const GoFunction* GoFunctions::find(std::string_view name) const {
    const auto found = m_functions.find(name);
    return found == m_functions.end() ? nullptr : &found->second;
}

}  // namespace gitops::templates
