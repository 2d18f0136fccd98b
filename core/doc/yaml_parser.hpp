// A thin wrapper around libyaml's event parser.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

struct yaml_event_s;

namespace gitops::doc::detail {

/// Walks the events of one text. An event handed out is valid until the next call.
class YamlParser {
  public:
    YamlParser(std::string_view text, std::string file, std::uint32_t first_line);
    ~YamlParser();
    YamlParser(const YamlParser&) = delete;
    YamlParser& operator=(const YamlParser&) = delete;

    /// Error(invalid) with its place for what is not YAML.
    const yaml_event_s& next();
    /// Where the current event starts.
    base::Place place() const;
    std::uint32_t line() const;

  private:
    [[noreturn]] void fail() const;

    struct State;
    std::unique_ptr<State> m_state;
    std::string m_file;
    std::uint32_t m_first_line;
};

}  // namespace gitops::doc::detail
