// A small HTTP/1.1 server for pages that a program tells of itself: metrics and health. It answers GET and HEAD, takes no
// body, and closes the connection after each answer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"

namespace gitops::io {

struct Page {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body{};
};

/// What is asked for, without its query. Called by the server's one thread; what it throws becomes status 500.
using PageSource = std::function<Page(const std::string& path)>;

/// At most 64 connections are open at once; one that has not sent its request (8 KiB at the most) or taken its answer
/// within ten seconds of `clock`, which must outlive the server, is closed.
class HttpServer {
  public:
    /// `address` is "HOST:PORT" or ":PORT" (every address of the machine); port 0 picks a free one, an IPv6 address stands
    /// in brackets. Error(invalid) for what is no address, Error(unavailable) when it cannot be listened on.
    HttpServer(std::string_view address, PageSource pages, base::Clock& clock);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Where it listens: "127.0.0.1:8082", "[::]:8082".
    const std::string& address() const;

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::io
