// YAML text -> Value. Reads with libyaml; resolves scalars as go-yaml does, so that a manifest means here what it
// means to kubectl and kustomize. Hostile input costs bounded time and memory: see the limits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::doc {

/// Which scalars are booleans, numbers and null. v1_2 is go-yaml v3 (manifests: `yes` is text); v1_1 is go-yaml v2
/// (kustomization.yaml and everything read through sigs.k8s.io/yaml: `yes`, `on`, `n` are booleans).
enum class YamlDialect { v1_2, v1_1 };
enum class DuplicateKeys { refuse, last_wins };

struct YamlOptions {
    std::string file;  ///< named in errors
    YamlDialect dialect = YamlDialect::v1_2;
    DuplicateKeys duplicates = DuplicateKeys::refuse;
    std::uint32_t first_line = 1;  ///< line number of the text's first line in `file`
};

inline constexpr std::size_t k_max_yaml_depth = 1000;         ///< nesting levels
inline constexpr std::size_t k_max_yaml_nodes = 8'000'000;    ///< per call, after alias expansion
inline constexpr std::size_t k_max_yaml_scalar = 64UL << 20;  ///< bytes
inline constexpr std::size_t k_max_yaml_text = 1UL << 30;     ///< bytes of all scalars per call, after alias expansion

/// Every document of the stream that is not empty or null, in order. Anchors, aliases and merge keys ("<<") are resolved;
/// own keys win over merged ones. Error(invalid) with file, line and column for anything that is not YAML, for
/// duplicate keys (both lines named) and for a limit passed. Keys that are no strings: v1_2 keeps their kind, v1_1
/// makes them text as sigs.k8s.io/yaml does (`1:` -> "1", `on:` -> "true"). A quoted "<<" is an ordinary key.
std::vector<Value> read_yaml(std::string_view text, const YamlOptions& options = {});
/// The only document of the text; null when it is blank, Error(invalid) when there is more than one.
Value read_yaml_one(std::string_view text, const YamlOptions& options = {});

/// True when a plain scalar `text` reads as a timestamp (go-yaml's four layouts); kept as a string with plain style.
bool is_yaml_timestamp(std::string_view text);

}  // namespace gitops::doc
