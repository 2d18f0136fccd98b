#include "core/render/environment.hpp"

#include <algorithm>

namespace gitops::render {

namespace {

bool is_name_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// A name of one character, as a shell has them ("$1", "$$").
bool is_special(char c) { return std::string_view("*#$@!?-0123456789").find(c) != std::string_view::npos; }

struct Name {
    std::string_view text;
    std::size_t length = 0;  ///< behind the '$'
    bool is_name = true;     ///< false: the '$' stands for itself
};

Name braced(std::string_view rest) {
    if (rest.size() > 2 && is_special(rest[1]) && rest[2] == '}') return {rest.substr(1, 1), 3};
    const auto end = rest.find('}');
    if (end == std::string_view::npos) return {{}, 1};  // a brace nobody closes goes, what follows stays
    return {rest.substr(1, end - 1), end + 1};
}

Name name_at(std::string_view rest) {
    if (rest.empty()) return {{}, 0, false};
    if (rest.front() == '{') return braced(rest);
    if (is_special(rest.front())) return {rest.substr(0, 1), 1};
    std::size_t length = 0;
    while (length < rest.size() && is_name_char(rest[length])) ++length;
    return {rest.substr(0, length), length, length > 0};
}

}  // namespace

std::string substitute(std::string_view text, const Environment& environment) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto dollar = text.find('$', at);
        out += text.substr(at, dollar == std::string_view::npos ? dollar : dollar - at);
        if (dollar == std::string_view::npos) break;
        const Name name = name_at(text.substr(dollar + 1));
        at = dollar + 1 + name.length;
        if (!name.is_name || name.text == "$") {
            out += '$';
            continue;
        }
        const auto known = std::ranges::find(environment, name.text, [](const auto& entry) { return std::string_view(entry.first); });
        if (known != environment.end()) out += known->second;
    }
    return out;
}

}  // namespace gitops::render
