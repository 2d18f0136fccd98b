// What a server said, made fit to be shown: its words are not ours, may be endless, and may quote what was sent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gitops::backend {

inline constexpr std::size_t k_longest_words = 1000;  ///< bytes of a server's message that are shown

/// On one line, without control characters, at most `longest` bytes; without the documents that servers quote when they
/// refuse them, for they may be Secrets.
std::string server_words(std::string_view text, std::size_t longest = k_longest_words);

/// What kind of thing came instead of JSON, without showing a document that may hold secrets: "an HTML page
/// ("Sign in")", "the text "404 page not found"", "half a JSON document (1024 bytes)", "nothing".
std::string describe_body(std::string_view body);

bool is_html(std::string_view body);

}  // namespace gitops::backend
