#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gitops::test {

/// A server on a loopback port that answers every request with what `answer` makes of the request's head, then closes
/// the connection. Keeps the heads it has seen.
class HttpStub {
  public:
    using Answer = std::function<std::string(const std::string& head)>;
    explicit HttpStub(Answer answer);
    ~HttpStub();
    HttpStub(const HttpStub&) = delete;
    HttpStub& operator=(const HttpStub&) = delete;

    int port() const { return m_port; }
    std::vector<std::string> heads() const;

  private:
    void serve();

    Answer m_answer;
    int m_socket = -1;
    int m_port = 0;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_heads;
    std::thread m_thread;
};

}  // namespace gitops::test
