#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    std::string until;
    std::string reason;
};

/// A time, or a span from now.
std::optional<base::Time> end_of(Env& env, const std::string& until) {
    if (until.empty()) return std::nullopt;
    if (const auto time = base::parse_rfc3339(until)) return time;
    try {
        return env.clock().now() + base::parse_duration(until);
    } catch (const base::Error&) {
        throw UsageError("--until: '" + until + "' is neither a time as 2026-12-24T18:00:00Z nor a span as 2h");
    }
}

int run(Env& env, const Options& options) {
    const std::string instance = app::application_of(env.services(), options.name).instance;
    const std::optional<base::Time> end = end_of(env, options.until);
    if (end && *end <= env.clock().now()) throw UsageError("--until: " + base::to_rfc3339(*end) + " is over already");
    const std::string until = end ? " until " + base::to_rfc3339(*end) : std::string();
    audited(env, {"suspend", options.name, "", options.reason}, [&] {
        env.state().update_state(instance, [&](app::AppState& state) {
            state.suspended = true;
            state.suspended_until = end;
            state.suspend_reason = options.reason;
        });
        return until.empty() ? std::string() : until.substr(1);
    });
    print_text(env, "application " + options.name + " suspended" + until + ": nothing is synced automatically\n");
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "the application");
    add_value(parser, "--until", options->until, "TIME", "2026-12-24T18:00:00Z, or a span from now: 2h");
    add_value(parser, "-m,--reason", options->reason, "TEXT", "why; shown in its status and kept in the audit log");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_suspend(Commands& commands) {
    commands.push_back({
        .path = "app suspend",
        .summary = "Hold automatic syncing and self-healing of an application.",
        .examples = "gitopsctl app suspend web --reason \"database migration\"\n"
                    "gitopsctl app suspend web --until 2h",
        .exits = "0  held\n"
                 "2  there is no such application",
        .declare = declare,
    });
}

}  // namespace gitops::cli
