// JSON text <-> Value. Numbers keep their digits.
#pragma once

#include <string>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::doc {

enum class JsonLayout { compact, indented };
enum class JsonKeys { as_is, sorted };

/// One JSON value. Error(invalid) with file, line and column; duplicate keys are refused; nesting and size limits as
/// for YAML.
Value read_json(std::string_view text, std::string_view file = {});
/// The same by nlohmann's parser, which names what is wrong: read_json() turns to it for what the quick reader refuses,
/// and tests hold the two against each other.
Value read_json_thorough(std::string_view text, std::string_view file = {});
/// Without a final newline; indented by two. HTML characters are not escaped. Error(invalid) for infinities and NaN.
std::string write_json(const Value& value, JsonLayout layout = JsonLayout::compact, JsonKeys keys = JsonKeys::as_is);
void write_json(const Value& value, std::string& out, JsonLayout layout, JsonKeys keys);

}  // namespace gitops::doc
