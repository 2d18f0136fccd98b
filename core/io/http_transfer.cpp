#include "core/io/http_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/base/text.hpp"

namespace gitops::io {

namespace {

constexpr std::size_t k_max_head = std::size_t{256} << 10;
constexpr std::size_t k_max_headers = 1'000;
constexpr std::size_t k_max_line = std::size_t{64} << 20;
/// What a Content-Length makes us set aside at once; more is believed when it comes.
constexpr std::size_t k_max_reserve = std::size_t{1} << 20;

std::string_view without_line_end(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    return line;
}

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

const HttpHeader* find_header(const std::vector<HttpHeader>& headers, std::string_view name) {
    const auto same = [](char a, char b) { return lower_char(a) == lower_char(b); };
    for (const HttpHeader& header : headers)
        if (std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(), same)) return &header;
    return nullptr;
}

Transfer::Transfer(std::shared_ptr<const HttpRequest> request, std::size_t max_body)
    : m_request(std::move(request)), m_max_body(max_body) {}

bool Transfer::refuse(std::string why) {
    m_refusal = std::move(why);
    return false;
}

bool Transfer::take_status_line(std::string_view line) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return refuse("an answer without a status");
    const std::string_view digits = line.substr(space + 1, 3);
    std::from_chars(digits.data(), digits.data() + digits.size(), m_status);
    m_headers.clear();
    return true;
}

bool Transfer::take_header(std::string_view line) {
    m_head_bytes += line.size();
    if (m_head_bytes > k_max_head || m_headers.size() >= k_max_headers) return refuse("too many headers");
    if (m_has_head) return true;  // trailers
    line = without_line_end(line);
    if (line.starts_with("HTTP/")) return take_status_line(line);
    if (line.empty()) {
        m_has_head = m_status >= 200;
        if (m_has_head) on_head();
        return true;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    m_headers.push_back({std::string(line.substr(0, colon)), std::string(base::trim(line.substr(colon + 1)))});
    return true;
}

std::size_t Transfer::give_body(char* to, std::size_t room) {
    const std::string& body = m_request->body;
    const std::size_t count = std::min(room, body.size() - m_given);
    std::memcpy(to, body.data() + m_given, count);
    m_given += count;
    return count;
}

bool Transfer::collect(std::string& body, std::string_view bytes) {
    if (bytes.size() > m_max_body - body.size()) return refuse(fmt::format("more than {} bytes", m_max_body));
    body += bytes;
    return true;
}

void Exchange::on_head() {
    const HttpHeader* length = find_header(m_headers, "content-length");
    if (!length) return;
    std::size_t bytes = 0;
    std::from_chars(length->value.data(), length->value.data() + length->value.size(), bytes);
    m_body.reserve(std::min(bytes, k_max_reserve));
}

void Exchange::finish(std::optional<HttpError> failure) {
    // Told under the lock: the waiter may be gone as soon as it is free.
    const std::lock_guard lock(m_mutex);
    m_failure = std::move(failure);
    m_is_finished = true;
    m_changed.notify_one();
}

HttpResponse Exchange::wait() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_is_finished; });
    if (m_failure) throw HttpError(*m_failure);
    return {status(), std::move(m_headers), std::move(m_body)};
}

LineTransfer::LineTransfer(std::shared_ptr<const HttpRequest> request, std::size_t max_body, StreamSink sink)
    : Transfer(std::move(request), max_body), m_sink(std::move(sink)) {}

void LineTransfer::silence() {
    StreamSink sink;  // what it holds is let go after the lock
    const std::lock_guard lock(m_mutex);
    m_is_silent = true;
    if (m_calls == 0) std::swap(sink, m_sink);
}

void LineTransfer::on_head() {
    const std::lock_guard lock(m_mutex);
    if (m_is_silent || status() != 200 || !m_sink.on_open) return;
    ++m_calls;
    m_sink.on_open();
    --m_calls;
}

bool LineTransfer::tell_line(std::string&& line) {
    if (m_is_silent) return false;
    ++m_calls;
    if (m_sink.on_line) m_sink.on_line(std::move(line));
    --m_calls;
    return !m_is_silent;
}

bool LineTransfer::take_lines(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);
        if (piece.size() > k_max_line - m_partial.size()) return refuse("a line longer than 64 MiB");
        m_partial += piece;
        if (end == std::string_view::npos) return true;
        bytes.remove_prefix(end + 1);
        if (!tell_line(std::exchange(m_partial, {}))) return false;
    }
    return true;
}

bool LineTransfer::take_body(std::string_view bytes) {
    const std::lock_guard lock(m_mutex);
    if (m_is_silent) return false;
    return status() == 200 ? take_lines(bytes) : collect(m_body, bytes);
}

void LineTransfer::finish(std::optional<HttpError> failure) {
    const std::lock_guard lock(m_mutex);
    if (!failure && !m_partial.empty() && !m_is_silent) tell_line(std::exchange(m_partial, {}));
    if (m_is_silent) {
        m_sink = {};
        return;
    }
    ++m_calls;
    if (m_sink.on_end) m_sink.on_end({status(), std::move(m_headers), std::move(m_body), std::move(failure)});
    --m_calls;
    m_is_silent = true;
    m_sink = {};
}

}  // namespace gitops::io
