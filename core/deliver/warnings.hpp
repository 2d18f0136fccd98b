// The Warning Events of one namespace, by the object they are about.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::deliver {

class Warnings {
  public:
    explicit Warnings(const std::vector<doc::Value>& events);

    /// The latest warning about `object` as "Unhealthy: Readiness probe failed: ...", "" when there is none since
    /// `since` (RFC 3339; "" for ever). An Event of an earlier object of the same name does not count.
    std::string about(const doc::Value& object, std::string_view since = {}) const;
    /// The same about objects of `kind` whose name is accepted.
    std::string about_any(std::string_view kind, const std::function<bool(std::string_view)>& is_one, std::string_view since = {}) const;

  private:
    struct Warning {
        std::string name, uid, at, text;
    };
    std::map<std::string, std::vector<Warning>, std::less<>> m_by_kind;
};

}  // namespace gitops::deliver
