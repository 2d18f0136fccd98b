// Value -> YAML text, in the very form kustomize, kubectl and Argo CD print (go-yaml v2's emitter): keys sorted in
// natural order, two blanks of indentation, lists not indented below their key, lines folded at 80.
#pragma once

#include <span>
#include <string>

#include "core/doc/value.hpp"

namespace gitops::doc {

enum class KeyOrder { natural, as_is };

struct YamlWriteOptions {
    KeyOrder order = KeyOrder::natural;
};

/// One document with its final newline, without "---". Error(invalid) for what JSON cannot hold: infinities, NaN,
/// keys that are no strings, control characters.
std::string write_yaml(const Value& value, const YamlWriteOptions& options = {});
/// The same, appended.
void write_yaml(const Value& value, std::string& out, const YamlWriteOptions& options = {});
/// Documents separated by "---" lines.
std::string write_yaml_stream(std::span<const Value> documents, const YamlWriteOptions& options = {});

/// Order of go-yaml v2 for map keys: digits as numbers, letters after other characters.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace gitops::doc
