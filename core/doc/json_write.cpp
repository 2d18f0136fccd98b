#include <algorithm>
#include <array>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/number.hpp"
#include "core/doc/unicode.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_text.hpp"

namespace gitops::doc {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_step = 2;
constexpr std::string_view k_replacement = "\xEF\xBF\xBD";

/// Bytes of a string that cannot be copied as they are.
constexpr auto k_special = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

bool is_special(char c) { return k_special[static_cast<unsigned char>(c)]; }

/// The JSON grammar of numbers: no leading zeros, no '+', digits on both sides of the point.
bool is_json_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at - from;
    };
    if (at < text.size() && text[at] == '-') ++at;
    const std::size_t whole = at;
    const std::size_t count = digits();
    if (count == 0 || (count > 1 && text[whole] == '0')) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

void append_escape(char c, std::string& out) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        default: break;
    }
    constexpr std::string_view k_hex = "0123456789abcdef";
    out += "\\u00";
    out += k_hex[static_cast<unsigned char>(c) >> 4U];
    out += k_hex[static_cast<unsigned char>(c) & 0xFU];
}

/// Each byte that is no UTF-8 becomes U+FFFD, as in Go.
std::string well_formed(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t width = std::min(detail::utf8_width(text[at]), text.size() - at);
        const bool good = base::is_utf8(text.substr(at, width));
        if (good) out.append(text.substr(at, width));
        else out.append(k_replacement);
        at += good ? width : 1;
    }
    return out;
}

class Writer {
  public:
    Writer(std::string& out, JsonLayout layout, JsonKeys keys)
        : m_out(out), m_indented(layout == JsonLayout::indented), m_sorted(keys == JsonKeys::sorted) {}

    void write(const Value& value) {
        switch (value.kind()) {
            case Value::Kind::null: m_out += "null"; return;
            case Value::Kind::boolean: m_out += value.text(); return;
            case Value::Kind::integer:
            case Value::Kind::floating: write_number(value); return;
            case Value::Kind::string: write_text(value.text()); return;
            case Value::Kind::list: write_list(value); return;
            case Value::Kind::map: write_map(value); return;
        }
    }

  private:
    void write_number(const Value& value) {
        const auto text = value.text();
        if (is_json_number(text)) {
            m_out += text;
            return;
        }
        const auto spelled = json_number(text);
        if (!spelled)
            throw Error(Code::invalid, "JSON has no number for " + std::string(text.substr(0, 40)))
                .at({"", static_cast<int>(value.line()), 0});
        m_out += *spelled;
    }

    void write_text(std::string_view text) {
        const std::size_t start = m_out.size();
        m_out += '"';
        bool has_high = false;
        std::size_t copied = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            has_high |= static_cast<unsigned char>(text[at]) >= 0x80;
            if (!is_special(text[at])) continue;
            m_out.append(text, copied, at - copied);
            append_escape(text[at], m_out);
            copied = at + 1;
        }
        if (has_high && !base::is_utf8(text)) {
            m_out.resize(start);
            write_text(well_formed(text));
            return;
        }
        m_out.append(text, copied);
        m_out += '"';
    }

    void enter() {
        if (++m_depth > k_max_yaml_depth)
            throw Error(Code::invalid, "nested deeper than " + std::to_string(k_max_yaml_depth) + " levels");
    }

    void break_line() {
        if (!m_indented) return;
        m_out += '\n';
        m_out.append(m_depth * k_step, ' ');
    }

    void write_list(const Value& value) {
        m_out += '[';
        enter();
        bool first = true;
        for (const Value& item : value.items()) {
            if (!first) m_out += ',';
            first = false;
            break_line();
            write(item);
        }
        --m_depth;
        if (!first) break_line();
        m_out += ']';
    }

    void write_entry(const Entry& entry) {
        write_text(entry.key.is_null() ? "null" : entry.name());
        m_out += m_indented ? ": " : ":";
        write(entry.value);
    }

    void write_map(const Value& value) {
        m_out += '{';
        enter();
        const auto entries = value.entries();
        std::vector<const Entry*> order;
        if (m_sorted && !std::ranges::is_sorted(entries, {}, &Entry::name)) {
            for (const Entry& entry : entries) order.push_back(&entry);
            std::ranges::sort(order, {}, [](const Entry* entry) { return entry->name(); });
        }
        for (std::size_t at = 0; at < entries.size(); ++at) {
            if (at > 0) m_out += ',';
            break_line();
            write_entry(order.empty() ? entries[at] : *order[at]);
        }
        --m_depth;
        if (!entries.empty()) break_line();
        m_out += '}';
    }

    std::string& m_out;
    bool m_indented;
    bool m_sorted;
    std::size_t m_depth = 0;
};

}  // namespace

void write_json(const Value& value, std::string& out, JsonLayout layout, JsonKeys keys) {
    Writer(out, layout, keys).write(value);
}

std::string write_json(const Value& value, JsonLayout layout, JsonKeys keys) {
    std::string out;
    write_json(value, out, layout, keys);
    return out;
}

}  // namespace gitops::doc
