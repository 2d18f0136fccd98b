// A proxy in front of a real API server that does to chosen requests what networks, proxies and overloaded servers do.
//
// Overview: it speaks plain HTTP/1.1 to its clients and TLS to the server, with the server's token in place of the
// client's. Each request takes the first rule that matches and has hits left; without one it is passed on as it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gitops::test {

struct Fault {
    enum class Kind {
        answer,    ///< `status`, `headers` and `body` instead of the server's; the server never sees the request
        drop,      ///< the connection is reset; the server never sees the request
        reset,     ///< the server acts, half of its answer comes, then a reset
        truncate,  ///< the server acts, half of its answer comes as if it were all
        stall,     ///< the server acts, half of its answer comes, then nothing more until the client leaves
        cut,       ///< a watch ends in the middle of a chunk after `after_ms`
        delay,     ///< passed on after `after_ms`
    };
    Kind kind = Kind::answer;
    int status = 0;
    std::string headers;  ///< whole lines, each with its CRLF
    std::string body;
    int after_ms = 0;
};

/// 429, 500, ... with a Status object as the API server sends it.
Fault status_fault(int status, std::string_view reason, std::string_view message, std::string_view headers = {});
/// A login page or a proxy's error page.
Fault html_fault(int status);

struct FaultRule {
    std::string method;     ///< "" any
    std::string path_part;  ///< somewhere in path and query; "" any
    Fault fault;
    int skip = 0;           ///< matches passed on before the first hit
    int times = 1;          ///< hits; -1 for ever
};

struct Upstream {
    int port = 0;
    std::string ca_pem;
    std::string token;
};

class FaultProxy {
  public:
    explicit FaultProxy(Upstream upstream);
    ~FaultProxy();
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;

    std::string url() const;
    void add(FaultRule rule);
    void clear();
    /// From now on every other bearer token is answered with 401; "" accepts any.
    void accept_only(std::string token);
    int hits() const;                        ///< of all rules so far, and refused tokens
    std::vector<std::string> seen() const;   ///< "PATCH /api/v1/..." in the order of arrival

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace gitops::test
