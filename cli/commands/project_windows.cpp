#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"
#include "core/app/project/project.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

std::string list_text(const std::vector<std::string>& list) { return list.empty() ? "-" : base::join(list, ","); }
std::string switch_text(bool on) { return on ? "Enabled" : "Disabled"; }

doc::Value list_value(const std::vector<std::string>& list) {
    doc::Value value = doc::Value::list();
    for (const std::string& text : list) value.push_back(text);
    return value;
}

/// When the schedule next says so, open or not.
std::optional<base::Time> next_opening(const sources::SyncWindow& window, base::Time now, const base::TimeZones& zones) {
    const auto next = window.schedule.next(std::chrono::floor<std::chrono::seconds>(now), zones.zone(window.zone));
    return next ? std::optional(base::Time(*next)) : std::nullopt;
}

doc::Value window_value(const sources::SyncWindow& window, std::size_t id, bool open, std::optional<base::Time> next) {
    doc::Value value = doc::Value::map();
    value.set("id", static_cast<std::int64_t>(id));
    value.set("active", open);
    value.set("kind", sources::window_kind_name(window.kind));
    value.set("schedule", window.schedule_text);
    value.set("duration", window.duration_text);
    value.set("timeZone", window.zone.empty() ? "UTC" : window.zone);
    value.set("applications", list_value(window.applications));
    value.set("namespaces", list_value(window.namespaces));
    value.set("clusters", list_value(window.clusters));
    value.set("manualSync", window.manual_sync);
    value.set("syncOverrun", window.overrun);
    value.set("andOperator", window.needs_all_lists);
    value.set("description", text_or_null(window.description));
    value.set("nextOpening", time_value(next));
    return value;
}

int run(Env& env, const std::string& name) {
    const sources::AppProject project = app::project_named(env.state(), name);
    const auto zones = base::TimeZones::of_system();
    const base::Time now = env.clock().now();
    Listing listing{.table = Table({"ID", "STATUS", "KIND", "SCHEDULE", "DURATION", "APPLICATIONS", "NAMESPACES", "CLUSTERS",
                                    "MANUALSYNC", "SYNCOVERRUN", "TIMEZONE", "USEANDOPERATOR"}),
                    .nothing = "no sync windows"};
    for (std::size_t id = 0; id < project.windows.size(); ++id) {
        const sources::SyncWindow& window = project.windows[id];
        const bool open = sources::is_open(window, now, zones);
        listing.items.push_back(window_value(window, id, open, next_opening(window, now, zones)));
        listing.names.push_back(std::to_string(id));
        listing.table.add({std::to_string(id), open ? "Active" : "Inactive", std::string(sources::window_kind_name(window.kind)),
                           window.schedule_text, window.duration_text, list_text(window.applications), list_text(window.namespaces),
                           list_text(window.clusters), switch_text(window.manual_sync), switch_text(window.overrun),
                           window.zone.empty() ? "UTC" : window.zone, switch_text(window.needs_all_lists)});
    }
    print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto name = std::make_shared<std::string>();
    add_required(parser, "NAME", *name, "the project");
    return [name](Env& env) { return run(env, *name); };
}

}  // namespace

void register_project_windows(Commands& commands) {
    commands.push_back({
        .path = "project windows",
        .summary = "List the sync windows of a project, and whether each is active now.",
        .examples = "gitopsctl project windows team-a\n"
                    "gitopsctl project windows team-a -o json",
        .exits = "0  listed, also when there are none\n"
                 "2  there is no such project, or a time zone is not known",
        .declare = declare,
    });
}

}  // namespace gitops::cli
