// The thread that drives curl's multi handle. For this folder only; include <curl/curl.h> before it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/io/http_setup.hpp"

namespace gitops::io {

/// Starts its thread with the first transfer. All of curl happens in that thread; the others put transfers into a
/// queue and wake it.
class HttpLoop : public std::enable_shared_from_this<HttpLoop> {
  public:
    explicit HttpLoop(HttpOptions options);

    const HttpOptions& options() const { return m_options; }
    bool is_own_thread() const { return m_thread_id.load() == std::this_thread::get_id(); }

    /// Starts a transfer; its finish() is called in any case.
    void start(std::shared_ptr<Transfer> transfer);
    /// Makes the thread look for transfers that were cancelled.
    void drop_cancelled();
    /// Ends the thread, and waits for that unless it is the caller. Nothing may be started afterwards.
    void stop();

  private:
    using Active = std::unordered_map<CURL*, std::unique_ptr<Running>>;

    void run();
    int longest_poll() const;  ///< milliseconds
    void wake();
    /// Takes what was queued; false when it is time to end.
    bool take_queue();
    void begin(std::shared_ptr<Transfer> transfer);
    void remove_cancelled();
    void remove_done();
    void end(Active::iterator at, std::optional<HttpError> failure);
    void end_all();

    const HttpOptions m_options;
    CurlMulti m_multi;
    std::vector<CurlEasy> m_idle;  ///< handles to use again
    Active m_active;

    std::mutex m_mutex;  ///< guards the queue, m_is_stopping and m_thread
    std::vector<std::shared_ptr<Transfer>> m_queue;
    std::vector<std::shared_ptr<Transfer>> m_taken;  ///< the thread's own; swapped with m_queue
    bool m_is_stopping = false;
    std::thread m_thread;
    std::atomic<std::thread::id> m_thread_id{};
    std::atomic<bool> m_is_awake{false};  ///< the thread will look at the queue before it sleeps
    std::atomic<bool> m_has_cancelled{false};
};

}  // namespace gitops::io
