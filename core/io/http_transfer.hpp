// One exchange in flight: what curl's callbacks fill, and who is told when it ends. For this folder only.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/http.hpp"

namespace gitops::io {

/// The first header of that name, in any case; nullptr when there is none.
const HttpHeader* find_header(const std::vector<HttpHeader>& headers, std::string_view name);

/// Filled by the client's thread alone, but for cancel().
class Transfer {
  public:
    Transfer(std::shared_ptr<const HttpRequest> request, std::size_t max_body);
    virtual ~Transfer() = default;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    const HttpRequest& request() const { return *m_request; }
    void cancel() { m_cancelled = true; }
    bool is_cancelled() const { return m_cancelled; }

    /// One line of the head, as it came. False breaks the transfer off; refusal() says why.
    bool take_header(std::string_view line);
    /// A part of the decompressed body. False as above.
    virtual bool take_body(std::string_view bytes) = 0;
    /// Copies the next bytes of the request's body to `to`; 0 at its end.
    std::size_t give_body(char* to, std::size_t room);
    /// Told once, last of all.
    virtual void finish(std::optional<HttpError> failure) = 0;
    /// True when the answer may never end, and only its head is due within the request's `timeout`.
    virtual bool is_endless() const = 0;

    /// Of the last head that came; 0 when there was none.
    int status() const { return m_status; }
    bool has_head() const { return m_has_head; }
    const std::string& refusal() const { return m_refusal; }
    /// Where curl writes what went wrong; CURL_ERROR_SIZE bytes.
    char* error_buffer() { return m_error.data(); }
    std::string_view error_text() const { return m_error.data(); }

  protected:
    /// The head of the answer is whole (an interim 1xx is no answer).
    virtual void on_head() = 0;
    bool refuse(std::string why);
    bool collect(std::string& body, std::string_view bytes);

    std::vector<HttpHeader> m_headers;

  private:
    bool take_status_line(std::string_view line);

    std::shared_ptr<const HttpRequest> m_request;
    const std::size_t m_max_body;
    std::atomic<bool> m_cancelled{false};
    std::size_t m_given = 0;       ///< bytes of the request's body handed to curl
    std::size_t m_head_bytes = 0;  ///< of all heads together
    int m_status = 0;
    bool m_has_head = false;
    std::string m_refusal;
    std::array<char, 256> m_error{};
};

/// An exchange that a thread waits for.
class Exchange final : public Transfer {
  public:
    using Transfer::Transfer;

    /// Waits for the end; throws the HttpError it ended with.
    HttpResponse wait();

    bool take_body(std::string_view bytes) override { return collect(m_body, bytes); }
    void finish(std::optional<HttpError> failure) override;
    bool is_endless() const override { return false; }

  private:
    void on_head() override;

    std::string m_body;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_is_finished = false;
    std::optional<HttpError> m_failure;
};

/// An answer told line by line.
class LineTransfer final : public Transfer {
  public:
    LineTransfer(std::shared_ptr<const HttpRequest> request, std::size_t max_body, StreamSink sink);

    /// After it returns the sink is not called any more. Waits for a call that is running, unless that call asks.
    void silence();

    bool take_body(std::string_view bytes) override;
    void finish(std::optional<HttpError> failure) override;
    bool is_endless() const override { return true; }

  private:
    void on_head() override;
    bool take_lines(std::string_view bytes);
    bool tell_line(std::string&& line);

    std::recursive_mutex m_mutex;  ///< held during calls of the sink; recursive, as a sink may end its stream
    int m_calls = 0;               ///< of the sink, that are running
    bool m_is_silent = false;
    StreamSink m_sink;
    std::string m_partial;  ///< a line whose end has not come
    std::string m_body;     ///< of an answer that is no stream
};

}  // namespace gitops::io
