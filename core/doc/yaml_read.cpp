#include "core/doc/yaml_read.hpp"

#include <yaml.h>

#include <optional>

#include "core/base/error.hpp"
#include "core/doc/yaml_builder.hpp"
#include "core/doc/yaml_parser.hpp"
#include "core/doc/yaml_quick.hpp"

namespace gitops::doc {

namespace {

using base::Code;
using base::Error;
using detail::Collection;
using detail::Layout;
using detail::YamlBuilder;
using detail::YamlParser;

std::string_view view(const yaml_char_t* text) {
    return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text));
}

Value::Style style_of(yaml_scalar_style_t style) {
    switch (style) {
        case YAML_PLAIN_SCALAR_STYLE: return Value::Style::plain;
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: return Value::Style::single_quoted;
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return Value::Style::double_quoted;
        case YAML_LITERAL_SCALAR_STYLE: return Value::Style::literal;
        case YAML_FOLDED_SCALAR_STYLE: return Value::Style::folded;
        case YAML_ANY_SCALAR_STYLE: return Value::Style::none;
    }
    return Value::Style::none;
}

/// A part of a text that holds whole documents.
struct Part {
    std::string_view text;
    std::uint32_t first_line = 1;
};

/// Reads with libyaml, whatever the text holds.
class ThoroughReader {
  public:
    ThoroughReader(const Part& part, const YamlOptions& options, YamlBuilder& builder)
        : m_parser(part.text, options.file, part.first_line), m_builder(builder) {}

    /// Returns the number of the line behind the last one. libyaml counts characters as line breaks that others do not.
    std::uint32_t read(std::vector<Value>& documents) {
        for (;;) {
            const yaml_event_t& event = m_parser.next();
            if (event.type == YAML_STREAM_END_EVENT) return m_parser.line();
            if (event.type != YAML_DOCUMENT_START_EVENT) continue;
            m_builder.begin_document();
            while (take(m_parser.next())) {}
            Value root = m_builder.end_document();
            if (!root.is_null()) documents.push_back(std::move(root));
        }
    }

  private:
    /// False at the document's end.
    bool take(const yaml_event_t& event) {
        try {
            return hand_on(event);
        } catch (Error& error) {
            throw error.at(m_parser.place());
        }
    }

    bool hand_on(const yaml_event_t& event) {
        switch (event.type) {
            case YAML_DOCUMENT_END_EVENT: return false;
            case YAML_SCALAR_EVENT: {
                const auto& scalar = event.data.scalar;
                const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
                m_builder.scalar({text, style_of(scalar.style), m_parser.line(), view(scalar.tag), view(scalar.anchor)});
                break;
            }
            case YAML_ALIAS_EVENT: m_builder.alias(view(event.data.alias.anchor), m_parser.line()); break;
            case YAML_SEQUENCE_START_EVENT: {
                const auto& start = event.data.sequence_start;
                m_builder.open({Collection::list, start.style == YAML_FLOW_SEQUENCE_STYLE ? Layout::flow : Layout::block,
                                m_parser.line(), view(start.anchor)});
                break;
            }
            case YAML_MAPPING_START_EVENT: {
                const auto& start = event.data.mapping_start;
                m_builder.open({Collection::map, start.style == YAML_FLOW_MAPPING_STYLE ? Layout::flow : Layout::block,
                                m_parser.line(), view(start.anchor)});
                break;
            }
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_END_EVENT: m_builder.close(); break;
            case YAML_NO_EVENT:
            case YAML_STREAM_START_EVENT:
            case YAML_STREAM_END_EVENT:
            case YAML_DOCUMENT_START_EVENT: break;
        }
        return true;
    }

    YamlParser m_parser;
    YamlBuilder& m_builder;
};

/// Cuts `rest` before its next line that separates documents, and returns what came before.
Part take_document(Part& rest) {
    std::size_t end = rest.text.find("\n---");
    while (end != rest.text.npos && end + 4 < rest.text.size() && rest.text[end + 4] != '\n' && rest.text[end + 4] != ' ')
        end = rest.text.find("\n---", end + 4);
    const Part document{rest.text.substr(0, end == rest.text.npos ? end : end + 1), rest.first_line};
    rest.text.remove_prefix(document.text.size());
    return document;
}

bool has_directive(std::string_view text) { return text.starts_with('%') || text.find("\n%") != text.npos; }

/// Reads document by document, the quick way where that can.
class Reader {
  public:
    explicit Reader(const YamlOptions& options) : m_options(options), m_builder(options) {}

    std::vector<Value> read(std::string_view text) {
        Part rest{text, m_options.first_line};
        if (has_directive(text)) read_thoroughly(rest);
        else
            while (!rest.text.empty()) read_next(rest);
        return std::move(m_documents);
    }

  private:
    void read_next(Part& rest) {
        const Part all = rest;
        const std::size_t made = m_documents.size();
        const Part document = take_document(rest);
        if (const auto line = read_quickly(document)) {
            rest.first_line = *line;
            return;
        }
        try {
            rest.first_line = read_thoroughly(document);
        } catch (const Error&) {
            // What is wrong may be the separator itself: only with what follows does libyaml say so.
            if (rest.text.empty()) throw;
            m_builder.drop_document();
            m_documents.resize(made);
            read_thoroughly(all);
            rest.text = {};
        }
    }

    std::uint32_t read_thoroughly(const Part& part) { return ThoroughReader(part, m_options, m_builder).read(m_documents); }

    std::optional<std::uint32_t> read_quickly(const Part& document) {
        m_builder.begin_document();
        std::optional<std::uint32_t> line;
        try {
            line = detail::read_yaml_quick(document.text, document.first_line, m_builder);
        } catch (const Error&) {
            // libyaml knows the column.
        }
        if (!line) {
            m_builder.drop_document();
            return line;
        }
        Value root = m_builder.end_document();
        if (!root.is_null()) m_documents.push_back(std::move(root));
        return line;
    }

    const YamlOptions& m_options;
    YamlBuilder m_builder;
    std::vector<Value> m_documents;
};

}  // namespace

std::vector<Value> read_yaml(std::string_view text, const YamlOptions& options) { return Reader(options).read(text); }

Value read_yaml_one(std::string_view text, const YamlOptions& options) {
    auto documents = read_yaml(text, options);
    if (documents.empty()) return {};
    if (documents.size() > 1)
        throw Error(Code::invalid, "expected one document, found " + std::to_string(documents.size()))
            .at({options.file, static_cast<int>(documents[1].line()), 0});
    return std::move(documents.front());
}

}  // namespace gitops::doc
