#include "core/io/http_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;
using base::Time;

constexpr std::size_t k_longest_request = 8U << 10;
constexpr std::size_t k_most_connections = 64;
constexpr base::Duration k_patience{10'000};

class Descriptor {
  public:
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor() {
        if (m_number >= 0) close(m_number);
    }
    Descriptor(Descriptor&& other) noexcept : m_number(std::exchange(other.m_number, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    int number() const { return m_number; }

  private:
    int m_number;
};

std::string_view reason_of(int status) {
    if (status == 200) return "OK";
    if (status == 400) return "Bad Request";
    if (status == 404) return "Not Found";
    if (status == 405) return "Method Not Allowed";
    if (status == 431) return "Request Header Fields Too Large";
    return status == 503 ? "Service Unavailable" : "Internal Server Error";
}

enum class Body { send, leave_out };

std::string answer_text(const Page& page, Body body) {
    return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n{}", page.status,
                       reason_of(page.status), page.content_type, page.body.size(), page.status == 405 ? "Allow: GET, HEAD\r\n" : "",
                       body == Body::send ? std::string_view(page.body) : std::string_view());
}

std::string answer_to(std::string_view head, const PageSource& pages) {
    const auto line = head.substr(0, head.find("\r\n"));
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    if (first == line.npos || second == line.npos || !line.substr(second + 1).starts_with("HTTP/1."))
        return answer_text({400, "text/plain; charset=utf-8", "no HTTP request\n"}, Body::send);
    const auto method = line.substr(0, first);
    if (method != "GET" && method != "HEAD") return answer_text({405, "text/plain; charset=utf-8", "GET or HEAD\n"}, Body::send);
    const auto target = line.substr(first + 1, second - first - 1);
    Page page;
    try {
        page = pages(std::string(target.substr(0, target.find('?'))));
    } catch (const std::exception& error) {
        page = {500, "text/plain; charset=utf-8", std::string(error.what()) + "\n"};
    }
    return answer_text(page, method == "GET" ? Body::send : Body::leave_out);
}

struct AddressFree {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

/// "host" and "port" of "host:port".
std::pair<std::string, std::string> split_address(std::string_view address) {
    const auto colon = address.rfind(':');
    const auto fail = [&] {
        return Error(Code::invalid, "\"" + std::string(address) + "\" is no address to listen on").hint("write HOST:PORT or :PORT");
    };
    if (colon == address.npos || colon + 1 == address.size()) throw fail();
    const auto port = address.substr(colon + 1);
    if (port.size() > 5 || port.find_first_not_of("0123456789") != port.npos || std::stoi(std::string(port)) > 65535) throw fail();
    auto host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    else if (host.find(':') != host.npos) throw fail();
    return {std::string(host), std::string(port)};
}

Descriptor listen_on(std::string_view address) {
    const auto [host, port] = split_address(address);
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    if (const int failed = getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &wanted, &list); failed != 0)
        throw Error(Code::unavailable, fmt::format("cannot listen on {}: {}", address, gai_strerror(failed)));
    const std::unique_ptr<addrinfo, AddressFree> found(list);
    int reason = 0;
    for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
        Descriptor socket_fd(socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, each->ai_protocol));
        const int on = 1;
        if (socket_fd.number() >= 0 && setsockopt(socket_fd.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            bind(socket_fd.number(), each->ai_addr, each->ai_addrlen) == 0 && listen(socket_fd.number(), 64) == 0)
            return socket_fd;
        reason = errno;
    }
    throw Error(Code::unavailable, fmt::format("cannot listen on {}: {}", address, std::strerror(reason)));
}

std::string address_of(int socket_fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    if (getsockname(socket_fd, address, &size) != 0 ||
        getnameinfo(address, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "";
    return storage.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

/// One caller: its request comes in, its answer goes out, and what else it sends is read away until it hangs up: closing
/// at once would reset the connection, and the answer with it.
class Connection {
  public:
    Connection(Descriptor socket_fd, Time now) : m_socket(std::move(socket_fd)), m_until(now + k_patience) {}

    int number() const { return m_socket.number(); }
    short wanted() const { return m_step == Step::give ? POLLOUT : POLLIN; }
    Time until() const { return m_until; }

    /// False when it is over.
    bool go_on(const PageSource& pages) {
        switch (m_step) {
            case Step::take: return take(pages);
            case Step::give: return give();
            case Step::drain: return receive().has_value();
        }
        return false;
    }

  private:
    enum class Step { take, give, drain };

    /// What has come, perhaps nothing yet; nullopt when the caller hung up.
    std::optional<std::string> receive() {
        std::string bytes(4096, '\0');
        const auto count = recv(number(), bytes.data(), bytes.size(), 0);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return std::nullopt;
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return bytes;
    }

    bool take(const PageSource& pages) {
        const auto more = receive();
        if (!more) return false;
        m_head += *more;
        if (m_head.find("\r\n\r\n") != m_head.npos) m_answer = answer_to(m_head, pages);
        else if (m_head.size() > k_longest_request) m_answer = answer_text({431, "text/plain; charset=utf-8", "too long\n"}, Body::send);
        if (!m_answer.empty()) m_step = Step::give;
        return true;
    }

    bool give() {
        const auto count = send(number(), m_answer.data() + m_sent, m_answer.size() - m_sent, MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        m_sent += static_cast<std::size_t>(count);
        if (m_sent < m_answer.size()) return true;
        m_step = Step::drain;
        return shutdown(number(), SHUT_WR) == 0;
    }

    Descriptor m_socket;
    Time m_until;
    Step m_step = Step::take;
    std::string m_head;
    std::string m_answer;
    std::size_t m_sent = 0;
};

}  // namespace

struct HttpServer::State {
    State(std::string_view where, PageSource source, base::Clock& time)
        : listener(listen_on(where)),
          wake(eventfd(0, EFD_CLOEXEC)),
          clock(time),
          pages(std::move(source)),
          address(address_of(listener.number())) {
        if (wake.number() < 0) throw Error(Code::unavailable, "cannot make an event descriptor");
        thread = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~State() {
        thread.request_stop();
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = write(wake.number(), &one, sizeof one);
    }

    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::vector<pollfd> watched{{wake.number(), POLLIN, 0}};
            const bool has_room = connections.size() < k_most_connections;
            watched.push_back({has_room ? listener.number() : -1, POLLIN, 0});
            for (const auto& connection : connections) watched.push_back({connection.number(), connection.wanted(), 0});
            if (poll(watched.data(), watched.size(), connections.empty() ? -1 : 1000) < 0 && errno != EINTR) return;
            const auto now = clock.now();
            std::size_t index = 2;
            for (auto it = connections.begin(); it != connections.end(); ++index) {
                const bool goes_on = now < it->until() && (watched[index].revents == 0 || it->go_on(pages));
                it = goes_on ? std::next(it) : connections.erase(it);
            }
            if ((watched[1].revents & POLLIN) != 0) take_connection(now);
        }
    }

    void take_connection(Time now) {
        Descriptor caller(accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (caller.number() >= 0) connections.emplace_back(std::move(caller), now);
    }

    Descriptor listener;
    Descriptor wake;
    base::Clock& clock;
    PageSource pages;
    std::string address;
    std::list<Connection> connections;
    std::jthread thread;
};

HttpServer::HttpServer(std::string_view address, PageSource pages, base::Clock& clock)
    : m_state(std::make_unique<State>(address, std::move(pages), clock)) {}
HttpServer::~HttpServer() = default;
const std::string& HttpServer::address() const { return m_state->address; }

}  // namespace gitops::io
