// A little HTTP/1.1 server on a loopback port that answers by a script and records what it was asked. It misbehaves
// when told to: cuts answers short, stalls, sends garbage. With a TestIdentity it speaks TLS (tests/support/tls.hpp).
//
//     HttpServer server;
//     server.answer("/api", {.body = R"({"kind":"APIVersions"})"});                 // every time
//     server.answer("POST /pods", {.status = 429, .headers = {{"Retry-After", "1"}}});  // the first time
//     server.answer("POST /pods", {.status = 201});                                 // and from then on
//     ... client of server.url() ...
//     server.requests().at(0).method == "POST"
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gitops::test {

struct TestIdentity;

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A request as it came.
struct HttpSeen {
    std::string method;
    std::string target;  ///< path and query
    HttpHeaders headers;
    std::string body;
    int connection = 0;        ///< counted from 1; requests with the same number came over the same connection
    std::string server_name;   ///< what SNI asked for; "" without TLS
    std::string client_name;   ///< common name of the client's certificate; "" when it sent none

    /// The first header of that name, in any case; "" when absent.
    std::string header(std::string_view name) const;
    /// "GET /api?x=1": for lists of what was asked.
    std::string line() const { return method + " " + target; }
};

/// Parts of a body that a test hands out when it likes: for watches. Share it between the test and the answer.
class HttpFeed {
  public:
    void push(std::string text);
    void end();  ///< the body is complete
    void cut();  ///< the connection breaks in the middle of it
    /// The next part, or nullopt at the end. For the server.
    std::optional<std::string> next();
    bool is_cut() const;

  private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::string> m_parts;
    bool m_is_over = false;
    bool m_is_cut = false;
};

/// What becomes of the connection when an answer is out.
enum class Afterwards {
    keep,   ///< it waits for the next request
    close,  ///< it is closed, announced by "Connection: close"
    drop,   ///< it is closed without a word
    stall,  ///< nothing more comes until the client leaves
};

struct HttpAnswer {
    int status = 200;
    HttpHeaders headers = {};         ///< Content-Length or Transfer-Encoding come by themselves
    std::string body = {};
    std::vector<std::string> chunks = {};  ///< not empty: the body, in chunked transfer coding, instead of `body`
    std::shared_ptr<HttpFeed> feed = {};   ///< set: the same, with the chunks a test hands out
    std::optional<std::size_t> cut = {};   ///< only so many bytes of `body` or so many of `chunks` come, then `afterwards`
    std::optional<std::string> raw = {};   ///< set: these bytes and nothing else; "" answers nothing
    Afterwards afterwards = Afterwards::keep;
};

class HttpServer {
  public:
    using Handler = std::function<HttpAnswer(const HttpSeen&)>;

    HttpServer();
    /// Speaks TLS as `identity`. With `client_authority` (PEM) every client must show a certificate signed by it.
    explicit HttpServer(const TestIdentity& identity, const std::string& client_authority = {});
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    int port() const;
    std::string url(std::string_view target = {}) const;  ///< "https://127.0.0.1:port" + target
    std::string address() const;                          ///< "127.0.0.1:port"

    /// Adds an answer for "METHOD /target" or "/target" of any method, with its query or without (then for every
    /// query). Several for the same request come one after the other, and the last of them again and again. What
    /// has no answer gets 404 and a body that says so.
    void answer(const std::string& request, HttpAnswer answer);
    /// Instead of a script: asked for every request that answer() has nothing for, by several threads at once.
    void handle(Handler handler);

    std::vector<HttpSeen> requests() const;     ///< in the order in which they came
    std::vector<std::string> lines() const;     ///< their line()s
    void forget();                              ///< clears requests()
    void wait_for_requests(std::size_t count) const;  ///< until so many came; throws after 10 s
    void wait_for_closed(int connections) const;      ///< until so many connections have ended; throws after 10 s
    int connections() const;                    ///< accepted so far

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// `text` compressed, for answers with Content-Encoding: gzip.
std::string gzipped(std::string_view text);

}  // namespace gitops::test
