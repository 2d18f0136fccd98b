#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gitops::test {

/// The text of one HTTP/1 message, for stubs and proxies: read leniently, checked for nothing.
class HttpText {
  public:
    /// Takes one whole request off the front of `read`; nullopt while it is not all there.
    static std::optional<HttpText> take(std::string& read);
    /// An answer that is all there.
    static HttpText answer(std::string_view text);

    std::string method() const { return word(0); }
    std::string target() const { return word(1); }
    int status() const;
    std::string header(std::string_view name) const;  ///< "" when absent
    /// What is passed on of an answer's headers, each line with its CRLF.
    std::string header_lines() const;

    std::string head;
    std::string body;

  private:
    std::string word(int index) const;
};

}  // namespace gitops::test
