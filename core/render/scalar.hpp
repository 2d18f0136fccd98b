// Scalars as go-yaml's nodes see them: text whose type is read again from its spelling once somebody has changed it.
#pragma once

#include <string>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::render {

/// What a plain scalar of this spelling means: null, a boolean, a number or a string.
doc::Value resolve_plain(std::string_view text);
/// True when the plain spelling reads as a string.
bool is_plain_string(std::string_view text);
/// Gives `scalar` new text and lets the text decide the type, unless the scalar was quoted in its source.
void set_untagged(doc::Value& scalar, std::string_view text);
/// Gives `scalar` new text but keeps its type. A text that is none of that type is a misfit, which cannot be printed.
void set_text_keeping_type(doc::Value& scalar, std::string_view text);
/// The scalar's text as its YAML node holds it: "null" for an explicit null, "" for an empty one.
std::string node_text(const doc::Value& scalar);
/// A string that stands in quotes, or would have to: YAML 1.1 takes its plain spelling for something else.
bool is_quoted_text(const doc::Value& scalar);
/// A null that was written down ("null", "~") as opposed to nothing after the colon.
bool is_explicit_null(const doc::Value& value);
doc::Value explicit_null();
/// Null, an empty map, an empty list.
bool is_nil_or_empty(const doc::Value* value);

/// All numbers of `value` as they are after a trip through Go's float64, the other content as it is: what JSON
/// patches do to the object they change.
doc::Value with_float64_numbers(const doc::Value& value);

/// JSON text with <, > and & inside strings escaped, as Go's encoding/json writes it.
std::string html_safe_json(const std::string& json);

}  // namespace gitops::render
