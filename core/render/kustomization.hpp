// A kustomization file as typed fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/render/charts.hpp"
#include "core/render/field_reader.hpp"
#include "core/render/field_spec.hpp"
#include "core/render/kind_order.hpp"

namespace gitops::render {

/// Selects objects: regular expressions over their ids, and selectors over labels and annotations.
struct SelectorFields {
    kube::Gvk gvk;
    std::string name, ns;
    std::string label_selector, annotation_selector;

    bool names_nothing() const { return gvk == kube::Gvk{} && name.empty() && ns.empty(); }
    std::string text() const;
};

struct PatchEntry {
    std::string path, patch;
    std::optional<SelectorFields> target;
    bool allow_name_change = false, allow_kind_change = false;
    std::uint32_t line = 0;
    std::string file;  ///< the file that names the patch
};

struct GeneratorOptions {
    StringMap labels, annotations;
    bool disable_hash = false, immutable = false;
};

/// configMapGenerator and secretGenerator.
struct GeneratorEntry {
    std::string name, ns, behavior, type;
    std::vector<std::string> literals, files, envs;
    std::string env;
    GeneratorOptions options;
    std::uint32_t line = 0;
};

struct ImageEntry {
    std::string name, new_name, new_tag, tag_suffix, digest;
};

struct ReplicaEntry {
    std::string name;
    std::int64_t count = 0;
};

struct LabelEntry {
    StringMap pairs;
    bool include_selectors = false, include_templates = false;
    FieldSpecs fields;
};

struct VarEntry {
    std::string name;
    kube::Gvk gvk;
    std::string object_name, object_ns;
    std::string field_path = "metadata.name";
};

struct FieldOptions {
    std::string delimiter;
    std::int64_t index = 0;
    bool create = false;
};

struct ReplacementSource {
    kube::Gvk gvk;
    std::string name, ns, field_path;
    FieldOptions options;
    std::string text() const;
};

struct ReplacementTarget {
    std::optional<SelectorFields> select;
    std::vector<SelectorFields> reject;
    std::vector<std::string> field_paths;
    FieldOptions options;
};

struct ReplacementEntry {
    std::string path;  ///< a file with replacements instead of the fields below
    std::optional<ReplacementSource> source;
    std::optional<std::string> source_value;
    std::vector<ReplacementTarget> targets;
    bool has_targets = false;
};

struct Kustomization {
    std::string file;
    std::string kind, api_version;
    std::vector<std::string> resources, components, crds, configurations, generators, transformers, validators;
    std::vector<std::string> build_metadata;
    bool build_metadata_label = false;  ///< the command line wants the managed-by label
    std::string name_prefix, name_suffix, ns;
    StringMap common_labels, common_annotations, openapi;
    std::vector<LabelEntry> labels;
    std::vector<PatchEntry> patches, patches_json6902;
    std::vector<std::string> patches_strategic_merge;
    std::vector<ImageEntry> images;
    std::vector<ReplicaEntry> replicas;
    std::vector<ReplacementEntry> replacements;
    std::vector<VarEntry> vars;
    std::vector<GeneratorEntry> config_maps, secrets;
    std::optional<GeneratorOptions> generator_options;
    std::optional<SortOptions> sort_options;
    HelmGlobals helm_globals;
    std::vector<HelmChart> helm_charts;

    bool is_component() const { return kind == "Component"; }
};

struct ParsedKustomization {
    Kustomization kustomization;
    std::vector<std::string> warnings;  ///< deprecated fields
};

/// Reads and checks the text. Error(invalid) with file and line.
ParsedKustomization parse_kustomization(std::string_view text, const std::string& file);

// Parts that configuration objects of builtin plugins share with the kustomization file.
SelectorFields parse_selector(const doc::Value& value, const std::string& file, Unknown unknown);
PatchEntry parse_patch(const doc::Value& value, const std::string& file, Unknown unknown);
GeneratorEntry parse_generator(const doc::Value& value, const std::string& file, Unknown unknown);
ImageEntry parse_image(const doc::Value& value, const std::string& file, Unknown unknown);
ReplicaEntry parse_replica(const doc::Value& value, const std::string& file, Unknown unknown);
ReplacementEntry parse_replacement(const doc::Value& value, const std::string& file, Unknown unknown);
SortOptions parse_sort_options(const doc::Value& value, const std::string& file);
/// The entry's own options with the kustomization's generatorOptions under them.
void add_global_options(GeneratorOptions& own, const GeneratorOptions& global);

}  // namespace gitops::render
