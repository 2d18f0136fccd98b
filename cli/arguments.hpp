// Ways to declare arguments that several commands share.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gitops::cli {

/// A flag with one value; `type` is its placeholder in the help: "REV".
CLI::Option* add_value(CLI::App& parser, const std::string& names, std::string& target, const std::string& type,
                       const std::string& text);
/// A flag that may be given several times, with one value each time.
CLI::Option* add_repeated(CLI::App& parser, const std::string& names, std::vector<std::string>& target,
                          const std::string& type, const std::string& text);
CLI::Option* add_switch(CLI::App& parser, const std::string& names, bool& target, const std::string& text);
/// A positional argument that must be given.
CLI::Option* add_required(CLI::App& parser, const std::string& name, std::string& target, const std::string& text);
CLI::Option* add_optional(CLI::App& parser, const std::string& name, std::string& target, const std::string& text);
/// Any number of positional arguments.
CLI::Option* add_many(CLI::App& parser, const std::string& name, std::vector<std::string>& target,
                      const std::string& text);

}  // namespace gitops::cli
