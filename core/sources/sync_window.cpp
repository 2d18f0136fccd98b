#include "core/sources/sync_window.hpp"

#include <algorithm>

#include "core/base/glob.hpp"
#include "core/base/text.hpp"

namespace gitops::sources {

namespace {

using base::Time;
using std::chrono::seconds;

constexpr int k_most_changes_ahead = 2000;

bool any_matches(const std::vector<std::string>& globs, const std::string& text) {
    return std::ranges::any_of(globs, [&](const std::string& glob) { return base::glob_match(glob, text, base::GlobMode::name); });
}

std::vector<const SyncWindow*> those_that_concern(const std::vector<SyncWindow>& windows, const WindowSubject& subject) {
    std::vector<const SyncWindow*> found;
    for (const auto& window : windows)
        if (concerns(window, subject)) found.push_back(&window);
    return found;
}

WindowVerdict blocked_by(std::vector<const SyncWindow*> blocking) {
    WindowVerdict verdict;
    const bool manual = std::ranges::all_of(blocking, &SyncWindow::manual_sync);
    verdict.permission = manual ? Permission::manual_only : Permission::denied;
    std::vector<std::string> texts;
    for (const auto* window : blocking)
        texts.push_back(std::string(window_kind_name(window->kind)) + " window \"" + window->schedule_text + "\" for " +
                        window->duration_text + (window->zone.empty() ? "" : " in " + window->zone));
    std::ranges::sort(texts);
    const bool denied = blocking.front()->kind == WindowKind::deny;
    verdict.reason = (denied ? "inside the " : "outside the ") + base::join(texts, " and the ");
    verdict.blocking = std::move(blocking);
    return verdict;
}

WindowVerdict judge(const std::vector<const SyncWindow*>& windows, Time now, const base::TimeZones& zones) {
    std::vector<const SyncWindow*> open_denies, closed_allows;
    bool any_open_allow = false;
    for (const auto* window : windows) {
        const bool open = is_open(*window, now, zones);
        if (window->kind == WindowKind::deny && open) open_denies.push_back(window);
        if (window->kind == WindowKind::allow && open) any_open_allow = true;
        if (window->kind == WindowKind::allow && !open) closed_allows.push_back(window);
    }
    if (!open_denies.empty()) return blocked_by(std::move(open_denies));
    if (any_open_allow || closed_allows.empty()) return {};
    return blocked_by(std::move(closed_allows));
}

/// When the window next opens or closes.
std::optional<Time> next_change(const SyncWindow& window, Time now, const base::TimeZones& zones) {
    const auto& zone = zones.zone(window.zone);
    const auto instant = std::chrono::floor<seconds>(now);
    std::optional<Time> soonest;
    if (const auto opens = window.schedule.next(instant, zone)) soonest = Time(*opens);
    const auto length = std::chrono::ceil<seconds>(window.duration);
    if (const auto opened = window.schedule.last(instant, instant - length, zone)) {
        const Time closes = Time(*opened) + window.duration;
        if (closes > now && (!soonest || closes < *soonest)) soonest = closes;
    }
    return soonest;
}

}  // namespace

std::string_view window_kind_name(WindowKind kind) {
    switch (kind) {
        case WindowKind::allow: return "allow";
        case WindowKind::deny: return "deny";
    }
    return "deny";
}

std::string_view permission_text(Permission permission) {
    switch (permission) {
        case Permission::allowed: return "Sync Allowed";
        case Permission::manual_only: return "Manual Allowed";
        case Permission::denied: return "Sync Denied";
    }
    return "Sync Denied";
}

bool concerns(const SyncWindow& window, const WindowSubject& subject) {
    struct List {
        bool given, matches;
    };
    const bool by_cluster = std::ranges::any_of(subject.clusters, [&](const auto& name) { return any_matches(window.clusters, name); });
    const List lists[] = {{!window.applications.empty(), any_matches(window.applications, subject.application)},
                          {!window.namespaces.empty(), any_matches(window.namespaces, subject.ns)},
                          {!window.clusters.empty(), by_cluster}};
    const bool any = std::ranges::any_of(lists, &List::matches);
    if (!window.needs_all_lists) return any;
    return any && std::ranges::all_of(lists, [](const List& list) { return !list.given || list.matches; });
}

bool is_open(const SyncWindow& window, Time now, const base::TimeZones& zones) {
    const auto instant = std::chrono::floor<seconds>(now);
    const auto earliest = instant - std::chrono::ceil<seconds>(window.duration);
    const auto opened = window.schedule.last(instant, earliest, zones.zone(window.zone));
    return opened && now < Time(*opened) + window.duration;
}

bool WindowVerdict::permits(Starter starter) const {
    switch (permission) {
        case Permission::allowed: return true;
        case Permission::manual_only: return starter == Starter::person;
        case Permission::denied: return false;
    }
    return false;
}

WindowVerdict judge(const std::vector<SyncWindow>& windows, const WindowSubject& subject, Time now, const base::TimeZones& zones) {
    return judge(those_that_concern(windows, subject), now, zones);
}

bool may_go_on(const std::vector<SyncWindow>& windows, const WindowSubject& subject, Starter starter, Time began,
               Time now, const base::TimeZones& zones) {
    const auto concerned = those_that_concern(windows, subject);
    const auto verdict = judge(concerned, now, zones);
    if (verdict.permits(starter)) return true;
    if (!judge(concerned, began, zones).permits(starter)) return false;
    bool any = false;
    for (const auto* window : verdict.blocking) {
        if (window->kind == WindowKind::allow && !is_open(*window, began, zones)) continue;
        if (!window->overrun) return false;
        any = true;
    }
    return any;
}

std::optional<Time> next_permission(const std::vector<SyncWindow>& windows, const WindowSubject& subject, Starter starter,
                                    Time now, const base::TimeZones& zones) {
    const auto concerned = those_that_concern(windows, subject);
    for (int i = 0; i < k_most_changes_ahead; ++i) {
        std::optional<Time> soonest;
        for (const auto* window : concerned) {
            const auto change = next_change(*window, now, zones);
            if (change && (!soonest || *change < *soonest)) soonest = change;
        }
        if (!soonest) return std::nullopt;
        now = *soonest;
        if (judge(concerned, now, zones).permits(starter)) return now;
    }
    return std::nullopt;
}

}  // namespace gitops::sources
