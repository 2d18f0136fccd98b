#include <curl/curl.h>
// keep this order
#include "core/io/http_loop.hpp"

#include <algorithm>
#include <csignal>

#include "core/io/http_failure.hpp"

namespace gitops::io {

namespace {

using base::Code;

constexpr long k_kept_connections = 64;
constexpr std::size_t k_kept_handles = 64;
/// Above what servers allow (250 with Go's), so that their limit counts and not curl's own of 100: beyond it every
/// request of a burst opens a connection.
constexpr long k_streams_per_connection = 1'000;
/// The thread is woken for all it has to do; this only bounds the harm of a wake-up that was lost.
constexpr int k_poll_ms = 60'000;
/// libcurl 7.88 can leave what it has read of one HTTP/2 stream lying while it serves another of the same connection, and
/// then waits for its next timer, ten seconds away: so it is asked again soon while something runs. A stream that may
/// never end is asked less often, as it may run for hours.
constexpr int k_transfer_poll_ms = 5;
constexpr int k_stream_poll_ms = 50;

/// Signals belong to the program's own threads, and a closed connection must not end the program by SIGPIPE.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

HttpLoop::HttpLoop(HttpOptions options) : m_options(std::move(options)) {
    check_options(m_options);
    const CurlLibrary& curl = curl_library();
    m_multi.reset(curl.multi_init());
    if (!m_multi) throw std::bad_alloc();
    curl.multi_setopt(m_multi.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
    curl.multi_setopt(m_multi.get(), CURLMOPT_MAXCONNECTS, k_kept_connections);
    curl.multi_setopt(m_multi.get(), CURLMOPT_MAX_CONCURRENT_STREAMS, k_streams_per_connection);
}

void HttpLoop::wake() {
    if (!m_is_awake.exchange(true)) curl_library().multi_wakeup(m_multi.get());
}

void HttpLoop::start(std::shared_ptr<Transfer> transfer) {
    {
        const std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(transfer));
        if (!m_thread.joinable()) m_thread = std::thread([self = shared_from_this()] { self->run(); });
    }
    wake();
}

void HttpLoop::drop_cancelled() {
    m_has_cancelled = true;
    wake();
}

void HttpLoop::stop() {
    std::thread thread;
    {
        const std::lock_guard lock(m_mutex);
        m_is_stopping = true;
        thread = std::move(m_thread);
    }
    wake();
    if (!thread.joinable()) return;
    if (is_own_thread()) {
        thread.detach();
    } else {
        thread.join();
    }
}

void HttpLoop::run() {
    m_thread_id = std::this_thread::get_id();
    block_signals();
    const CurlLibrary& curl = curl_library();
    while (take_queue()) {
        for (std::shared_ptr<Transfer>& transfer : m_taken) begin(std::move(transfer));
        m_taken.clear();
        if (m_has_cancelled.exchange(false)) remove_cancelled();
        int running = 0;
        curl.multi_perform(m_multi.get(), &running);
        remove_done();
        curl.multi_poll(m_multi.get(), nullptr, 0, longest_poll(), nullptr);
    }
    end_all();
}

int HttpLoop::longest_poll() const {
    if (m_active.empty()) return k_poll_ms;
    const auto is_endless = [](const auto& entry) { return entry.second->transfer->is_endless(); };
    return std::all_of(m_active.begin(), m_active.end(), is_endless) ? k_stream_poll_ms : k_transfer_poll_ms;
}

bool HttpLoop::take_queue() {
    m_is_awake = false;  // before the look, so that what comes after it wakes us again
    const std::lock_guard lock(m_mutex);
    std::swap(m_queue, m_taken);
    return !m_is_stopping;
}

void HttpLoop::begin(std::shared_ptr<Transfer> transfer) {
    auto running = std::make_unique<Running>();
    running->transfer = std::move(transfer);
    Transfer& started = *running->transfer;
    if (started.is_cancelled()) {
        started.finish(cancelled_failure(started, HttpError::Reached::not_sent));
        return;
    }
    try {
        if (m_idle.empty()) {
            running->easy.reset(curl_library().easy_init());
            if (!running->easy) throw base::Error(Code::unavailable, "libcurl has no memory left for a request");
        } else {
            running->easy = std::move(m_idle.back());
            m_idle.pop_back();
        }
        set_up(*running, m_options);
        if (curl_library().multi_add_handle(m_multi.get(), running->easy.get()) != CURLM_OK)
            throw base::Error(Code::unavailable, "libcurl did not accept a request");
    } catch (const base::Error& error) {
        started.finish(unsent_failure(error));
        return;
    }
    CURL* easy = running->easy.get();
    m_active.emplace(easy, std::move(running));
}

void HttpLoop::remove_cancelled() {
    for (auto at = m_active.begin(); at != m_active.end();) {
        const auto next = std::next(at);
        Transfer& transfer = *at->second->transfer;
        if (transfer.is_cancelled()) {
            const auto reached = was_sent(at->first) ? HttpError::Reached::maybe : HttpError::Reached::not_sent;
            end(at, cancelled_failure(transfer, reached));
        }
        at = next;
    }
}

void HttpLoop::remove_done() {
    int left = 0;
    while (const CURLMsg* message = curl_library().multi_info_read(m_multi.get(), &left)) {
        const auto at = m_active.find(message->easy_handle);
        if (message->msg != CURLMSG_DONE || at == m_active.end()) continue;
        const CURLcode result = message->data.result;
        if (result == CURLE_OK) {
            end(at, std::nullopt);
        } else {
            end(at, failure_of(result, *at->second, m_options));
        }
    }
}

void HttpLoop::end(Active::iterator at, std::optional<HttpError> failure) {
    const std::unique_ptr<Running> running = std::move(at->second);
    m_active.erase(at);
    curl_library().multi_remove_handle(m_multi.get(), running->easy.get());
    // Before anybody is told: curl points into the request, whose owner may then let it go.
    curl_library().easy_reset(running->easy.get());
    if (m_idle.size() < k_kept_handles) m_idle.push_back(std::move(running->easy));
    running->transfer->finish(std::move(failure));
}

void HttpLoop::end_all() {
    while (!m_active.empty()) {
        const auto at = m_active.begin();
        end(at, cancelled_failure(*at->second->transfer, HttpError::Reached::maybe));
    }
    for (const std::shared_ptr<Transfer>& transfer : m_taken)
        transfer->finish(cancelled_failure(*transfer, HttpError::Reached::not_sent));
}

}  // namespace gitops::io
