#include "core/render/embedded_yaml.hpp"

#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_emitter.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;
using doc::detail::ScalarStyle;

namespace {

constexpr int k_step = 2;

/// Where in the line the comment starts; npos when there is none.
std::size_t comment_in(std::string_view line) {
    char quote = '\0';
    for (std::size_t at = 0; at < line.size(); ++at) {
        char c = line[at];
        bool starts = at == 0 || std::string_view(" \t[{,").find(line[at - 1]) != std::string_view::npos;
        if (quote == '"' && c == '\\') ++at;
        else if (quote != '\0') quote = c == quote ? '\0' : quote;
        else if ((c == '"' || c == '\'') && starts) quote = c;
        else if (c == '#' && starts) return at;
    }
    return std::string_view::npos;
}

enum class Place { root, item, value };

/// The lines of the original text, told by the numbers that values remember.
class Source {
  public:
    explicit Source(std::string_view text) : m_lines(base::split(text, '\n')) {}

    /// The comment lines right above line `number` that reach no further in than that line's text.
    std::vector<std::string_view> above(std::uint32_t number) const {
        std::vector<std::string_view> comments;
        std::size_t indent = line(number).find_first_not_of(" -");
        for (; number > 1; --number) {
            std::string_view before = line(number - 1);
            std::size_t at = before.find_first_not_of(' ');
            if (at == before.npos || before[at] != '#' || at > indent) break;
            comments.insert(comments.begin(), base::trim(before));
        }
        return comments;
    }

    std::string_view behind(std::uint32_t number) const {
        auto at = comment_in(line(number));
        return at == std::string_view::npos ? std::string_view{} : base::trim(line(number).substr(at));
    }

    /// True when the text of line `number`, behind a dash for an item, starts with `bracket`.
    bool starts_with(std::uint32_t number, char bracket, Place place) const {
        std::string_view rest = base::trim(line(number));
        if (place == Place::item && rest.starts_with("- ")) rest = base::trim(rest.substr(2));
        return rest.starts_with(bracket);
    }

    /// Comments behind everything else, with an empty line before them if there is one.
    std::string foot() const {
        std::string text;
        for (std::size_t at = m_lines.size(); at > 0; --at) {
            std::string_view last = base::trim(m_lines[at - 1]);
            if (!last.empty() && !last.starts_with('#')) break;
            if (m_lines[at - 1].starts_with('#')) text = "\n" + std::string(last) + text;
            else if (last.empty() && !text.empty() && !text.starts_with("\n\n")) text = "\n" + text;
        }
        return text;
    }

  private:
    std::string_view line(std::uint32_t number) const {
        return number == 0 || number > m_lines.size() ? std::string_view{} : m_lines[number - 1];
    }

    std::vector<std::string_view> m_lines;
};

class Printer {
  public:
    Printer(std::string& out, std::string_view original) : m_emitter(out), m_source(original) {}

    void print(const Value& root) { print_node(root, Place::root); }

  private:
    void print_node(const Value& node, Place place) {
        if (node.is_scalar()) return print_scalar(node);
        // In block style no collection starts on the line of its key.
        bool beside_key = place == Place::value && node.line() != 0 && node.line() == m_key_line;
        bool opens = m_source.starts_with(node.line(), node.is_map() ? '{' : '[', place);
        if (m_flow || node.empty() || beside_key || opens) return print_flow(node);
        if (++m_depth > doc::k_max_yaml_depth) throw base::Error(base::Code::invalid, "nested too deeply");
        if (node.is_map()) print_map(node, place);
        else print_list(node, place);
        --m_depth;
    }

    void print_comments(const Value& node) {
        for (auto comment : m_source.above(node.line())) {
            m_emitter.write_indent();
            m_emitter.write_word(comment);
        }
    }

    void print_map(const Value& node, Place place) {
        const int indent = m_emitter.indent();
        m_emitter.set_indent(indent < 0 ? 0 : indent + k_step);
        bool commented = place == Place::item;  // the item has printed what stands above both
        for (const auto& entry : node.entries()) {
            if (!std::exchange(commented, false)) print_comments(entry.key);
            m_emitter.write_indent();
            print_scalar(entry.key);
            m_emitter.write_indicator(':', {});
            m_key_line = entry.key.line();
            print_node(entry.value, Place::value);
            print_comment_behind(entry.key, entry.value);
        }
        m_emitter.set_indent(indent);
    }

    void print_comment_behind(const Value& key, const Value& value) {
        bool stands_alone = value.is_scalar() && value.line() == key.line();
        std::string_view comment = stands_alone ? m_source.behind(key.line()) : std::string_view{};
        if (!comment.empty()) m_emitter.write_word(comment);
    }

    void print_list(const Value& node, Place place) {
        const int indent = m_emitter.indent();
        const bool compact = place == Place::value && !m_emitter.indention();
        if (indent < 0) m_emitter.set_indent(0);
        else if (!compact) m_emitter.set_indent(indent + k_step);
        for (const Value& item : node.items()) {
            print_comments(item);
            m_emitter.write_indent();
            m_emitter.write_indicator('-', {.needs_blank = true, .keeps_indention = true});
            print_node(item, Place::item);
            if (item.is_scalar()) print_comment_behind(item, item);
        }
        m_emitter.set_indent(indent);
    }

    void print_flow(const Value& node) {
        if (++m_depth > doc::k_max_yaml_depth) throw base::Error(base::Code::invalid, "nested too deeply");
        bool outer = std::exchange(m_flow, true);
        m_emitter.write_indicator(node.is_map() ? '{' : '[', {.needs_blank = true, .counts_as_blank = true});
        std::size_t at = 0;
        for (const Value& item : node.items()) {
            if (at++ > 0) m_emitter.write_indicator(',', {});
            print_node(item, Place::item);
        }
        for (const auto& entry : node.entries()) {
            if (at++ > 0) m_emitter.write_indicator(',', {});
            print_scalar(entry.key);
            m_emitter.write_indicator(':', {});
            print_node(entry.value, Place::value);
        }
        m_emitter.write_indicator(node.is_map() ? '}' : ']', {});
        m_flow = outer;
        --m_depth;
    }

    void print_scalar(const Value& node) {
        std::string text = node_text(node);
        if (!node.is_string() || node.spelling() == Value::Spelling::misfit) {
            if (!text.empty()) m_emitter.write_word(text);
            return;
        }
        const auto traits = doc::detail::analyze_text(text);
        const int indent = m_emitter.indent();
        m_emitter.set_indent(indent < 0 ? k_step : indent + k_step);
        m_emitter.write_text(text, style_of(node, traits), false);
        m_emitter.set_indent(indent);
    }

    ScalarStyle style_of(const Value& node, const doc::detail::TextTraits& traits) const {
        ScalarStyle style = ScalarStyle::plain;
        switch (node.style()) {
            case Value::Style::none:
            case Value::Style::plain:
                if (traits.has_newline) style = ScalarStyle::literal;
                else if (!is_plain_string(node.text())) style = ScalarStyle::double_quoted;
                break;
            case Value::Style::single_quoted: style = ScalarStyle::single_quoted; break;
            case Value::Style::double_quoted: style = ScalarStyle::double_quoted; break;
            case Value::Style::literal:
            case Value::Style::folded: style = ScalarStyle::literal; break;
        }
        bool closes_flow = m_flow && node.text().find_first_of(",?[]{}") != std::string_view::npos;
        if (style == ScalarStyle::plain && (!traits.plain_allowed || closes_flow)) style = ScalarStyle::single_quoted;
        if (style == ScalarStyle::literal && (m_flow || !traits.literal_allowed)) style = ScalarStyle::double_quoted;
        if (style == ScalarStyle::single_quoted && !traits.single_allowed) style = ScalarStyle::double_quoted;
        return style;
    }

    doc::detail::YamlEmitter m_emitter;
    Source m_source;
    std::uint32_t m_key_line = 0;  ///< of the entry at hand
    bool m_flow = false;
    std::size_t m_depth = 0;
};

}  // namespace

void set_tagged_text(Value& scalar, std::string_view tag, std::string_view text) {
    auto line = scalar.line();
    scalar = Value(std::string(tag) + (text.empty() ? "" : " ") + std::string(text));
    scalar.set_spelling(Value::Spelling::misfit);
    scalar.set_line(line);
}

std::string print_embedded_yaml(const Value& value, std::string_view original) {
    std::string out;
    Printer printer(out, original);
    printer.print(value);
    out = std::string(base::trim(out)) + Source(original).foot();
    return std::string(base::trim(out));
}

}  // namespace gitops::render
