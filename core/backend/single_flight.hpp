#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "core/base/error.hpp"

namespace gitops::backend {

/// The same work, wanted by several threads at once, is done by one of them.
class SingleFlight {
  public:
    enum class Done { here, elsewhere };

    /// Does `work` here; or, while another thread does the work of that key, waits for its end and shares its failure
    /// (but not its being stopped). Error(cancelled) when stopped while waiting.
    Done run(const std::string& key, const std::stop_token& stop, const std::function<void()>& work);

  private:
    struct Flight {
        bool landed = false;
        std::optional<base::Error> failure;
    };
    void land(const std::string& key, std::optional<base::Error> failure);

    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::map<std::string, std::shared_ptr<Flight>> m_flights;
};

}  // namespace gitops::backend
