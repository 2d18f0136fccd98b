#include "core/app/source/application_source.hpp"

#include <algorithm>

#include "core/app/application_fields.hpp"
#include "core/base/error.hpp"
#include "core/base/redact.hpp"
#include "core/base/source.hpp"
#include "core/doc/patch.hpp"

namespace gitops::app {

namespace {

using base::Error;
using doc::FieldsReader;
using doc::Value;

using Warnings = std::vector<std::string>;

render::DirectoryOptions read_directory(FieldsReader reader, Warnings& warnings) {
    render::DirectoryOptions options;
    options.recurse = reader.flag("recurse", false);
    options.include = reader.text("include");
    options.exclude = reader.text("exclude");
    options.every_extension = reader.flag("disableExtensionFilter", false);
    const Value* jsonnet = reader.raw("jsonnet");
    if (jsonnet != nullptr && !jsonnet->empty()) refuse_fields(reader, {"jsonnet"}, "render the jsonnet to YAML and commit the result");
    warn_unknown(reader, warnings);
    return options;
}

render::KustomizeOptions read_kustomize(FieldsReader reader, Warnings& warnings) {
    render::KustomizeOptions options;
    options.name_prefix = reader.text("namePrefix");
    options.name_suffix = reader.text("nameSuffix");
    options.ns = reader.text("namespace");
    options.images = reader.texts("images");
    for (auto& replica : reader.children("replicas")) {
        auto name = replica.text("name");
        auto count = replica.integer("count");
        if (name.empty() || !count || *count < 0 || *count > 1'000'000)
            throw replica.error("count", "expected a name and a count of 0 or more");
        options.replicas.emplace_back(name, static_cast<int>(*count));
    }
    options.common_labels = reader.text_map("commonLabels");
    options.common_annotations = reader.text_map("commonAnnotations");
    options.force_common_labels = reader.flag("forceCommonLabels", false);
    options.force_common_annotations = reader.flag("forceCommonAnnotations", false);
    options.substitutes_annotations = reader.flag("commonAnnotationsEnvsubst", false);
    options.label_without_selector = reader.flag("labelWithoutSelector", false);
    options.label_include_templates = reader.flag("labelIncludeTemplates", false);
    options.components = reader.texts("components");
    options.ignore_missing_components = reader.flag("ignoreMissingComponents", false);
    options.flavour.kube_version = reader.text("kubeVersion");
    options.flavour.api_versions = reader.texts("apiVersions");
    if (const Value* patches = reader.raw("patches")) options.patches = *patches;
    if (reader.raw("version") != nullptr)
        warnings.emplace_back("spec.source.kustomize.version has no effect: kustomizations are built by gitopsctl itself");
    warn_unknown(reader, warnings);
    return options;
}

render::HelmOptions read_helm(FieldsReader reader, Warnings& warnings) {
    render::HelmOptions options;
    options.release_name = reader.text("releaseName");
    options.ns = reader.text("namespace");
    options.kube_version = reader.text("kubeVersion");
    options.api_versions = reader.texts("apiVersions");
    options.value_files = reader.texts("valueFiles");
    options.ignore_missing_value_files = reader.flag("ignoreMissingValueFiles", false);
    options.values = reader.text("values");
    if (const Value* object = reader.raw("valuesObject"); object != nullptr && !object->is_null()) {
        if (!object->is_map()) throw reader.error("valuesObject", "expected a map of values");
        options.values_object = *object;
    }
    for (auto& item : reader.children("parameters")) {
        const auto set_as = item.flag("forceString", false) ? render::SetAs::string : render::SetAs::guessed;
        options.parameters.push_back({item.text("name"), item.text("value"), set_as});
        if (options.parameters.back().name.empty()) throw item.error("name", "a parameter needs a name");
        warn_unknown(item, warnings);
    }
    for (auto& item : reader.children("fileParameters")) {
        options.file_parameters.emplace_back(item.text("name"), item.text("path"));
        if (options.file_parameters.back().first.empty()) throw item.error("name", "a parameter needs a name");
        warn_unknown(item, warnings);
    }
    options.pass_credentials = reader.flag("passCredentials", false);
    options.skip_crds = reader.flag("skipCrds", false);
    options.skip_tests = reader.flag("skipTests", false);
    options.skip_schema_validation = reader.flag("skipSchemaValidation", false);
    if (const auto version = reader.text("version"); !version.empty() && version != "v3")
        warnings.push_back("spec.source.helm.version \"" + version + "\" has no effect: the helm on PATH is used");
    warn_unknown(reader, warnings);
    return options;
}

/// At most one of the blocks of options, as in Argo CD; "{}" says nothing.
std::optional<render::SourceType> explicit_type(FieldsReader& reader) {
    using Known = std::pair<std::string_view, render::SourceType>;
    std::optional<render::SourceType> type;
    std::string_view first;
    for (const auto& [key, meant] : {Known{"helm", render::SourceType::helm}, Known{"kustomize", render::SourceType::kustomize},
                                     Known{"directory", render::SourceType::directory}}) {
        const Value* block = reader.raw(key);
        if (block == nullptr || block->is_null() || (block->is_map() && block->empty())) continue;
        if (type) throw reader.error(key, "a source has options of one kind, and has some of " + std::string(first) + " already");
        type = meant;
        first = key;
    }
    return type;
}

void read_options(FieldsReader& reader, Source& source, Warnings& warnings) {
    refuse_fields(reader, {"plugin"}, "a plugin is a program that a repository chooses, and none is started; commit what it renders and "
                                      "point the application at it");
    source.type = explicit_type(reader);
    source.directory = read_directory(reader.child("directory"), warnings);
    source.kustomize = read_kustomize(reader.child("kustomize"), warnings);
    source.helm = read_helm(reader.child("helm"), warnings);
}

void require_revision(const FieldsReader& reader, std::string_view key, const std::string& text) {
    if (text.starts_with('-')) throw reader.error(key, "begins with '-', like an option; name a branch, a tag or a commit");
}

}  // namespace

Source read_source(FieldsReader reader, Warnings& warnings) {
    Source source;
    source.repo_url = reader.text("repoURL");
    if (source.repo_url.empty()) throw reader.error("repoURL", "a repository is required");
    if (base::redact(source.repo_url) != source.repo_url) {
        Error error = reader.error("repoURL", "holds a password or token, which would be stored and shown");
        error.hint("leave it out and register it: `gitopsctl repo add URL --token-env NAME`");
        throw error;
    }
    source.path = reader.text("path");
    if (!base::normalise_path(source.path)) throw reader.error("path", "leaves the repository");
    source.target_revision = reader.text("targetRevision");
    require_revision(reader, "targetRevision", source.target_revision);
    source.chart = reader.text("chart");
    if (source.chart.starts_with('-') || source.chart.find("..") != std::string::npos)
        throw reader.error("chart", "is no name of a chart");
    if (!source.chart.empty() && !source.path.empty() && source.path != ".")
        throw reader.error("chart", "a source has a path in Git or a chart of a chart repository, not both");
    source.ref = reader.text("ref");
    if (source.ref.find_first_of("/$ ") != std::string::npos) throw reader.error("ref", "holds a character that ends \"$ref\"");
    if (!source.ref.empty() && source.is_chart()) throw reader.error("ref", "only files in Git can be referenced, not those of a chart");
    source.name = reader.text("name");
    source.tag_prefix = reader.text("tagPrefix");
    require_revision(reader, "tagPrefix", source.tag_prefix);
    read_options(reader, source, warnings);
    if (source.is_chart() && source.type && *source.type != render::SourceType::helm)
        throw reader.error("chart", "a chart is rendered by helm: options of another kind cannot be for it");
    warn_unknown(reader, warnings);
    return source;
}

Source overridden(const Source& source, const Value& source_document, const Value& patch, const std::string& file, Warnings& warnings) {
    if (!patch.is_map()) throw Error(base::Code::invalid, "expected a map like spec.source").at({file, 0, 0});
    Value changes = patch;
    for (auto key : {"repoURL", "path", "targetRevision", "chart", "ref", "name"}) changes.erase(key);
    const Value document = doc::merge_patch(source_document, changes);
    FieldsReader reader(&document, "spec.source", file);
    Source result = source;
    for (auto key : {"repoURL", "path", "targetRevision", "chart", "ref", "name"}) reader.raw(key);
    result.tag_prefix = reader.text("tagPrefix");
    read_options(reader, result, warnings);
    warn_unknown(reader, warnings);
    return result;
}

}  // namespace gitops::app
