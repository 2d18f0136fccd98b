// The rules of the house that a program can check, asked about one source file at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gitops::test {

/// What is wrong in the file, each as "path:line: sentence". `path` is relative to the repository: "core/doc/value.hpp".
std::vector<std::string> broken_rules(std::string_view path, std::string_view text);

}  // namespace gitops::test
