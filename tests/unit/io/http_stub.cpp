#include "tests/unit/io/http_stub.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace gitops::test {

HttpStub::HttpStub(Answer answer) : m_answer(std::move(answer)), m_socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(m_socket, generic, length) != 0 || listen(m_socket, 8) != 0 || getsockname(m_socket, generic, &length) != 0)
        throw std::runtime_error("no loopback port for the test server");
    m_port = ntohs(address.sin_port);
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
