#include "core/backend/server_words.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace gitops::backend {

namespace {

constexpr std::size_t k_excerpt = 120;        ///< bytes of a foreign body that are shown
constexpr std::size_t k_title_reach = 16384;  ///< bytes searched for a page's title

/// Not past the middle of a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return text;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

bool starts_ignoring_case(std::string_view text, std::string_view lowered) {
    return base::lower(text.substr(0, lowered.size())) == lowered;
}

std::string_view html_title(std::string_view body) {
    body = body.substr(0, k_title_reach);
    const std::string lowered = base::lower(body);
    const auto open = lowered.find("<title");
    if (open == lowered.npos) return {};
    const auto from = lowered.find('>', open);
    const auto to = lowered.find("</title", open);
    if (from == lowered.npos || to == lowered.npos || to <= from) return {};
    return body.substr(from + 1, to - from - 1);
}

std::string quoted(std::string_view text) { return "\"" + server_words(text, k_excerpt) + "\""; }

}  // namespace

std::string server_words(std::string_view text, std::size_t longest) {
    text = text.substr(0, text.find(", error found in #"));
    const std::string_view kept = cut(text, longest);
    const bool utf8 = base::is_utf8(kept);
    std::string line;
    line.reserve(kept.size() + 3);
    for (const char c : kept) {
        const auto byte = static_cast<unsigned char>(c);
        const bool blank = byte <= 0x20 || byte == 0x7F;
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : byte >= 0x80 && !utf8 ? '?' : c;
    }
    if (line.ends_with(' ')) line.pop_back();
    if (kept.size() < text.size()) line += "...";
    return line;
}

bool is_html(std::string_view body) {
    const std::string_view text = base::trim(body.substr(0, k_title_reach));
    constexpr std::array<std::string_view, 4> k_starts{"<!doctype", "<html", "<head", "<body"};
    return std::any_of(k_starts.begin(), k_starts.end(), [&](auto start) { return starts_ignoring_case(text, start); });
}

std::string describe_body(std::string_view body) {
    const std::string_view text = base::trim(body.substr(0, k_title_reach));
    if (text.empty()) return "nothing";
    if (is_html(body)) {
        const std::string_view title = base::trim(html_title(body));
        return title.empty() ? "an HTML page" : "an HTML page (" + quoted(title) + ")";
    }
    if (text.front() == '{' || text.front() == '[')
        return "half a JSON document (" + base::count_of(body.size(), "byte") + ")";
    const std::string_view start = text.substr(0, k_excerpt);
    const bool is_text = std::none_of(start.begin(), start.end(), [](char c) { return static_cast<unsigned char>(c) < 9; });
    return is_text ? "the text " + quoted(text) : base::count_of(body.size(), "byte") + " that are no text";
}

}  // namespace gitops::backend
