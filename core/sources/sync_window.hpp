// SyncWindow is a time in which applications of a project may, or may not, be synced.
//
// A window is open in [t, t + duration) for every time t of its schedule; schedules mean local times, see cron.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/cron.hpp"
#include "core/base/time_zone.hpp"

namespace gitops::sources {

enum class WindowKind { allow, deny };
std::string_view window_kind_name(WindowKind kind);  ///< "allow", "deny"

struct SyncWindow {
    WindowKind kind = WindowKind::allow;
    std::string schedule_text;
    base::Cron schedule{"* * * * *"};
    std::string duration_text;
    base::Duration duration{0};
    std::string zone;  ///< "" is UTC
    std::vector<std::string> applications, namespaces, clusters;  ///< globs
    bool manual_sync = false;
    bool needs_all_lists = false;  ///< andOperator
    bool overrun = false;          ///< syncOverrun
    std::string description;
};

/// The application a window is asked about. A cluster may be known under several names and addresses.
struct WindowSubject {
    std::string application;
    std::string ns;
    std::vector<std::string> clusters;
};

bool concerns(const SyncWindow& window, const WindowSubject& subject);
/// Error(not_found) where the window's time zone is not known.
bool is_open(const SyncWindow& window, base::Time now, const base::TimeZones& zones);

enum class Starter { person, automation };
enum class Permission { allowed, manual_only, denied };
std::string_view permission_text(Permission permission);  ///< "Sync Allowed", "Manual Allowed", "Sync Denied"

struct WindowVerdict {
    Permission permission = Permission::allowed;
    std::string reason;           ///< "" when allowed: which windows block, for people
    std::vector<const SyncWindow*> blocking;  ///< of the windows that were judged
    bool permits(Starter starter) const;
};

/// Argo CD's evaluation: an open deny window blocks; else an open allow window permits; else a closed one blocks. A
/// person may sync nevertheless when every blocking window has manualSync.
WindowVerdict judge(const std::vector<SyncWindow>& windows, const WindowSubject& subject, base::Time now, const base::TimeZones& zones);

/// Whether a sync that was permitted when it began at `began` may go on now: it is permitted now, or every window that
/// blocks it now lets begun syncs overrun. Of allow windows those count that were open when it began.
bool may_go_on(const std::vector<SyncWindow>& windows, const WindowSubject& subject, Starter starter, base::Time began,
               base::Time now, const base::TimeZones& zones);

/// The first time after `now` at which `starter` is permitted; nullopt when none is found (bounded work).
std::optional<base::Time> next_permission(const std::vector<SyncWindow>& windows, const WindowSubject& subject,
                                          Starter starter, base::Time now, const base::TimeZones& zones);

}  // namespace gitops::sources
