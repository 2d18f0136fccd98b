#include "core/render/kustomization.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/field_tables.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_kustomization_version = "kustomize.config.k8s.io/v1beta1";
constexpr std::string_view k_component_version = "kustomize.config.k8s.io/v1alpha1";

struct Deprecation {
    std::string_view field, instead, prefix;
};

constexpr Deprecation k_deprecated[] = {
    {"bases", "resources", ""},
    {"commonLabels", "labels", ""},
    {"imageTags", "images", ""},
    {"patchesJson6902", "patches", ""},
    {"patchesStrategicMerge", "patches", ""},
    {"vars", "replacements", "[EXPERIMENTAL] "},
};

std::vector<std::string> deprecations(FieldReader& fields) {
    std::vector<std::string> warnings;
    for (const auto& [field, instead, prefix] : k_deprecated) {
        if (!fields.has(field)) continue;
        std::string text = "# Warning: '";
        text += field;
        text += "' is deprecated. Please use '";
        text += instead;
        text += "' instead. ";
        text += prefix;
        text += "Run 'kustomize edit fix' to update your Kustomization automatically.";
        warnings.push_back(std::move(text));
    }
    return warnings;
}

LabelEntry parse_label(const Value& value, const std::string& file) {
    LabelEntry label;
    FieldReader fields(value, "Label.labels", file);
    fields.text_map("pairs", label.pairs);
    fields.flag("includeSelectors", label.include_selectors);
    fields.flag("includeTemplates", label.include_templates);
    fields.each("fields", [&](const Value& spec) { label.fields.push_back(parse_field_spec(spec, file)); });
    fields.refuse_unknown();
    return label;
}

VarEntry parse_var(const Value& value, const std::string& file) {
    VarEntry var;
    FieldReader fields(value, "Var.vars", file);
    fields.text("name", var.name);
    fields.one("objref", [&](const Value& given) {
        std::string api_version;
        FieldReader target(given, "Target", file);
        target.text("apiVersion", api_version);
        target.text("group", var.gvk.group);
        target.text("version", var.gvk.version);
        target.text("kind", var.gvk.kind);
        target.text("name", var.object_name);
        target.text("namespace", var.object_ns);
        target.refuse_unknown();
        if (api_version.empty()) return;
        if (auto group = kube::group_of(api_version); !group.empty()) var.gvk.group = group;
        var.gvk.version = kube::version_of(api_version);
    });
    fields.one("fieldref", [&](const Value& given) {
        FieldReader field(given, "FieldSelector", file);
        field.text("fieldPath", var.field_path);
        field.refuse_unknown();
    });
    fields.refuse_unknown();
    return var;
}

/// helmChartInflationGenerator, which helmCharts came after.
void read_old_helm(const Value& value, Kustomization& k) {
    HelmChart chart;
    std::string ignored;
    std::vector<std::string> ignored_list;
    FieldReader fields(value, "HelmChartArgs", k.file);
    fields.text("chartName", chart.name);
    fields.text("chartVersion", chart.version);
    fields.text("chartRepoUrl", chart.repo);
    fields.text("chartHome", k.helm_globals.chart_home);
    fields.text("helmHome", k.helm_globals.config_home);
    fields.text("values", chart.values_file);
    fields.any("valuesLocal", chart.values_inline);
    fields.text("valuesMerge", chart.values_merge);
    fields.text("releaseName", chart.release_name);
    fields.text("releaseNamespace", chart.ns);
    for (std::string_view name : {"chartRepoName", "helmBin"}) fields.text(name, ignored);
    fields.texts("extraArgs", ignored_list);
    fields.refuse_unknown();
    k.helm_charts.push_back(std::move(chart));
}

void read_helm(FieldReader& fields, Kustomization& k) {
    fields.one("helmGlobals", [&](const Value& value) {
        FieldReader helm(value, "HelmGlobals", k.file);
        k.helm_globals = parse_helm_globals(helm);
        helm.refuse_unknown();
    });
    fields.each("helmCharts", [&](const Value& chart) {
        FieldReader helm(chart, "HelmChart", k.file);
        k.helm_charts.push_back(parse_helm_chart(helm));
        helm.refuse_unknown();
    });
    fields.each("helmChartInflationGenerator", [&](const Value& chart) { read_old_helm(chart, k); });
}

void read_operands(FieldReader& fields, Kustomization& k) {
    std::vector<std::string> bases;
    fields.texts("resources", k.resources);
    fields.texts("bases", bases);
    fields.texts("components", k.components);
    fields.texts("crds", k.crds);
    fields.texts("configurations", k.configurations);
    fields.texts("generators", k.generators);
    fields.texts("transformers", k.transformers);
    fields.texts("validators", k.validators);
    fields.texts("buildMetadata", k.build_metadata);
    k.resources.insert(k.resources.end(), bases.begin(), bases.end());
}

void read_transformers(FieldReader& fields, Kustomization& k) {
    const std::string& file = k.file;
    fields.text("namePrefix", k.name_prefix);
    fields.text("nameSuffix", k.name_suffix);
    fields.text("namespace", k.ns);
    fields.text_map("commonLabels", k.common_labels);
    fields.text_map("commonAnnotations", k.common_annotations);
    fields.text_map("openapi", k.openapi);
    fields.each("labels", [&](const Value& v) { k.labels.push_back(parse_label(v, file)); });
    fields.each("patches", [&](const Value& v) { k.patches.push_back(parse_patch(v, file, Unknown::refuse)); });
    fields.each("patchesJson6902",
                [&](const Value& v) { k.patches_json6902.push_back(parse_patch(v, file, Unknown::refuse)); });
    fields.texts("patchesStrategicMerge", k.patches_strategic_merge);
    fields.each("images", [&](const Value& v) { k.images.push_back(parse_image(v, file, Unknown::refuse)); });
    fields.each("imageTags", [&](const Value& v) { k.images.push_back(parse_image(v, file, Unknown::refuse)); });
    fields.each("replicas", [&](const Value& v) { k.replicas.push_back(parse_replica(v, file, Unknown::refuse)); });
    fields.each("replacements",
                [&](const Value& v) { k.replacements.push_back(parse_replacement(v, file, Unknown::refuse)); });
    fields.each("vars", [&](const Value& v) { k.vars.push_back(parse_var(v, file)); });
}

void read_generators(FieldReader& fields, Kustomization& k) {
    const std::string& file = k.file;
    fields.each("configMapGenerator",
                [&](const Value& v) { k.config_maps.push_back(parse_generator(v, file, Unknown::refuse)); });
    fields.each("secretGenerator",
                [&](const Value& v) { k.secrets.push_back(parse_generator(v, file, Unknown::refuse)); });
    fields.one("generatorOptions", [&](const Value& v) {
        auto& options = k.generator_options.emplace();
        FieldReader given(v, "GeneratorOptions", file);
        given.text_map("labels", options.labels);
        given.text_map("annotations", options.annotations);
        given.flag("disableNameSuffixHash", options.disable_hash);
        given.flag("immutable", options.immutable);
        given.refuse_unknown();
    });
    fields.one("sortOptions", [&](const Value& v) { k.sort_options = parse_sort_options(v, file); });
    read_helm(fields, k);
}

void check_identity(const Value& value, Kustomization& k) {
    FieldReader fields(value, "Kustomization", k.file);
    if (k.kind.empty()) k.kind = "Kustomization";
    std::string_view wanted = k.is_component() ? k_component_version : k_kustomization_version;
    if (k.api_version.empty()) k.api_version = wanted;
    if (k.kind != "Kustomization" && k.kind != "Component")
        fields.fail(value, "kind should be Kustomization or Component");
    if (k.api_version != wanted)
        fields.fail(value, "apiVersion for " + k.kind + " should be " + std::string(wanted));
}

bool says_nothing(const Value& value) {
    return std::ranges::all_of(value.entries(), [](const doc::Entry& entry) {
        return entry.value.is_null() || entry.name() == "kind" || entry.name() == "apiVersion";
    });
}

}  // namespace

ParsedKustomization parse_kustomization(std::string_view text, const std::string& file) {
    doc::YamlOptions options;
    options.file = file;
    options.dialect = doc::YamlDialect::v1_1;
    options.duplicates = doc::DuplicateKeys::last_wins;
    auto documents = doc::read_yaml(text, options);
    Value value = documents.empty() ? Value() : documents.front();
    ParsedKustomization result;
    Kustomization& k = result.kustomization;
    k.file = file;
    try {
        FieldReader fields(value, "Kustomization", file);
        fields.text("apiVersion", k.api_version);
        fields.text("kind", k.kind);
        Value metadata;
        fields.any("metadata", metadata);
        read_operands(fields, k);
        read_transformers(fields, k);
        read_generators(fields, k);
        result.warnings = deprecations(fields);
        fields.refuse_unknown();
    } catch (base::Error& error) {
        error.note("invalid Kustomization");
        throw;
    }
    if (says_nothing(value)) throw base::Error(base::Code::invalid, "kustomization.yaml is empty").at({file, 0, 0});
    check_identity(value, k);
    return result;
}

}  // namespace gitops::render
