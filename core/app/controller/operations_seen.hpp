// Which operation of each application somebody saw last. What other processes did, a sync by hand above all, is seen as what
// the controller did itself: once, whatever restarts between.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/app/controller/controller.hpp"

namespace gitops::app {

/// What tells one operation from the next.
struct OperationMark {
    std::string started;   ///< RFC 3339 with milliseconds; "" of an application that is known without one
    std::string finished;  ///< "" while it runs
    std::string phase, revision;
    bool operator==(const OperationMark&) const = default;
};

/// The last operation of the report's application; nullopt when there was none.
std::optional<OperationMark> operation_in(const ReconcileReport& report);

/// Safe to use from many threads.
class OperationsSeen {
  public:
    /// `who` sees them; operations before `since` are no news to who never saw the application.
    OperationsSeen(StateDb& state, std::string who, base::Time since);

    /// The operation of the report when it is not the one seen last: that of another process, or of this very pass. One that
    /// was seen running and has ended since is the same.
    std::optional<OperationMark> news_in(const ReconcileReport& report);
    /// It is no news from now on, in this process; who comes after sees it again unless it is kept.
    void see(const std::string& app, const OperationMark& mark);
    /// Writes it down in state.db, for whoever comes after.
    void keep(const std::string& app, const OperationMark& mark);
    /// Writes down that the application is known, when nothing of it was kept yet.
    void keep_known(const std::string& app);
    void forget(const std::string& app);
    /// Applications of which something is kept and that are gone: they were deleted while nobody looked.
    std::vector<std::string> gone() const;

  private:
    std::string name_of(const std::string& app) const { return m_who + " " + app; }
    std::optional<OperationMark> kept(const std::string& app);
    void write(const std::string& app, const OperationMark& mark);

    StateDb& m_state;
    std::string m_who;
    base::Time m_since;
    std::mutex m_mutex;
    std::map<std::string, OperationMark> m_seen;
    std::map<std::string, std::optional<OperationMark>> m_kept;  ///< what state.db says
};

}  // namespace gitops::app
