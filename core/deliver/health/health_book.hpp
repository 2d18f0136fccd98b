// The rules of health a process goes by: users' own scripts first, then the built-in ones.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/source.hpp"
#include "core/deliver/health/health.hpp"

namespace gitops::deliver {

/// A health script in Lua 5.1, as Argo CD runs them: it sees the object as `obj` and returns {status, message}.
struct HealthScript {
    std::string group;   ///< "" for the core group; '*' stands for any text
    std::string kind;    ///< '*' likewise
    std::string text;
    std::string origin;  ///< where it stands, for messages: "resource_customizations/x.io/Thing/health.lua"
};
inline constexpr std::size_t k_max_health_script = 1UL << 20;  ///< bytes
inline constexpr std::size_t k_max_health_scripts = 10'000;

/// A value, cheap to copy, that several threads may ask at once. Without scripts it judges as health_of().
class HealthBook {
  public:
    HealthBook() = default;
    /// The exact group and kind wins, then the first wildcard in the order given. Of two scripts for the same kind the
    /// first counts. Error(invalid) for one that is too long. `clock` times the scripts and lives as long as the book.
    HealthBook(std::vector<HealthScript> scripts, const base::Clock& clock);

    /// health_of(), unless a script is there for the object's kind. An object that is being deleted is Progressing
    /// whatever a script would say. A script that fails, takes too long or returns no known status: Unknown, and why.
    /// One that returns nil says that the object has no health.
    std::optional<Health> judge(const doc::Value& live) const;
    /// can_have_health(), or there is a script.
    bool can_judge(const kube::Gvk& gvk) const;
    bool empty() const { return m_pages == nullptr; }
    /// The same for a cluster where no operator runs: what nobody has written a status for, and no script judges, has no
    /// health, as nobody ever will.
    HealthBook without_operators() const;

  private:
    struct Pages;
    enum class Operators { expected, absent };
    std::shared_ptr<const Pages> m_pages;
    Operators m_operators = Operators::expected;
};

/// The script of a setting `resource.customizations.health.GROUP_KIND`, given what follows that prefix; a name without '_'
/// is a kind of the core group.
HealthScript health_script_of_setting(std::string_view group_kind, std::string text, std::string origin);

/// The scripts of a folder in Argo CD's layout: GROUP/KIND/health.lua, KIND/health.lua for the core group; '_' in a
/// folder's name stands for any text. Other files are none of ours. Error(invalid) for too many or too long ones.
std::vector<HealthScript> health_scripts_in(const base::FileTree& tree, std::string_view origin);

}  // namespace gitops::deliver
