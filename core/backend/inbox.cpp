#include "core/backend/inbox.hpp"

#include <algorithm>
#include <utility>

namespace gitops::backend {

namespace {

constexpr std::size_t k_most_bytes = std::size_t{8} << 20;  ///< unread; a single longer line is still taken

}  // namespace

void Doorbell::ring() {
    {
        const std::lock_guard lock(m_mutex);
        ++m_count;
    }
    m_rung.notify_all();
}

std::uint64_t Doorbell::count() const {
    const std::lock_guard lock(m_mutex);
    return m_count;
}

base::Duration Doorbell::wait(std::uint64_t heard, base::Duration span, const base::Clock& clock, const std::stop_token& stop) {
    const base::Time start = clock.now();
    std::unique_lock lock(m_mutex);
    const bool rang = m_rung.wait_for(lock, stop, span, [&] { return m_count > heard; });
    if (!rang) return span;
    return std::clamp(clock.now() - start, base::Duration(0), span);  // clocks jump
}

void Inbox::open() {
    {
        const std::lock_guard lock(m_mutex);
        m_content.opened = true;
    }
    m_bell.ring();
}

void Inbox::put(std::string&& line) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_content.overflowed || (m_bytes > 0 && m_bytes + line.size() > k_most_bytes)) {
            m_content.overflowed = true;
            return;
        }
        m_bytes += line.size();
        m_content.lines.push_back(std::move(line));
    }
    m_bell.ring();
}

void Inbox::close(io::StreamEnd&& end) {
    {
        const std::lock_guard lock(m_mutex);
        m_content.end = std::move(end);
    }
    m_bell.ring();
}

Inbox::Content Inbox::take() {
    const std::lock_guard lock(m_mutex);
    m_bytes = 0;
    // That lines are missing stays true until the stream is opened anew.
    Content taken = std::exchange(m_content, Content{{}, std::nullopt, m_content.opened, m_content.overflowed});
    return taken;
}

}  // namespace gitops::backend
