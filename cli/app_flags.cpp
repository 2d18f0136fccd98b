#include "cli/app_flags.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/arguments.hpp"

namespace gitops::cli {

namespace {

void add_text(CLI::App& parser, const std::string& names, std::optional<std::string>& target, const std::string& type,
              const std::string& text) {
    parser
        .add_option_function<std::string>(
            names, [&target](const std::string& given) { target = given; }, text)
        ->type_name(type);
}

void add_number(CLI::App& parser, const std::string& names, std::optional<int>& target, const std::string& text) {
    parser
        .add_option_function<int>(
            names, [&target](const int& given) { target = given; }, text)
        ->type_name("N");
}

/// --flag and --flag=false
void add_choice(CLI::App& parser, const std::string& name, std::optional<bool>& target, const std::string& text) {
    parser.add_flag_function(
        name, [&target](std::int64_t count) { target = count > 0; }, text);
}

void declare_helm_flags(CLI::App& parser, app::ApplicationChange& change) {
    add_text(parser, "--helm-chart", change.chart, "NAME", "chart of a chart repository, instead of --path");
    add_text(parser, "--release-name", change.release_name, "NAME", "name of the release (default: the application's)");
    add_text(parser, "--helm-namespace", change.helm_ns, "NS", "namespace for helm (default: the destination's)");
    add_repeated(parser, "--values", change.value_files, "FILE", "values of the chart: path, glob, $ref/path or URL; !FILE removes it");
    add_repeated(parser, "--helm-set", change.helm_parameters, "K=V", "value over those of the files; !K removes it");
    add_repeated(parser, "--helm-set-string", change.helm_string_parameters, "K=V", "the same, always a string");
    add_repeated(parser, "--helm-set-file", change.helm_file_parameters, "K=FILE", "value from a file; !K removes it");
    add_choice(parser, "--helm-skip-crds", change.skip_crds, "leave out the chart's crds/");
    add_choice(parser, "--ignore-missing-value-files", change.ignore_missing_value_files, "pass over values that are not there");
}

}  // namespace

void declare_app_flags(CLI::App& parser, AppFlags& flags) {
    app::ApplicationChange& change = flags.change;
    add_text(parser, "--repo", change.repo_url, "URL", "Git repository: https, ssh, file or a local path");
    add_text(parser, "--path", change.path, "DIR", "folder in the repository");
    add_text(parser, "--revision", change.revision, "REV", "branch, tag, commit or semver range (default HEAD)");
    add_text(parser, "--dest-cluster,--dest-name", change.cluster, "NAME",
             "cluster it goes to (default: the current one)");
    add_text(parser, "--dest-server", change.server, "URL", "the same as Argo CD's address of an API server");
    add_text(parser, "--dest-namespace", change.ns, "NS", "namespace for objects that name none");
    add_text(parser, "--project", change.project, "NAME", "project (default: default)");
    add_value(parser, "--sync-policy", flags.sync_policy, "POLICY", "manual or automated")
        ->check(CLI::IsMember({"manual", "none", "automated", "automatic", "auto"}));
    add_choice(parser, "--auto-prune", change.auto_prune, "automated: delete what left Git");
    add_choice(parser, "--self-heal", change.self_heal, "automated: undo changes made by hand");
    add_choice(parser, "--allow-empty", change.allow_empty, "automated: also when Git renders nothing");
    add_repeated(parser, "--sync-option", change.sync_options, "K=V", "as CreateNamespace=true; !K removes it");
    add_number(parser, "--sync-retry-limit", change.retry_limit, "retries of a failed sync; negative: without end");
    add_number(parser, "--revision-history-limit", change.history_limit, "deployments to remember (10)");
    add_repeated(parser, "--label", change.labels, "K=V", "label of the application; !K removes it");
    add_repeated(parser, "--annotations", change.annotations, "K=V", "annotation of the application; !K removes it");
    add_choice(parser, "--directory-recurse", change.recurse, "plain folders: their subfolders too");
    add_text(parser, "--directory-include", change.include, "GLOB", "plain folders: only these files");
    add_text(parser, "--directory-exclude", change.exclude, "GLOB", "plain folders: not these files");
    add_repeated(parser, "--kustomize-image", change.images, "IMAGE",
                 "as web=registry.example.com/web:v2; !web removes it");
    add_repeated(parser, "--replicas,--kustomize-replica", change.replicas, "NAME=N",
                 "number of replicas; !NAME removes it");
    add_text(parser, "--name-prefix,--nameprefix", change.name_prefix, "TEXT",
             "in front of every name; empty removes it");
    add_text(parser, "--name-suffix,--namesuffix", change.name_suffix, "TEXT", "behind every name; empty removes it");
    add_text(parser, "--kustomize-namespace", change.kustomize_ns, "NS",
             "namespace of every object; empty removes it");
    add_repeated(parser, "--kustomize-common-label", change.common_labels, "K=V",
                 "label on every object; !K removes it");
    add_repeated(parser, "--kustomize-common-annotation", change.common_annotations, "K=V",
                 "annotation on every object; !K removes it");
    declare_helm_flags(parser, change);
    add_number(parser, "--source-position", change.source_position, "which of several sources is meant, from 1");
}

app::ApplicationChange change_of(const AppFlags& flags) {
    app::ApplicationChange change = flags.change;
    if (!flags.sync_policy.empty()) change.automated = flags.sync_policy.starts_with("auto");
    return change;
}

}  // namespace gitops::cli
