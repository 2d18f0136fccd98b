#include "core/render/render.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/local_folder.hpp"
#include "cli/output/manifest_files.hpp"
#include "cli/print.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/git.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string path = ".";
    std::string repo;
    std::string revision;
    std::string ns;
    std::string output_dir;
    std::string include;
    std::string exclude;
    bool recurse = false;
};

render::Rendered rendered(Env& env, const Options& options) {
    render::Request request;
    request.destination_namespace = options.ns;
    request.directory = {options.recurse, options.include, options.exclude};
    if (options.repo.empty()) {
        if (!options.revision.empty()) {
            UsageError error("--revision needs --repo");
            error.hint("gitopsctl render PATH --repo URL --revision " + options.revision);
            throw error;
        }
        const LocalFolder folder = open_local_folder(options.path, Jail::work_tree);
        request.path = folder.path;
        try {
            return render::render(*folder.tree, request);
        } catch (const base::Error& error) {
            throw placed_on_disk(error, folder);
        }
    }
    const auto repo = env.open_repo(env.stored_url(options.repo));
    repo->fetch();
    const auto tree = repo->tree(repo->resolve(options.revision).sha);
    const auto path = base::normalise_path(options.path);
    if (!path) throw base::Error(base::Code::invalid, "path '" + options.path + "' leaves the repository");
    request.path = *path;
    return render::render(*tree, request);
}

int run(Env& env, const Options& options) {
    const render::Rendered result = rendered(env, options);
    for (const std::string& warning : result.warnings) warn(env, warning);
    std::vector<doc::Value> objects;
    objects.reserve(result.manifests.size());
    for (const kube::Manifest& manifest : result.manifests) objects.push_back(manifest.object);
    if (!options.output_dir.empty()) {
        write_manifest_files(options.output_dir, objects);
        tell(env, base::count_of(objects.size(), "file") + " written to " + options.output_dir);
    } else {
        print_objects(env, std::move(objects));
    }
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_optional(parser, "PATH", options->path, "folder on disk, or in the repository with --repo (default .)");
    add_value(parser, "--repo", options->repo, "URL", "render from this Git repository");
    add_value(parser, "--revision", options->revision, "REV", "branch, tag, commit or semver range (default HEAD)");
    add_value(parser, "-n,--namespace", options->ns, "NS", "namespace for objects that name none");
    add_switch(parser, "--recurse", options->recurse, "plain folders: their subfolders too");
    add_value(parser, "--include", options->include, "GLOB", "plain folders: only these files");
    add_value(parser, "--exclude", options->exclude, "GLOB", "plain folders: not these files");
    add_value(parser, "--output-dir", options->output_dir, "DIR", "one file per object instead of standard output");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_render(Commands& commands) {
    commands.push_back({
        .path = "render",
        .summary = "Print the manifests of a folder: plain YAML or a kustomization.",
        .examples = "gitopsctl render overlays/prod\n"
                    "gitopsctl render overlays/prod -o json\n"
                    "gitopsctl render overlays/prod --repo https://example.com/team/app.git --revision v1.2.0",
        .exits = "0  rendered\n"
                 "2  the folder is missing or its content is wrong",
        .declare = declare,
    });
}

}  // namespace gitops::cli
