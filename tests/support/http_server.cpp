#include "tests/support/http_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <stdexcept>
#include <thread>

#include "tests/support/http_wire.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/tls.hpp"

namespace gitops::test {

namespace {

constexpr std::chrono::seconds k_patience{10};

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

HttpAnswer nothing_there(const HttpSeen& seen) {
    return {.status = 404, .headers = {{"Content-Type", "text/plain"}}, .body = "no answer for " + seen.line() + "\n"};
}

}  // namespace

std::string HttpSeen::header(std::string_view name) const {
    const auto same = [](char a, char b) { return lower_char(a) == lower_char(b); };
    for (const auto& [known, value] : headers)
        if (std::equal(known.begin(), known.end(), name.begin(), name.end(), same)) return value;
    return {};
}

void HttpFeed::push(std::string text) {
    const std::lock_guard lock(m_mutex);
    m_parts.push_back(std::move(text));
    m_changed.notify_all();
}

void HttpFeed::end() {
    const std::lock_guard lock(m_mutex);
    m_is_over = true;
    m_changed.notify_all();
}

void HttpFeed::cut() {
    const std::lock_guard lock(m_mutex);
    m_is_over = m_is_cut = true;
    m_changed.notify_all();
}

std::optional<std::string> HttpFeed::next() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_is_over || !m_parts.empty(); });
    if (m_parts.empty()) return std::nullopt;
    std::string part = std::move(m_parts.front());
    m_parts.pop_front();
    return part;
}

bool HttpFeed::is_cut() const {
    const std::lock_guard lock(m_mutex);
    return m_is_cut;
}

struct HttpServer::State {
    std::unique_ptr<TlsSettings> tls;
    int port = 0;
    int listener = -1;
    std::thread acceptor;

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    bool is_stopping = false;
    int accepted = 0;
    int closed = 0;
    std::map<int, int> open;  ///< connection -> socket
    std::vector<std::thread> threads;
    std::map<std::string, std::deque<HttpAnswer>> script;
    std::vector<std::shared_ptr<HttpFeed>> feeds;
    Handler handler = nothing_there;
    std::vector<HttpSeen> seen;

    State();
    ~State();
    void accept_all();
    void serve(int socket, int connection);
    void serve_requests(HttpWire& wire, int connection);
    HttpAnswer answer_to(const HttpSeen& request);
    std::optional<HttpAnswer> scripted(const HttpSeen& request);
};

HttpServer::State::State() {
    const Listener opened = listen_on_loopback();
    listener = opened.socket;
    port = opened.port;
}

HttpServer::State::~State() {
    shutdown(listener, SHUT_RDWR);
    acceptor.join();
    close(listener);
    {
        const std::lock_guard lock(mutex);
        is_stopping = true;
        for (const auto& [connection, socket] : open) shutdown(socket, SHUT_RDWR);
        for (const auto& feed : feeds) feed->cut();
    }
    for (std::thread& thread : threads) thread.join();
}

void HttpServer::State::accept_all() {
    while (true) {
        const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex);
        const int connection = ++accepted;
        open[connection] = socket;
        threads.emplace_back([this, socket, connection] { serve(socket, connection); });
    }
}

void HttpServer::State::serve(int socket, int connection) {
    sigset_t pipe;  // OpenSSL writes to connections that the client has closed
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    HttpWire wire(socket, tls.get());
    if (wire.shake_hands()) serve_requests(wire, connection);
    const std::lock_guard lock(mutex);
    shutdown(socket, SHUT_RDWR);
    open.erase(connection);
    ++closed;
    changed.notify_all();
}

void HttpServer::State::serve_requests(HttpWire& wire, int connection) {
    while (auto request = wire.read_request()) {
        request->connection = connection;
        const HttpAnswer answer = answer_to(*request);
        wire.write_answer(answer);
        const bool is_broken = answer.feed && answer.feed->is_cut();
        if (answer.afterwards == Afterwards::stall) wire.wait_for_end();
        if (answer.afterwards == Afterwards::close) wire.say_goodbye();
        if (answer.afterwards != Afterwards::keep || is_broken) return;
    }
}

std::optional<HttpAnswer> HttpServer::State::scripted(const HttpSeen& request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    for (const std::string& name : {request.line(), request.target, request.method + " " + path, path}) {
        const auto found = script.find(name);
        if (found == script.end()) continue;
        HttpAnswer answer = found->second.front();
        if (found->second.size() > 1) found->second.pop_front();
        return answer;
    }
    return std::nullopt;
}

HttpAnswer HttpServer::State::answer_to(const HttpSeen& request) {
    std::unique_lock lock(mutex);
    seen.push_back(request);
    changed.notify_all();
    if (auto answer = scripted(request)) return *answer;
    const Handler ask = handler;
    lock.unlock();
    HttpAnswer answer = ask(request);
    lock.lock();
    if (answer.feed) feeds.push_back(answer.feed);
    if (answer.feed && is_stopping) answer.feed->cut();
    return answer;
}

HttpServer::HttpServer() : m_state(std::make_unique<State>()) {
    m_state->acceptor = std::thread([state = m_state.get()] { state->accept_all(); });
}

HttpServer::HttpServer(const TestIdentity& identity, const std::string& client_authority) : m_state(std::make_unique<State>()) {
    m_state->tls = std::make_unique<TlsSettings>(identity, client_authority);
    m_state->acceptor = std::thread([state = m_state.get()] { state->accept_all(); });
}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return m_state->port; }

std::string HttpServer::address() const { return "127.0.0.1:" + std::to_string(port()); }

std::string HttpServer::url(std::string_view target) const {
    return (m_state->tls ? "https://" : "http://") + address() + std::string(target);
}

void HttpServer::answer(const std::string& request, HttpAnswer answer) {
    const std::lock_guard lock(m_state->mutex);
    if (answer.feed) m_state->feeds.push_back(answer.feed);
    m_state->script[request].push_back(std::move(answer));
}

void HttpServer::handle(Handler handler) {
    const std::lock_guard lock(m_state->mutex);
    m_state->handler = std::move(handler);
}

std::vector<HttpSeen> HttpServer::requests() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->seen;
}

std::vector<std::string> HttpServer::lines() const {
    const std::lock_guard lock(m_state->mutex);
    std::vector<std::string> all;
    for (const HttpSeen& seen : m_state->seen) all.push_back(seen.line());
    return all;
}

void HttpServer::forget() {
    const std::lock_guard lock(m_state->mutex);
    m_state->seen.clear();
}

void HttpServer::wait_for_requests(std::size_t count) const {
    std::unique_lock lock(m_state->mutex);
    if (!m_state->changed.wait_for(lock, k_patience, [&] { return m_state->seen.size() >= count; }))
        throw std::runtime_error("the requests a test waits for did not come");
}

void HttpServer::wait_for_closed(int connections) const {
    std::unique_lock lock(m_state->mutex);
    if (!m_state->changed.wait_for(lock, k_patience, [&] { return m_state->closed >= connections; }))
        throw std::runtime_error("the connections a test waits for were not closed");
}

int HttpServer::connections() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->accepted;
}

}  // namespace gitops::test
