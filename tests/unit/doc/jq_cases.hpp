// A stand-in for regular expressions: a text to find, with ^ and $ at its ends.
#pragma once

#include <string_view>

#include "core/base/error.hpp"

namespace gitops::test {

inline bool find_text(std::string_view pattern, std::string_view, std::string_view text) {
    if (pattern.find('(') != std::string_view::npos) throw base::Error(base::Code::invalid, "no such pattern");
    const bool begin = pattern.starts_with('^'), end = pattern.ends_with('$');
    if (begin) pattern.remove_prefix(1);
    if (end) pattern.remove_suffix(1);
    if (begin && end) return text == pattern;
    if (begin) return text.starts_with(pattern);
    return end ? text.ends_with(pattern) : text.find(pattern) != std::string_view::npos;
}

}  // namespace gitops::test
