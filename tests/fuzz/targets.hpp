// The entry points of the fuzzers: each takes any bytes, and aborts when a property of the document layer does not hold.
// Built as libFuzzer programs with -DGITOPS_FUZZ=ON (clang), and run over seeds and their mutations by the test suite.
#pragma once

#include <string_view>

namespace gitops::fuzz {

/// YAML: readers_agree(), and what was read is written, read again as the same, and written again as the same text.
void yaml(std::string_view input);
/// YAML: the quick reader and libyaml see the same documents, styles and lines in it, or both refuse it.
void readers_agree(std::string_view input);
/// JSON: the same, and as YAML too.
void json(std::string_view input);
/// {"target", "json_patch", "merge_patch"}: patches end in a value or an Error, and the target stays as it was.
void patch(std::string_view input);

}  // namespace gitops::fuzz
