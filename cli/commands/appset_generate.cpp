#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <set>

#include "cli/appset_files.hpp"
#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/kube_table.hpp"
#include "cli/print.hpp"
#include "core/app/application.hpp"
#include "core/base/error.hpp"
#include "core/sources/application_set_generate.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string file;
    std::vector<std::string> local_repos;
};

std::string text_at(const doc::Value& document, std::string_view part, std::string_view key) {
    const doc::Value* found = document.path("spec", part, key);
    return found == nullptr ? std::string() : std::string(found->text());
}

/// The first of several sources.
doc::Value source_of(const doc::Value& document) {
    if (const doc::Value* source = document.path("spec", "source")) return *source;
    const doc::Value* sources = document.path("spec", "sources");
    return sources != nullptr && !sources->empty() ? sources->items().front() : doc::Value();
}

std::vector<Cell> row_of(const sources::GeneratedApplication& made, Width width) {
    const doc::Value source = source_of(made.document);
    const doc::Value* project = made.document.path("spec", "project");
    const std::string name = text_at(made.document, "destination", "name");
    const std::string path(source.has("chart") ? source.text_at("chart") : source.text_at("path"));
    const std::string target(source.text_at("targetRevision"));
    std::vector<Cell> row{made.name,
                          project == nullptr ? "default" : std::string(project->text()),
                          name.empty() ? text_at(made.document, "destination", "server") : name,
                          text_at(made.document, "destination", "namespace"),
                          path.empty() ? "." : path,
                          target.empty() ? "HEAD" : target,
                          made.origin};
    if (width == Width::wide) row.emplace_back(std::string(source.text_at("repoURL")));
    return row;
}

/// What registering the application would refuse is told now: the set itself is right, what it makes is not. `told` are the
/// warnings so far: what is wrong with a template is wrong with each of its Applications.
void warn_of(Env& env, const sources::GeneratedApplication& made, const std::string& file, std::set<std::string>& told) {
    std::vector<std::string> warnings;
    try {
        app::read_application(made.document, file, warnings);
    } catch (const base::Error& error) {
        warn(env, "warning: the application from " + made.origin + " cannot be registered: " + error.message());
    }
    for (const std::string& warning : warnings)
        if (told.insert(warning).second) warn(env, "warning: " + made.name + ": " + warning);
}

int run(Env& env, const Options& options) {
    const Width width = env.format() == Format::wide ? Width::wide : Width::normal;
    std::vector<std::string> titles{"NAME", "PROJECT", "CLUSTER", "NAMESPACE", "PATH", "TARGET", "FROM"};
    if (width == Width::wide) titles.emplace_back("REPO");
    Listing listing{.table = Table(std::move(titles)), .nothing = "no applications come out"};
    const sources::SetPorts ports = ports_of(env, options.local_repos);
    for (const sources::ApplicationSet& set : read_sets(env, options.file)) {
        std::set<std::string> told;
        for (const sources::GeneratedApplication& made : sources::generate(set, ports)) {
            warn_of(env, made, set.file, told);
            listing.items.push_back(made.document);
            listing.names.push_back(made.name);
            listing.table.add(row_of(made, width));
        }
    }
    if (wants_document(env)) print_objects(env, std::move(listing.items));
    else print_listing(env, listing);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_value(parser, "-f,--file", options->file, "FILE",
        "Argo CD's ApplicationSet YAML: a file, a folder, or - for standard input")->required();
    add_repeated(parser, "--local-repo", options->local_repos, "URL=DIR", "read this folder in place of the repository");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_appset_generate(Commands& commands) {
    commands.push_back({
        .path = "appset generate",
        .summary = "Print the applications that an ApplicationSet makes, without registering anything.",
        .examples = "gitopsctl appset generate -f set.yaml\n"
                    "gitopsctl appset generate -f set.yaml -o yaml\n"
                    "gitopsctl appset generate -f set.yaml --local-repo https://git.example/team/config.git=.",
        .exits = "0  generated, also when nothing came out\n"
                 "2  the set is wrong, or a generator failed",
        .declare = declare,
    });
}

}  // namespace gitops::cli
