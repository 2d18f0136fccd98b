#include "core/base/workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

namespace gitops::base {

void parallel_for(std::size_t count, int jobs, const std::function<void(std::size_t)>& body) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::size_t failed_at = count;
    std::exception_ptr failure;

    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                body(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (i < failed_at) {
                    failed_at = i;
                    failure = std::current_exception();
                }
            }
        }
    };

    {
        const std::size_t threads = std::min(count, static_cast<std::size_t>(std::max(jobs, 1)));
        std::vector<std::jthread> others;
        try {
            while (others.size() + 1 < threads) others.emplace_back(work);
        } catch (const std::system_error&) {
            // The system gives no more threads: those that run share the work.
        }
        work();
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace gitops::base
