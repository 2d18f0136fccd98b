#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/io/git.hpp"

namespace gitops::io {

namespace {

constexpr std::size_t k_longest_ref = 1024;

/// Why `name` is no ref name (git-check-ref-format's rules); "" when it is one.
std::string_view fault_of(std::string_view name) {
    if (name.empty()) return "is empty";
    if (name.size() > k_longest_ref) return "is too long";
    if (name.front() == '-') return "begins with '-', like an option";
    if (std::ranges::any_of(name, [](unsigned char c) { return c <= 0x20 || c == 0x7f; })) return "holds blanks or control characters";
    if (name.find_first_of(":?*[\\^~") != name.npos) return "holds one of the characters : ? * [ \\ ^ ~";
    if (name.find("..") != name.npos) return "holds '..'";
    if (name.find("@{") != name.npos || name == "@") return "holds '@{', or is '@'";
    if (name.ends_with('.')) return "ends with '.'";
    for (std::string_view part : base::split(name, '/')) {
        if (part.empty()) return "begins or ends with '/', or holds '//'";
        if (part.front() == '.') return "has a part that begins with '.'";
        if (part.ends_with(".lock")) return "has a part that ends with '.lock'";
    }
    return {};
}

}  // namespace

void require_safe_ref(std::string_view name) {
    std::string_view fault = fault_of(name);
    if (fault.empty()) return;
    std::string shown(name.substr(0, 100));
    std::ranges::replace_if(shown, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    throw base::Error(base::Code::invalid, fmt::format("'{}' is not a revision: the name {}", shown, fault))
        .hint("name a branch, a tag, a commit SHA, HEAD or a range of versions such as 1.2.*");
}

}  // namespace gitops::io
