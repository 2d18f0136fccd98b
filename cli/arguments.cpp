#include "cli/arguments.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace gitops::cli {

CLI::Option* add_value(CLI::App& parser, const std::string& names, std::string& target, const std::string& type,
                       const std::string& text) {
    return parser.add_option(names, target, text)->type_name(type);
}

CLI::Option* add_repeated(CLI::App& parser, const std::string& names, std::vector<std::string>& target,
                          const std::string& type, const std::string& text) {
    return parser.add_option(names, target, text)->type_name(type)->allow_extra_args(false);
}

CLI::Option* add_switch(CLI::App& parser, const std::string& names, bool& target, const std::string& text) {
    return parser.add_flag(names, target, text);
}

CLI::Option* add_required(CLI::App& parser, const std::string& name, std::string& target, const std::string& text) {
    return parser.add_option(name, target, text)->required();
}

CLI::Option* add_optional(CLI::App& parser, const std::string& name, std::string& target, const std::string& text) {
    return parser.add_option(name, target, text);
}

CLI::Option* add_many(CLI::App& parser, const std::string& name, std::vector<std::string>& target,
                      const std::string& text) {
    return parser.add_option(name, target, text);
}

}  // namespace gitops::cli
