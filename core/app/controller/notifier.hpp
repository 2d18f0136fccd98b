// Notifier tells people what became of applications: each event once, whatever restarts between (argocd.md 8).
//
// Overview: note() takes what the controller saw and returns at once; run() looks for occasions in the order of what was
// noted, writes down in state.db that it begins, hands the letter to the courier, and writes down that it was told. Who dies
// in between is repeated after a minute with the same id, by which the other side can tell; who is told is not told again.
// Every operation was running once, also one of another process that had ended before anybody looked: what is told whenever an
// operation ends is told of each.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

#include "core/app/controller/controller.hpp"
#include "core/app/controller/operations_seen.hpp"
#include "core/notify/letter.hpp"

namespace gitops::app {

class Notifier {
  public:
    Notifier(const Services& services, notify::Catalog catalog, notify::Courier& courier);

    /// Never blocks on a courier. May be called from any thread.
    void note(const ReconcileReport& report);
    /// Until stopped: tells what was noted, and that applications were deleted.
    void run(std::stop_token stop);
    /// Tells what is noted now, without waiting for more. Only Error(cancelled): what else goes wrong is a warning.
    void tell_all(std::stop_token stop);

  private:
    struct Seen {
        std::string app;
        notify::Subject subject{};
        std::optional<OperationMark> operation{};  ///< that it shows
    };

    void tell_noted(std::stop_token stop);
    void tell(const Seen& seen, std::stop_token stop);
    void tell_letters(const Seen& seen, const notify::Occasion& occasion, std::stop_token stop);
    void tell_deletions(std::stop_token stop);
    void warn(const std::string& app, const std::string& text);

    const Services& m_services;
    notify::Catalog m_catalog;
    notify::Courier& m_courier;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<Seen> m_noted;
    OperationsSeen m_operations;
    std::map<std::string, Seen> m_last;            ///< what run() saw last of each application
    std::set<std::string> m_warned;                ///< problems of the configuration, each told once
};

}  // namespace gitops::app
