#include "core/app/controller/notifier.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using base::Duration;

/// Longer than any attempt takes, so that who is slow is not taken for dead.
constexpr Duration k_patience{60'000};
/// How soon a deletion is seen.
constexpr std::chrono::seconds k_look_for_deletions{5};
/// Of couriers that cannot keep up; the oldest are dropped, and what still holds is seen again in the next pass.
constexpr std::size_t k_most_noted = 10'000;

std::string topic_of(const std::string& app, const notify::Occasion& occasion) { return app + " " + occasion.key(); }

}  // namespace

Notifier::Notifier(const Services& services, notify::Catalog catalog, notify::Courier& courier)
    : m_services(services),
      m_catalog(std::move(catalog)),
      m_courier(courier),
      m_operations(services.state, "notifier", services.clock.now()) {
    try {
        for (const auto& app : m_operations.gone()) {
            m_services.state.forget_tellings_of(app);
            m_operations.forget(app);
        }
    } catch (const base::Error& error) {
        warn("", error.message());
    }
}

void Notifier::note(const ReconcileReport& report) {
    if (!report.status) return;
    std::deque<Seen> seen;
    const auto ended = report.status->state.phase != "Running";
    if (auto operation = m_operations.news_in(report); operation && ended) {  // it ran while nobody was looking
        auto running = *report.status;
        running.state.phase = "Running";
        running.state.message.clear();
        running.state.finished_at.reset();
        seen.push_back({report.app, subject_of(m_services, running, report.shown), std::move(operation)});
    }
    const auto shown = operation_in(report);
    seen.push_back({report.app, subject_of(m_services, *report.status, report.shown), shown});
    if (shown) m_operations.see(report.app, *shown);  // a courier that is slow must not have it queued by each pass
    {
        const std::scoped_lock guard(m_mutex);
        for (auto& each : seen) m_noted.push_back(std::move(each));
        while (m_noted.size() > k_most_noted) m_noted.pop_front();
    }
    m_changed.notify_one();
}

void Notifier::run(std::stop_token stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock guard(m_mutex);
            m_changed.wait_for(guard, stop, k_look_for_deletions, [&] { return !m_noted.empty(); });
        }
        tell_all(stop);
    }
}

void Notifier::tell_all(std::stop_token stop) {
    try {
        tell_noted(stop);
        tell_deletions(stop);
    } catch (const base::Error& error) {
        if (error.code() == base::Code::cancelled) throw;
        warn("", error.message());  // the state database is busy: the next turn goes on
    }
}

void Notifier::tell_noted(std::stop_token stop) {
    while (!stop.stop_requested()) {
        Seen next;
        {
            const std::scoped_lock guard(m_mutex);
            if (m_noted.empty()) break;
            next = std::move(m_noted.front());
            m_noted.pop_front();
        }
        next.subject.now = m_services.clock.now();
        tell(next, stop);
        // Written down between the two: who dies before tells again what was told and is not repeated, who dies after goes on.
        try {
            if (next.operation) m_operations.keep(next.app, *next.operation);
            else m_operations.keep_known(next.app);
        } catch (const base::Error& error) {
            warn(next.app, error.message());
        }
        m_last[next.app] = std::move(next);
    }
}

void Notifier::tell(const Seen& seen, std::stop_token stop) {
    const auto found = notify::occasions_of(m_catalog, seen.subject);
    for (const auto& problem : found.problems) warn(seen.app, problem);
    for (const auto& occasion : found.items) {
        try {
            if (occasion.holds) tell_letters(seen, occasion, stop);
            else if (!occasion.is_lasting)
                for (const auto& name : occasion.templates) m_services.state.forget_telling(topic_of(seen.app, occasion), name);
        } catch (const base::Error& error) {
            if (error.code() == base::Code::cancelled) return;
            warn(seen.app, error.message());
        }
    }
}

void Notifier::tell_letters(const Seen& seen, const notify::Occasion& occasion, std::stop_token stop) {
    for (const auto& name : occasion.templates) {
        const auto topic = topic_of(seen.app, occasion);
        const auto event = occasion.is_lasting ? name + " " + occasion.once : name;
        if (!m_services.state.begin_telling(topic, event, m_services.clock.now(), k_patience)) continue;
        m_courier.deliver(notify::letter_of(m_catalog, occasion, name, seen.subject), stop);
        m_services.state.end_telling(topic, event, m_services.clock.now());
        m_services.events.emit({base::Level::info, "notify", seen.app,
                                "told " + occasion.recipient.service +
                                    (occasion.recipient.address.empty() ? "" : ":" + occasion.recipient.address) + " of " + occasion.trigger,
                                {}});
    }
}

void Notifier::tell_deletions(std::stop_token stop) {
    if (m_last.empty()) return;
    const auto names = m_services.state.application_names();
    for (auto it = m_last.begin(); it != m_last.end();) {
        if (std::ranges::binary_search(names, it->first)) {
            ++it;
            continue;
        }
        auto gone = it->second;
        gone.subject.now = m_services.clock.now();
        gone.subject.app.at("metadata").set("deletionTimestamp", base::to_rfc3339(gone.subject.now));
        tell(gone, stop);
        m_operations.forget(it->first);
        m_services.state.forget_tellings_of(it->first);
        it = m_last.erase(it);
    }
}

void Notifier::warn(const std::string& app, const std::string& text) {
    if (!m_warned.insert(app + "\n" + text).second) return;
    m_services.events.emit({base::Level::warning, "notify", app, text, {}});
}

}  // namespace gitops::app
