#include "core/deliver/health/health.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/health_scripts.hpp"
#include "cli/home_settings.hpp"
#include "cli/input.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

using deliver::HealthStatus;

bool is_bad(const std::optional<deliver::Health>& health) {
    return health && (health->status == HealthStatus::degraded || health->status == HealthStatus::missing);
}

/// Nothing is applied here: what has no name can be judged, too.
void require_kind(const kube::Manifest& manifest) {
    for (const char* field : {"apiVersion", "kind"})
        if (manifest.object.text_at(field).empty())
            throw base::Error(base::Code::invalid, std::string("an object has no ") + field)
                .at({manifest.file, static_cast<int>(manifest.object.line())});
}

struct Options {
    std::string file, scripts;
};

int run(Env& env, const Options& options) {
    const auto settings = home_settings(env.home_path(), env.events());
    const deliver::HealthBook book =
        health_book(env, options.scripts, settings ? settings->health : std::vector<deliver::HealthScript>{});
    Listing listing;
    listing.table = Table({"GROUP", "KIND", "NAMESPACE", "NAME", "HEALTH", "MESSAGE"});
    bool bad = false;
    // Of two equal keys the last one counts, as for everything that reads objects only to look at them.
    for (const kube::Manifest& manifest : read_objects(options.file, doc::DuplicateKeys::last_wins)) {
        require_kind(manifest);
        const kube::ResourceKey key = kube::key_of(manifest.object);
        const std::optional<deliver::Health> health = book.judge(manifest.object);
        bad = bad || is_bad(health);
        doc::Value item = key_value(key);
        item.set("health", health_value(health));
        listing.items.push_back(std::move(item));
        listing.table.add(
            {key.group, key.kind, key.ns, key.name, health_cell(health), health ? health->message : ""});
        listing.names.push_back(key.text());
    }
    print_listing(env, listing);
    return bad ? 1 : 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-f,--filename", options->file, "FILE", "objects as YAML or JSON; a folder, or - for standard input")
        ->required();
    add_value(parser, "--health-scripts", options->scripts, "DIR",
              "own health scripts in Lua, as DIR/GROUP/KIND/health.lua; they come before the built-in rules");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_health(Commands& commands) {
    commands.push_back({
        .path = "health",
        .summary = "Judge the health of every object in a file or pipe, as Argo CD does.",
        .examples = "kubectl get deployments,pods -o json | gitopsctl health -f -\n"
                    "gitopsctl health -f live.yaml -o json\n"
                    "gitopsctl health -f live.yaml --health-scripts resource_customizations",
        .exits = "0  none is Degraded or Missing\n"
                 "1  at least one is\n"
                 "2  the input cannot be read",
        .declare = declare,
    });
}

}  // namespace gitops::cli
