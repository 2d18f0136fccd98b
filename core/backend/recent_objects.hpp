// RecentObjects keeps the last few objects that a server answered one by one, to tell whether an apply changed one: the
// server itself tells only that the object is another than before, which a controller may have done meanwhile.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "core/doc/value.hpp"

namespace gitops::backend {

/// Safe to use from many threads.
class RecentObjects {
  public:
    void keep(const std::string& path, const doc::Value& object);
    void drop(const std::string& path);
    std::optional<doc::Value> find(const std::string& path) const;

  private:
    mutable std::mutex m_mutex;
    std::deque<std::pair<std::string, doc::Value>> m_objects;  ///< newest last
};

/// Whether applying `config` turned `before` into another object `after`, apart from what others did to it meanwhile.
bool is_changed_by_apply(const doc::Value& before, const doc::Value& after, const doc::Value& config,
                         std::string_view manager);

}  // namespace gitops::backend
