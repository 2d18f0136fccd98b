#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/app_flags.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "cli/register_apps.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string name;
    std::string file;
    AppFlags flags;
    bool upsert = false;
};

doc::Value document_of(Env& env, const Options& options) {
    app::require_name(options.name, "application");
    app::ApplicationChange change = change_of(options.flags);
    if (!change.repo_url || change.repo_url->empty()) throw UsageError("--repo is missing");
    const bool names_chart = change.chart.has_value() || change.repo_url->starts_with("oci://");
    if (!change.path && !names_chart) throw UsageError("--path is missing");
    // The current cluster by name: `cluster use` must not move applications that are deployed.
    if (!change.cluster && !change.server) change.cluster = env.cluster_name();
    return app::edited(app::new_application_document(options.name), change);
}

std::vector<kube::Manifest> definitions(Env& env, const Options& options) {
    if (options.file.empty() == options.name.empty())
        throw UsageError("give a NAME with --repo and --path, or a file with -f");
    if (options.name.empty()) {
        if (!change_of(options.flags).empty())
            throw UsageError("-f takes everything from the file: other flags describe an application by NAME");
        return read_definitions(options.file);
    }
    return {{document_of(env, options), ""}};
}

int run(Env& env, const Options& options) {
    Listing listing;
    for (const Registered& done : register_applications(env, definitions(env, options),
                                                        options.upsert ? Existing::replace : Existing::refuse)) {
        doc::Value item = doc::Value::map();
        item.set("name", done.name);
        item.set("result", done.result);
        listing.items.push_back(std::move(item));
        listing.names.push_back(done.name);
        if (!wants_document(env) && env.format() != Format::name)
            print_text(env, "application " + done.name + " " + done.result + "\n");
    }
    if (wants_document(env) || env.format() == Format::name) print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_optional(parser, "NAME", options->name, "name of the application");
    add_value(parser, "-f,--file", options->file, "FILE",
              "Argo CD's Application YAML: a file, a folder, or - for standard input");
    add_switch(parser, "--upsert", options->upsert, "change the application when it exists already");
    declare_app_flags(parser, options->flags);
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_app_create(Commands& commands) {
    commands.push_back({
        .path = "app create",
        .summary = "Register an application: a folder in Git and the cluster it goes to.",
        .examples = "gitopsctl app create web --repo https://example.com/team/app.git --path overlays/prod "
                    "--dest-namespace prod\n"
                    "gitopsctl app create web --repo . --path overlays/dev --sync-policy automated --self-heal "
                    "--sync-option CreateNamespace=true\n"
                    "gitopsctl app create db --repo https://charts.example.com --helm-chart postgres --revision '^15.0' "
                    "--helm-set replicas=2\n"
                    "gitopsctl app create -f application.yaml --upsert",
        .exits = "0  registered, or already there and the same\n"
                 "2  the name is taken or the definition is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
