#include "core/backend/watch_stream.hpp"

#include <algorithm>

#include "core/backend/retry.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"

namespace gitops::backend {

using base::Code;
using base::Duration;
using base::Error;
using doc::Value;

namespace {

constexpr Duration k_first_pause{250};
constexpr Duration k_longest_pause{10'000};
constexpr Duration k_longest_asked{30'000};
constexpr Duration k_short_life{500};    ///< a stream that ended sooner without a word has failed
constexpr std::size_t k_kept_changes = 256;  ///< more than so many are dropped once somebody has been told of them
constexpr std::string_view k_options = "?watch=1&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=";

Duration pause_after(int failures) {
    Duration pause = k_first_pause;
    for (int i = 1; i < failures && pause < k_longest_pause; ++i) pause *= 2;
    return failures == 0 ? Duration(0) : std::min(pause, k_longest_pause);
}

/// An error's body is JSON from an API server, and anything from what stands between.
Value read_status(const std::string& body) {
    try {
        return doc::read_json(body);
    } catch (const Error&) {
        return {};
    }
}

bool is_forgotten(int status, const Value& body) {
    return status == 410 || body.text_at("reason") == "Expired" || body.text_at("reason") == "Gone";
}

/// How long the server wants to be left alone.
Duration asked_pause(const io::StreamEnd& end, base::Time now) {
    const auto is_wish = [](const io::HttpHeader& header) { return base::lower(header.name) == "retry-after"; };
    const auto header = std::ranges::find_if(end.headers, is_wish);
    const auto asked = header == end.headers.end() ? std::nullopt : parse_retry_after(header->value, now);
    return std::min(asked.value_or(Duration(0)), k_longest_asked);
}

/// Answers that stay the same when asked again.
bool is_final(int status) { return status >= 400 && status < 500 && status != 404 && status != 408 && status != 429; }

}  // namespace

WatchStream::WatchStream(ApiClient& client, const base::Clock& clock, Doorbell& bell, std::string path, std::string subject)
    : m_client(client), m_clock(clock), m_bell(bell), m_path(std::move(path)), m_subject(std::move(subject)) {
    m_opened = m_not_before = m_asked = clock.now();
}

std::vector<Change> WatchStream::follow(Version since, const std::stop_token& stop) {
    m_asked = m_clock.now();
    take_in();
    if (auto refusal = std::exchange(m_refusal, std::nullopt)) throw std::move(*refusal);
    if (m_forgotten && since <= *m_forgotten)
        throw Error(Code::conflict, m_subject + ": the version to watch from is too old, the server has forgotten it");
    if (!m_started || since < m_floor) start_at(since);
    if (!m_http && pause_left() <= Duration(0)) open(stop);
    const auto is_news = [&](const Change& change) { return change.version > since; };
    const auto first = std::ranges::find_if(m_log, is_news);
    std::vector<Change> news(first, m_log.end());
    if (m_log.size() > k_kept_changes) {
        m_log.erase(m_log.begin(), first);
        m_floor = std::max(m_floor, since);
    }
    return news;
}

Duration WatchStream::pause_left() const {
    const Duration left = m_not_before - m_clock.now();
    return left > k_longest_asked ? Duration(0) : left;  // a clock that was set back ends the pause
}

void WatchStream::start_at(Version version) {
    disconnect();
    m_log.clear();
    m_floor = m_position = version;
    m_started = true;
}

void WatchStream::open(const std::stop_token& stop) {
    auto inbox = std::make_shared<Inbox>(m_bell);
    m_inbox = inbox;
    m_is_heard = false;
    m_opened = m_clock.now();
    io::StreamSink sink{[inbox] { inbox->open(); }, [inbox](std::string&& line) { inbox->put(std::move(line)); },
                        [inbox](io::StreamEnd&& end) { inbox->close(std::move(end)); }};
    m_http = m_client.stream(m_path + std::string(k_options) + std::to_string(m_position), std::move(sink), stop);
}

void WatchStream::take_in() {
    if (!m_inbox) return;
    const auto inbox = m_inbox;
    const Inbox::Content content = inbox->take();
    if (content.opened) m_unauthorized = 0;
    for (const std::string& line : content.lines) {
        if (!line.empty()) note(line);
        if (m_inbox != inbox) return;  // that was an error, and the end
    }
    if (!content.lines.empty()) {
        m_is_heard = true;
        m_failures = 0;
    }
    if (content.overflowed) disconnect();  // what did not fit comes again
    else if (content.end) ended(*content.end, content.opened);
}

void WatchStream::note(const std::string& line) {
    Value told;
    try {
        told = doc::read_json(line);
    } catch (const Error&) {
        disconnect();  // half a line, or no API server
        failed();
        return;
    }
    const std::string_view type = told.text_at("type");
    const Value* object = told.find("object");
    if (object == nullptr) return;
    if (type == "ADDED") keep(kube::WatchType::added, *object);
    if (type == "MODIFIED") keep(kube::WatchType::modified, *object);
    if (type == "DELETED") keep(kube::WatchType::deleted, *object);
    if (type == "BOOKMARK") m_position = std::max(m_position, parse_version(kube::resource_version_of(*object)).value_or(0));
    if (type == "ERROR") {
        const Value* code = object->find("code");
        refused(static_cast<int>(code == nullptr ? 0 : code->to_int().value_or(0)), *object);
    }
}

void WatchStream::keep(kube::WatchType type, const Value& object) {
    const auto version = parse_version(kube::resource_version_of(object));
    if (!version || *version <= m_position) return;  // told before
    m_position = *version;
    m_log.push_back({*version, {type, object}});
}

void WatchStream::ended(const io::StreamEnd& end, bool opened) {
    if (end.status != 200 && end.status != 0) {
        refused(end.status, read_status(end.body));
        m_not_before = std::max(m_not_before, m_clock.now() + asked_pause(end, m_clock.now()));
        return;
    }
    disconnect();
    if (m_is_heard || (opened && m_clock.now() - m_opened >= k_short_life)) m_failures = 0;
    else failed();
}

void WatchStream::refused(int status, const Value& body) {
    disconnect();
    failed();
    if (is_forgotten(status, body)) {
        m_forgotten = std::max(m_forgotten.value_or(0), m_position);
        m_started = false;
        m_not_before = m_clock.now();
        return;
    }
    // The next try brings a renewed credential; when that is refused, too, there is none.
    if (status == 401 && ++m_unauthorized < 2) m_not_before = m_clock.now();
    else if (is_final(status)) m_refusal = error_of(status, body, "").note("while watching " + m_subject);
}

void WatchStream::failed() {
    ++m_failures;
    m_not_before = m_clock.now() + pause_after(m_failures);
}

void WatchStream::disconnect() {
    m_http.reset();
    m_inbox.reset();
}

}  // namespace gitops::backend
