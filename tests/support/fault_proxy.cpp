#include "tests/support/fault_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/support/http_text.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/tls_link.hpp"

namespace gitops::test {

namespace {

using Steady = std::chrono::steady_clock;

constexpr int k_tick = 20;  ///< milliseconds between two looks at whether the proxy or the client ends

std::string whole_answer(int status, std::string_view headers, std::string_view body) {
    return "HTTP/1.1 " + std::to_string(status) + " Said\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunk(std::string_view bytes) {
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    return size.data() + std::string(bytes) + "\r\n";
}

/// The request as the server gets it. HTTP/1.0: its answer then is not chunked and ends with the connection.
std::string request_for_server(const HttpText& request, const std::string& token) {
    std::string text = request.method() + " " + request.target() + " HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " +
                       token + "\r\nConnection: close\r\n";
    for (const char* name : {"Accept", "Content-Type", "User-Agent", "Impersonate-User", "Impersonate-Group"})
        if (auto value = request.header(name); !value.empty()) text += std::string(name) + ": " + value + "\r\n";
    if (!request.body.empty()) text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    return text + "\r\n" + request.body;
}

bool is_watch(const HttpText& request) { return request.target().find("watch=") != std::string::npos; }

}  // namespace

Fault status_fault(int status, std::string_view reason, std::string_view message, std::string_view headers) {
    Fault fault;
    fault.status = status;
    fault.headers = "Content-Type: application/json\r\n" + std::string(headers);
    fault.body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" +
                 std::string(message) + R"(","reason":")" + std::string(reason) + R"(","code":)" +
                 std::to_string(status) + "}";
    return fault;
}

Fault html_fault(int status) {
    Fault fault;
    fault.status = status;
    fault.headers = "Content-Type: text/html\r\n";
    fault.body = "<!doctype html><html><body><h1>Sign in</h1></body></html>";
    return fault;
}

struct FaultProxy::State {
    explicit State(Upstream server) : upstream(std::move(server)), listener(listen_on_loopback()) {
        acceptor = std::thread([this] { accept_all(); });
    }

    ~State() {
        ending = true;
        acceptor.join();
        for (auto& client : clients) client.join();
        close(listener.socket);
    }

    void accept_all() {
        while (!ending) {
            pollfd wait{listener.socket, POLLIN, 0};
            if (poll(&wait, 1, k_tick) <= 0) continue;
            const int socket = accept4(listener.socket, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket >= 0) clients.emplace_back([this, socket] { serve(socket); });
        }
    }

    /// One client's connection, request after request.
    void serve(int socket) {
        std::string read;
        while (!ending) {
            if (auto request = HttpText::take(read)) {
                if (answer(socket, *request)) continue;
                return;  // answer() has closed it
            }
            if (!receive(socket, read, k_tick)) break;
        }
        close(socket);
    }

    std::optional<Fault> fault_for(const HttpText& request) {
        const std::lock_guard lock(mutex);
        seen.push_back(request.method() + " " + request.target());
        if (!token.empty() && request.header("Authorization") != "Bearer " + token) {
            ++hits;
            return status_fault(401, "Unauthorized", "Unauthorized");
        }
        for (auto& rule : rules) {
            if (rule.times == 0 || (!rule.method.empty() && rule.method != request.method())) continue;
            if (request.target().find(rule.path_part) == std::string::npos) continue;
            if (rule.skip-- > 0) return std::nullopt;
            if (rule.times > 0) --rule.times;
            ++hits;
            return rule.fault;
        }
        return std::nullopt;
    }

    /// False when the connection is closed.
    bool answer(int socket, const HttpText& request) {
        const auto fault = fault_for(request);
        if (fault && fault->kind == Fault::Kind::answer)
            return keep(socket, send_all(socket, whole_answer(fault->status, fault->headers, fault->body)));
        if (fault && fault->kind == Fault::Kind::drop) {
            reset_connection(socket);
            return false;
        }
        if (fault && fault->kind == Fault::Kind::delay) wait_while(fault->after_ms, [] { return true; });
        try {
            TlsLink server(upstream.port, upstream.ca_pem);
            server.send(request_for_server(request, upstream.token));
            if (is_watch(request)) return stream(socket, server, fault);
            return pass_on(socket, server, fault);
        } catch (const std::runtime_error&) {
            reset_connection(socket);
            return false;
        }
    }

    static bool keep(int socket, bool sent) {
        if (!sent) close(socket);
        return sent;
    }

    void wait_while(int millis, const std::function<bool()>& wanted) const {
        const auto end = Steady::now() + std::chrono::milliseconds(millis);
        while (!ending && Steady::now() < end && wanted())
            std::this_thread::sleep_for(std::chrono::milliseconds(k_tick / 4));
    }

    /// Reads until `enough` or the server's end.
    std::string read_server(TlsLink& server, const std::function<bool(const std::string&)>& enough) const {
        std::string text;
        std::array<char, 16384> buffer;
        while (!ending && !server.at_end() && !enough(text))
            text.append(buffer.data(), server.read(buffer.data(), buffer.size(), k_tick));
        return text;
    }

    bool pass_on(int socket, TlsLink& server, const std::optional<Fault>& fault) const {
        const auto text = read_server(server, [](const std::string&) { return false; });
        const auto answer = HttpText::answer(text);
        auto body = std::string_view(answer.body);
        if (!fault || fault->kind == Fault::Kind::delay)
            return keep(socket, send_all(socket, whole_answer(answer.status(), answer.header_lines(), body)));
        const auto half = body.substr(0, body.size() / 2);
        if (fault->kind == Fault::Kind::truncate)
            return keep(socket, send_all(socket, whole_answer(answer.status(), answer.header_lines(), half)));
        const auto whole = whole_answer(answer.status(), answer.header_lines(), body);
        send_all(socket, std::string_view(whole).substr(0, whole.size() - (body.size() - half.size())));
        if (fault->kind == Fault::Kind::stall) wait_while(600'000, [&] { return !has_gone(socket); });
        reset_connection(socket);
        return false;
    }

    bool stream(int socket, TlsLink& server, const std::optional<Fault>& fault) const {
        const auto began = Steady::now();
        auto text = read_server(server, [](const std::string& read) { return read.find("\r\n\r\n") != std::string::npos; });
        const auto head = HttpText::answer(text);
        const bool cut = fault && fault->kind == Fault::Kind::cut;
        bool open = send_all(socket, "HTTP/1.1 " + std::to_string(head.status()) + " Said\r\n" + head.header_lines() +
                                         "Transfer-Encoding: chunked\r\n\r\n");
        if (!head.body.empty()) open = open && send_all(socket, chunk(head.body));
        std::array<char, 16384> buffer;
        while (open && !ending && !server.at_end() && !has_gone(socket)) {
            if (cut && Steady::now() - began > std::chrono::milliseconds(fault->after_ms)) {
                send_all(socket, "400\r\n{\"type\":\"MODI");
                break;
            }
            const auto got = server.read(buffer.data(), buffer.size(), k_tick);
            if (got > 0) open = send_all(socket, chunk({buffer.data(), got}));
        }
        if (open && server.at_end()) return keep(socket, send_all(socket, "0\r\n\r\n"));
        close(socket);
        return false;
    }

    Upstream upstream;
    Listener listener;
    std::atomic<bool> ending = false;
    std::thread acceptor;
    std::list<std::thread> clients;
    mutable std::mutex mutex;
    std::vector<FaultRule> rules;
    std::string token;
    std::vector<std::string> seen;
    int hits = 0;
};

FaultProxy::FaultProxy(Upstream upstream) : m_state(std::make_unique<State>(std::move(upstream))) {}
FaultProxy::~FaultProxy() = default;

std::string FaultProxy::url() const { return "http://127.0.0.1:" + std::to_string(m_state->listener.port); }

void FaultProxy::add(FaultRule rule) {
    const std::lock_guard lock(m_state->mutex);
    m_state->rules.push_back(std::move(rule));
}

void FaultProxy::clear() {
    const std::lock_guard lock(m_state->mutex);
    m_state->rules.clear();
}

void FaultProxy::accept_only(std::string token) {
    const std::lock_guard lock(m_state->mutex);
    m_state->token = std::move(token);
}

int FaultProxy::hits() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->hits;
}

std::vector<std::string> FaultProxy::seen() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->seen;
}

}  // namespace gitops::test
