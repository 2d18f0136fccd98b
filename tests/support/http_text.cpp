#include "tests/support/http_text.hpp"

#include <strings.h>

#include <cstdlib>

namespace gitops::test {

std::optional<HttpText> HttpText::take(std::string& read) {
    const auto end = read.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    HttpText request;
    request.head = read.substr(0, end + 2);
    const auto length = std::strtoul(request.header("Content-Length").c_str(), nullptr, 10);
    if (read.size() < end + 4 + length) return std::nullopt;
    request.body = read.substr(end + 4, length);
    read.erase(0, end + 4 + length);
    return request;
}

HttpText HttpText::answer(std::string_view text) {
    HttpText answer;
    const auto end = text.find("\r\n\r\n");
    answer.head = std::string(text.substr(0, end == text.npos ? end : end + 2));
    if (end != text.npos) answer.body = std::string(text.substr(end + 4));
    return answer;
}

int HttpText::status() const { return std::atoi(word(1).c_str()); }

std::string HttpText::header(std::string_view name) const {
    for (auto line = head.find("\r\n"); line != std::string::npos && line + 2 < head.size(); line = head.find("\r\n", line + 2)) {
        const char* start = head.c_str() + line + 2;
        if (strncasecmp(start, name.data(), name.size()) != 0 || start[name.size()] != ':') continue;
        const auto value = head.find_first_not_of(' ', line + 2 + name.size() + 1);
        return head.substr(value, head.find("\r\n", value) - value);
    }
    return "";
}

std::string HttpText::header_lines() const {
    std::string lines;
    for (const char* name : {"Content-Type", "Retry-After", "Date", "Warning", "Audit-Id"})
        if (auto value = header(name); !value.empty()) lines += std::string(name) + ": " + value + "\r\n";
    return lines;
}

std::string HttpText::word(int index) const {
    std::size_t start = 0;
    for (; index > 0; --index) start = head.find(' ', start) + 1;
    return head.substr(start, head.find_first_of(" \r", start) - start);
}

}  // namespace gitops::test
