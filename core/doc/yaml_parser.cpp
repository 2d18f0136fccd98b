#include "core/doc/yaml_parser.hpp"

#include <yaml.h>

#include <algorithm>
#include <new>

namespace gitops::doc::detail {

struct YamlParser::State {
    yaml_parser_t parser{};
    yaml_event_t event{};
};

YamlParser::YamlParser(std::string_view text, std::string file, std::uint32_t first_line)
    : m_state(std::make_unique<State>()), m_file(std::move(file)), m_first_line(first_line) {
    if (yaml_parser_initialize(&m_state->parser) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&m_state->parser, YAML_UTF8_ENCODING);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    yaml_parser_set_input_string(&m_state->parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

YamlParser::~YamlParser() {
    yaml_event_delete(&m_state->event);
    yaml_parser_delete(&m_state->parser);
}

const yaml_event_s& YamlParser::next() {
    yaml_event_delete(&m_state->event);
    if (yaml_parser_parse(&m_state->parser, &m_state->event) == 0) fail();
    return m_state->event;
}

std::uint32_t YamlParser::line() const {
    return m_first_line + static_cast<std::uint32_t>(m_state->event.start_mark.line);
}

base::Place YamlParser::place() const {
    return {m_file, static_cast<int>(line()), static_cast<int>(m_state->event.start_mark.column) + 1};
}

void YamlParser::fail() const {
    const yaml_parser_t& parser = m_state->parser;
    if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    std::string message = "not valid YAML: ";
    message += parser.problem != nullptr ? parser.problem : "unknown problem";
    if (parser.context != nullptr) {
        message.append(" ").append(parser.context);
        if (parser.context_mark.line != parser.problem_mark.line && parser.context_mark.index != 0)
            message += " that starts on line " + std::to_string(m_first_line + parser.context_mark.line);
    }
    base::Place place{m_file, 0, 0};
    // A bad byte is found while the buffer is filled, ahead of the mark.
    const auto& mark = parser.error == YAML_READER_ERROR ? parser.mark : parser.problem_mark;
    place.line = static_cast<int>(m_first_line + mark.line);
    place.column = static_cast<int>(mark.column) + 1;
    throw base::Error(base::Code::invalid, message).at(std::move(place));
}

}  // namespace gitops::doc::detail
