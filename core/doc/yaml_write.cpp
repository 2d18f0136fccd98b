#include "core/doc/yaml_write.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/doc/timestamp.hpp"
#include "core/doc/yaml_emitter.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::doc {

namespace {

using base::Code;
using base::Error;
using detail::ScalarStyle;
using detail::YamlEmitter;

constexpr int k_step = 2;
/// Longer keys are written with an explicit "?".
constexpr std::size_t k_longest_simple_key = 128;

[[noreturn]] void refuse(const Value& value, const std::string& message) {
    throw Error(Code::invalid, message).at({"", static_cast<int>(value.line()), 0});
}

/// What YAML output makes of a number: kustomize sends it through JSON, where whole numbers lose their fraction.
std::string number_text(const Value& value) {
    if (const auto wide = parse_wide_int(value.text()))
        return (wide->negative ? "-" : "") + std::to_string(wide->magnitude);
    const auto real = parse_double(value.text());
    if (!real) refuse(value, "\"" + std::string(value.text().substr(0, 40)) + "\" is no number");
    if (!std::isfinite(*real)) refuse(value, "unsupported value: " + std::string(value.text()));
    const std::string json = format_double(*real);
    const auto whole = parse_wide_int(json);
    if (!whole) return format_double_general(*real);
    return (whole->negative ? "-" : "") + std::to_string(whole->magnitude);
}

/// True for the spelling number_text would give anyway: few plain digits.
bool is_canonical(std::string_view digits) {
    if (!digits.empty() && digits[0] == '-') digits.remove_prefix(1);
    if (digits.empty() || digits.size() > 18 || (digits[0] == '0')) return digits == "0";
    return std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

enum class Place { root, item, value, simple_key };

class Writer {
  public:
    Writer(std::string& out, const YamlWriteOptions& options) : m_emitter(out), m_options(options) {}

    void write(const Value& root) {
        write_node(root, Place::root);
        m_emitter.set_indent(-1);
        m_emitter.write_indent();
    }

  private:
    void write_node(const Value& node, Place place) {
        switch (node.kind()) {
            case Value::Kind::null: m_emitter.write_word("null"); return;
            case Value::Kind::boolean: m_emitter.write_word(node.text()); return;
            case Value::Kind::integer:
            case Value::Kind::floating: write_number(node); return;
            case Value::Kind::string: write_string(node, place); return;
            case Value::Kind::list: write_list(node, place); return;
            case Value::Kind::map: write_map(node); return;
        }
    }

    void write_number(const Value& node) {
        if (is_canonical(node.text()) && node.text() != "-0") m_emitter.write_word(node.text());
        else m_emitter.write_word(number_text(node));
    }

    void write_string(const Value& node, Place place) {
        switch (detail::look_at(node.text())) {
            case detail::Look::word: m_emitter.write_word(node.text()); return;
            case detail::Look::line: write_text(node.text(), ScalarStyle::plain, place); return;
            case detail::Look::unknown: write_any_string(node, place); return;
        }
    }

    void write_any_string(const Value& node, Place place) {
        std::string scratch;
        std::string_view text = detail::passable_text(node.text(), scratch);
        if (node.style() == Value::Style::plain) {
            if (auto moment = yaml_timestamp_to_rfc3339(text)) {
                scratch = std::move(*moment);
                text = scratch;
            }
        }
        // go-yaml leaves a key "<<" plain, which reads as a merge key; kustomize never comes to print one.
        const bool quoted = detail::needs_quotes(text) || (place == Place::simple_key && text == "<<");
        const auto traits = detail::analyze_text(text);
        if (traits.simple && traits.plain_allowed && !quoted) {
            m_emitter.write_word(text);
            return;
        }
        write_text(text, detail::choose_style(traits, place == Place::simple_key, quoted), place);
    }

    void write_text(std::string_view text, ScalarStyle style, Place place) {
        const int indent = m_emitter.indent();
        m_emitter.set_indent(indent < 0 ? k_step : indent + k_step);
        m_emitter.write_text(text, style, place != Place::simple_key);
        m_emitter.set_indent(indent);
    }

    void enter() {
        if (++m_depth > k_max_yaml_depth)
            throw Error(Code::invalid, "nested deeper than " + std::to_string(k_max_yaml_depth) + " levels");
    }

    void write_list(const Value& node, Place place) {
        if (node.empty()) {
            m_emitter.write_indicator('[', {.needs_blank = true, .counts_as_blank = true});
            m_emitter.write_indicator(']', {});
            return;
        }
        enter();
        const int indent = m_emitter.indent();
        const bool compact = place == Place::value && !m_emitter.indention();
        if (indent < 0) m_emitter.set_indent(0);
        else if (!compact) m_emitter.set_indent(indent + k_step);
        for (const Value& item : node.items()) {
            m_emitter.write_indent();
            m_emitter.write_indicator('-', {.needs_blank = true, .keeps_indention = true});
            write_node(item, Place::item);
        }
        m_emitter.set_indent(indent);
        --m_depth;
    }

    void write_map(const Value& node) {
        if (node.empty()) {
            m_emitter.write_indicator('{', {.needs_blank = true, .counts_as_blank = true});
            m_emitter.write_indicator('}', {});
            return;
        }
        enter();
        const int indent = m_emitter.indent();
        m_emitter.set_indent(indent < 0 ? 0 : indent + k_step);
        const auto entries = node.entries();
        if (m_options.order == KeyOrder::as_is || is_sorted(entries)) {
            for (const Entry& entry : entries) write_entry(entry);
        } else {
            for (const std::uint32_t at : sorted(entries)) write_entry(entries[at]);
        }
        m_emitter.set_indent(indent);
        --m_depth;
    }

    static bool is_sorted(std::span<const Entry> entries) {
        for (std::size_t at = 1; at < entries.size(); ++at)
            if (!natural_less(entries[at - 1].name(), entries[at].name())) return false;
        return true;
    }

    /// A stable merge sort: natural_less is no strict order for every set of hostile keys.
    static std::vector<std::uint32_t> sorted(std::span<const Entry> entries) {
        std::vector<std::uint32_t> order(entries.size());
        for (std::uint32_t at = 0; at < order.size(); ++at) order[at] = at;
        std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
            return natural_less(entries[a].name(), entries[b].name());
        });
        return order;
    }

    void write_entry(const Entry& entry) {
        if (!entry.key.is_string())
            refuse(entry.key, "key " + std::string(entry.name()) + " is no string: quote it");
        if (entry.name().size() <= k_longest_simple_key && detail::look_at(entry.name()) == detail::Look::word) {
            m_emitter.write_indent();
            m_emitter.write_word(entry.name());
            m_emitter.write_indicator(':', {});
            write_node(entry.value, Place::value);
            return;
        }
        write_odd_key(entry);
        write_node(entry.value, Place::value);
    }

    void write_odd_key(const Entry& entry) {
        if (entry.key.style() == Value::Style::plain && yaml_timestamp_to_rfc3339(entry.name()))
            refuse(entry.key, "key " + std::string(entry.name()) + " is a timestamp: quote it");
        if (entry.name().find("\xC2\x85") != std::string_view::npos) refuse(entry.key, "a key with a line break (U+0085)");
        m_emitter.write_indent();
        if (is_simple_key(entry.name())) {
            write_string(entry.key, Place::simple_key);
            m_emitter.write_indicator(':', {});
        } else {
            m_emitter.write_indicator('?', {.needs_blank = true, .keeps_indention = true});
            write_string(entry.key, Place::value);
            m_emitter.write_indent();
            m_emitter.write_indicator(':', {.needs_blank = true, .keeps_indention = true});
        }
    }

    static bool is_simple_key(std::string_view key) {
        if (key.size() > k_longest_simple_key) return false;
        std::string scratch;
        key = detail::passable_text(key, scratch);
        for (std::size_t at = 0; at < key.size(); ++at)
            if (detail::is_break_at(key, at)) return false;
        return true;
    }

    YamlEmitter m_emitter;
    const YamlWriteOptions& m_options;
    std::size_t m_depth = 0;
};

/// About the length of what will be written, without quotes and folds: a string that grows to many megabytes is moved
/// each time.
std::size_t likely_bytes(const Value& node, std::size_t depth) {
    if (depth > k_max_yaml_depth) return 0;
    std::size_t bytes = node.is_scalar() ? node.text().size() + 1 : 1;
    for (const Value& item : node.items()) bytes += 2 * depth + likely_bytes(item, depth + 1);
    for (const Entry& entry : node.entries()) bytes += 2 * depth + entry.name().size() + 2 + likely_bytes(entry.value, depth + 1);
    return bytes;
}

}  // namespace

void write_yaml(const Value& value, std::string& out, const YamlWriteOptions& options) {
    Writer(out, options).write(value);
}

std::string write_yaml(const Value& value, const YamlWriteOptions& options) {
    std::string out;
    write_yaml(value, out, options);
    return out;
}

std::string write_yaml_stream(std::span<const Value> documents, const YamlWriteOptions& options) {
    std::string out;
    std::size_t bytes = 0;
    for (const Value& document : documents) bytes += likely_bytes(document, 0);
    out.reserve(bytes);
    for (std::size_t at = 0; at < documents.size(); ++at) {
        if (at > 0) out += "---\n";
        write_yaml(documents[at], out, options);
    }
    return out;
}

}  // namespace gitops::doc
