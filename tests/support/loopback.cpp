#include "tests/support/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace gitops::test {

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

// The sockets interface wants its address types cast.
template <class Address>
sockaddr* as_address(Address& address) {
    return reinterpret_cast<sockaddr*>(&address);
}

}  // namespace

int connect_to_loopback(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(port);
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket, as_address(address), sizeof address) == 0) return socket;
    close(socket);
    return -1;
}

Listener listen_on_loopback() {
    Listener listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 0};
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(listener.socket, as_address(address), size) != 0 || listen(listener.socket, 128) != 0 ||
        getsockname(listener.socket, as_address(address), &size) != 0)
        throw std::runtime_error("cannot listen on 127.0.0.1");
    listener.port = ntohs(address.sin_port);
    return listener;
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool receive(int socket, std::string& into, int millis) {
    pollfd wait{socket, POLLIN, 0};
    if (poll(&wait, 1, millis) <= 0) return true;
    std::array<char, 16384> buffer;
    const auto got = recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    into.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

bool has_gone(int socket) {
    pollfd wait{socket, POLLIN | POLLRDHUP, 0};
    if (poll(&wait, 1, 0) <= 0) return false;
    return (wait.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void reset_connection(int socket) {
    const linger at_once{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(socket);
}

}  // namespace gitops::test
