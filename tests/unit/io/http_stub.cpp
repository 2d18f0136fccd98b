#include "tests/unit/io/http_stub.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/loopback.hpp"

namespace gitops::test {

HttpStub::HttpStub(Answer answer) : m_answer(std::move(answer)) {
    const Listener listener = listen_on_loopback();
    m_socket = listener.socket;
    m_port = listener.port;
    m_thread = std::thread([this] { serve(); });
}

HttpStub::~HttpStub() {
    shutdown(m_socket, SHUT_RDWR);
    m_thread.join();
    close(m_socket);
}

void HttpStub::serve() {
    while (true) {
        int peer = accept(m_socket, nullptr, nullptr);
        if (peer < 0) return;
        std::string head;
        char byte = 0;
        while (!head.ends_with("\r\n\r\n") && read(peer, &byte, 1) == 1) head += byte;
        {
            std::lock_guard lock(m_mutex);
            m_heads.push_back(head);
        }
        std::string answer = m_answer(head);
        send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        shutdown(peer, SHUT_WR);
        while (read(peer, &byte, 1) == 1) {
        }
        close(peer);
    }
}

std::vector<std::string> HttpStub::heads() const {
    std::lock_guard lock(m_mutex);
    return m_heads;
}

}  // namespace gitops::test
