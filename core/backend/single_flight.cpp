#include "core/backend/single_flight.hpp"

namespace gitops::backend {

using base::Code;
using base::Error;

SingleFlight::Done SingleFlight::run(const std::string& key, const std::stop_token& stop, const std::function<void()>& work) {
    {
        std::unique_lock lock(m_mutex);
        const auto [at, is_first] = m_flights.try_emplace(key);
        if (!is_first) {
            const std::shared_ptr<Flight> flight = at->second;
            if (!m_changed.wait(lock, stop, [&] { return flight->landed; }))
                throw Error(Code::cancelled, "stopped while waiting for an answer");
            if (flight->failure && flight->failure->code() != Code::cancelled) throw Error(*flight->failure);
            return Done::elsewhere;
        }
        at->second = std::make_shared<Flight>();
    }
    try {
        work();
    } catch (const Error& error) {
        land(key, error);
        throw;
    } catch (const std::exception& error) {
        land(key, Error(Code::internal, error.what()));  // the others must not wait for ever
        throw;
    }
    land(key, std::nullopt);
    return Done::here;
}

void SingleFlight::land(const std::string& key, std::optional<Error> failure) {
    {
        const std::lock_guard lock(m_mutex);
        const auto at = m_flights.find(key);
        at->second->landed = true;
        at->second->failure = std::move(failure);
        m_flights.erase(at);
    }
    m_changed.notify_all();
}

}  // namespace gitops::backend
