#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <filesystem>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/local_folder.hpp"
#include "cli/output/error_view.hpp"
#include "cli/output/manifest_files.hpp"
#include "cli/print.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/kustomize.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

struct Options {
    std::string folder = ".";
    std::string load_restrictor = "LoadRestrictionsRootOnly";
    std::string reorder;
    std::string output;
    bool enable_helm = false;
};

render::Built built(const Options& options) {
    if (options.enable_helm) {
        throw Error(Code::invalid, "--enable-helm: Helm charts are not rendered by this version")
            .hint("render the chart with `helm template` and list the result under resources");
    }
    if (options.folder.find("://") != std::string::npos || options.folder.find("?ref=") != std::string::npos) {
        throw Error(Code::invalid, "remote targets are not fetched by kustomize build: " + options.folder)
            .hint("gitopsctl render PATH --repo URL --revision REV");
    }
    render::BuildOptions build;
    if (options.load_restrictor == "LoadRestrictionsNone") build.load_restrictor = render::LoadRestrictor::none;
    if (!options.reorder.empty())
        build.order = options.reorder == "legacy" ? render::Order::legacy : render::Order::none;
    const LocalFolder folder = open_local_folder(options.folder, Jail::none);
    try {
        return render::build(*folder.tree, folder.path, build);
    } catch (const Error& error) {
        throw placed_on_disk(error, folder);
    }
}

int run(Env& env, const Options& options) {
    try {
        const render::Built result = built(options);
        for (const std::string& warning : result.warnings) warn(env, warning);
        std::vector<doc::Value> objects;
        objects.reserve(result.manifests.size());
        for (const kube::Manifest& manifest : result.manifests) objects.push_back(manifest.object);
        std::error_code problem;
        if (options.output.empty())
            print_text(env, doc::write_yaml_stream(objects));
        else if (std::filesystem::is_directory(options.output, problem))
            write_manifest_files(options.output, objects);
        else
            write_file(options.output, doc::write_yaml_stream(objects));
        return 0;
    } catch (const Error& error) {
        print_error(error);
        return 1;  // as kustomize does
    }
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_optional(parser, "DIR", options->folder, "folder with a kustomization.yaml (default .)");
    add_value(parser, "-o,--output", options->output, "FILE|DIR", "write there; one file per object into a folder");
    add_value(parser, "--load-restrictor", options->load_restrictor, "WHICH",
              "LoadRestrictionsRootOnly (default) or LoadRestrictionsNone")
        ->check(CLI::IsMember({"LoadRestrictionsRootOnly", "LoadRestrictionsNone"}));
    add_value(parser, "--reorder", options->reorder, "ORDER", "legacy or none; overrides sortOptions")
        ->check(CLI::IsMember({"legacy", "none"}));
    add_switch(parser, "--enable-helm", options->enable_helm, "refused: this version renders no charts");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_kustomize_build(Commands& commands) {
    commands.push_back({
        .path = "kustomize build",
        .summary = "Build a kustomization, byte for byte as `kustomize build` prints it.",
        .examples = "gitopsctl kustomize build overlays/prod\n"
                    "gitopsctl kustomize build overlays/prod -o prod.yaml\n"
                    "gitopsctl kustomize build overlays/prod --load-restrictor LoadRestrictionsNone",
        .exits = "0  built\n"
                 "1  the build failed, as with kustomize",
        .declare = declare,
    });
}

}  // namespace gitops::cli
