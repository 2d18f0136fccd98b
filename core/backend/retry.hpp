// When a request that failed is sent again: rules as a table, waiting times with full jitter. Pure but for the seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/clock.hpp"

namespace gitops::backend {

/// Why a try came to nothing.
enum class Trouble {
    throttled,    ///< 429
    overloaded,   ///< 502, 503, 504
    failing,      ///< 500: often a webhook that stays broken, so it is not asked for long
    unreached,    ///< no connection: nothing was sent
    never_reached,///< the same, by a server that has not answered anything yet
    broken,       ///< a connection that broke or a time-out: the server may have acted
    garbled,      ///< an answer that ended early, or was no JSON
};

/// The waits of one request. "Full jitter" is a random time between nothing and an exponentially growing bound
/// (AWS Architecture Blog, "Exponential Backoff And Jitter"), so that many clients do not come back together.
class Backoff {
  public:
    /// `patience` bounds tries and waits together; `seed` any number that differs between requests.
    Backoff(base::Duration patience, std::uint64_t seed) : m_patience(patience), m_random(seed) {}

    /// How long the try that just failed took.
    void spent(base::Duration time) { m_spent += std::max(time, base::Duration(0)); }
    /// How long to wait before the next try, at least what the server `asked` for (30 seconds at most); nullopt when
    /// it is time to give up. The wait counts as spent.
    std::optional<base::Duration> next(Trouble trouble, std::optional<base::Duration> asked);

    base::Duration left() const { return std::max(m_patience - m_spent, base::Duration(0)); }
    base::Duration used() const { return m_spent; }
    int tries() const { return m_tries; }  ///< that failed so far

  private:
    base::Duration m_patience;
    base::Duration m_spent{0};
    std::uint64_t m_random;
    int m_tries = 0;
};

/// Retry-After: seconds, or an HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT") seen from `now`; nullopt for anything
/// else. Never negative, never more than a day (RFC 9110, 10.2.3).
std::optional<base::Duration> parse_retry_after(std::string_view text, base::Time now);

}  // namespace gitops::backend
