// Which operation of each application somebody saw last. What other processes did, a sync by hand above all, is seen as what
// the controller did itself: once, whatever restarts between.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/app/controller/controller.hpp"

namespace gitops::app {

/// What tells one operation from the next.
struct OperationMark {
    std::string started;   ///< RFC 3339 with milliseconds
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
    /// Remembers it, in state.db as well.
    void keep(const std::string& app, const OperationMark& mark);
    void forget(const std::string& app);

  private:
    std::optional<OperationMark> last(const std::string& app);

    StateDb& m_state;
    std::string m_who;
    base::Time m_since;
    std::mutex m_mutex;
    std::map<std::string, std::optional<OperationMark>> m_last;
};

}  // namespace gitops::app
