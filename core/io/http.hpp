// HTTP over libcurl: one connection pool and one thread per client, many requests in flight.
//
// Overview: HttpClient owns a curl multi handle and the thread that drives it; send() blocks its caller and not the
// thread, so as many requests are in flight as threads ask. HTTP/2 is used where the server offers it, connections
// are kept, answers may come compressed. It follows no redirect and repeats nothing but a request that found its kept
// connection closed, and a POST or PATCH only while the server cannot have acted on it: who asked knows the rest. libcurl is loaded when the first client is made, so that commands which need no network
// do not pay for it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/error.hpp"

namespace gitops::io {

struct HttpHeader {
    std::string name;
    std::string value;
};

/// A client certificate and its key, as PEM text.
struct ClientIdentity {
    std::string cert_pem;
    std::string key_pem;
};

enum class TlsVerify { yes, no };

struct HttpOptions {
    std::string ca_pem = {};       ///< trust only these authorities; "" the system's
    std::string server_name = {};  ///< the name the certificate must have and SNI carries; "" the URL's host
    TlsVerify verify = TlsVerify::yes;
    std::string proxy_url = {};    ///< http, https or socks5; "" none (the environment is not asked)
    base::Duration connect_timeout{10'000};
    std::size_t max_body = std::size_t{512} << 20;  ///< bytes after decompression; more is an HttpError
};

struct HttpRequest {
    std::string method = "GET";
    std::string url = {};
    std::vector<HttpHeader> headers = {};
    std::string body = {};
    /// Of the whole exchange; of a stream, until the head of its answer is there. 0: no limit.
    base::Duration timeout{60'000};
    /// Fails when no byte came for so long, in whole seconds and found out some seconds late. 0: no limit.
    base::Duration idle{0};
    std::shared_ptr<const ClientIdentity> identity = {};  ///< may be null
};

struct HttpResponse {
    int status = 0;
    std::vector<HttpHeader> headers;
    std::string body;
    /// The first header of that name, in any case; "" when absent.
    std::string_view header(std::string_view name) const;
};

/// No answer, or half of one: Code::unavailable; Code::denied for a certificate that is not trusted, ours or theirs;
/// Code::invalid for a request or a certificate that cannot be used; Code::cancelled.
class HttpError : public base::Error {
  public:
    /// not_sent: the server has seen nothing of the request. maybe: it may have acted on it.
    enum class Reached { not_sent, maybe };
    HttpError(base::Code code, std::string_view message, Reached reached) : Error(code, message), m_reached(reached) {}
    Reached reached() const { return m_reached; }

  private:
    Reached m_reached;
};

/// How a stream ended.
struct StreamEnd {
    int status = 0;                    ///< 0: there was no answer
    std::vector<HttpHeader> headers;
    std::string body;                  ///< of an answer other than 200, whole
    std::optional<HttpError> failure;  ///< a connection that broke; nullopt when the server closed in order
};

/// Told by the client's thread: must not block nor throw, nor call send(). It may start and destroy streams, its own
/// too. An empty function is not called.
struct StreamSink {
    std::function<void()> on_open = {};                    ///< status 200 has come
    /// A line of an answer with status 200, without its newline and not longer than 64 MiB. What comes last without a
    /// newline is a line too, when the server closed in order.
    std::function<void(std::string&& line)> on_line = {};
    std::function<void(StreamEnd&& end)> on_end = {};      ///< at most once, and nothing after it
};

/// A running stream, which may outlive its client. Destroying it ends it: a call of the sink that is running is waited
/// for (so hold no lock that the sink takes), and after that there is none.
class HttpStream {
  public:
    virtual ~HttpStream() = default;
};

/// Safe to use from many threads.
class HttpClient {
  public:
    /// Error(unavailable) when libcurl cannot be loaded, Error(invalid) for a proxy or a server name that is none.
    explicit HttpClient(HttpOptions options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Any status is an answer. Throws HttpError; with Code::cancelled soon after `stop` is requested.
    HttpResponse send(const HttpRequest& request, std::stop_token stop = {});
    /// Starts a request whose answer comes line by line and may never end.
    std::unique_ptr<HttpStream> stream(const HttpRequest& request, StreamSink sink);

  private:
    struct State;
    std::shared_ptr<State> m_state;
};

}  // namespace gitops::io
