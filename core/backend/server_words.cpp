#include "core/backend/server_words.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace gitops::backend {

namespace {

constexpr std::size_t k_excerpt = 120;        ///< bytes of a foreign body that are shown
constexpr std::size_t k_longest_read = 1U << 20;  ///< bytes of a message that are looked at
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

/// Where a text quoted by Go ends: at its closing quote.
std::size_t end_of_quote(std::string_view text, std::size_t open) {
    for (std::size_t i = open + 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') return i;
    }
    return text.size();
}

/// Where a Go struct such as core.PodSpec{Volumes:[]core.Volume{...}} that starts at `open` ends: behind its last brace.
/// `open` when none starts there.
std::size_t end_of_struct(std::string_view text, std::size_t open) {
    const auto brace = text.find_first_not_of("&*[].abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", open);
    if (brace == text.npos || text[brace] != '{' || text.substr(open, brace - open).find('.') == text.npos) return open;
    int depth = 0;
    for (std::size_t i = brace; i < text.size(); ++i) {
        if (text[i] == '"') i = end_of_quote(text, i);
        else if (text[i] == '{') ++depth;
        else if (text[i] == '}' && --depth == 0) return i + 1;
    }
    return text.size();
}

/// Without what servers quote of a whole document that they refuse: it may be a Secret. Seen of Kubernetes 1.20:
///   v1.Secret.Data: ..., error found in #10 byte of ...|"password":12345|...        (create, update)
///   patch: Invalid value: "{\"data\":{...}}": ... and "map[data:map[...]]": ...       (patch)
///   .stringData: expected map, got &{hunter2}                                       (apply)
///   spec.template: Invalid value: core.PodTemplateSpec{...}: field is immutable     (apply)
std::string without_documents(std::string_view text) {
    constexpr std::string_view k_invalid = "Invalid value: ", k_got = ", got &", k_found = ", error found in #";
    constexpr std::array<std::string_view, 4> k_documents{"\"{", "\"[", "\"map[", "\"&"};
    text = text.substr(0, std::min(text.find(k_found), text.find(k_got)));  // values are not escaped: nothing ends them
    std::string kept;
    for (auto at = text.find(k_invalid); at != text.npos; at = text.find(k_invalid)) {
        const auto value = at + k_invalid.size();
        kept += text.substr(0, value);
        const auto starts_there = [&](std::string_view start) { return text.substr(value).starts_with(start); };
        const bool is_document = std::any_of(k_documents.begin(), k_documents.end(), starts_there);
        const auto end = is_document ? std::min(end_of_quote(text, value) + 1, text.size()) : end_of_struct(text, value);
        text.remove_prefix(end);
        if (end > value && text.starts_with(": ")) text.remove_prefix(2);
    }
    return kept.append(text);
}

std::string quoted(std::string_view text) { return "\"" + server_words(text, k_excerpt) + "\""; }

}  // namespace

std::string server_words(std::string_view said, std::size_t longest) {
    const std::string text = without_documents(said.substr(0, k_longest_read));
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
