#include "core/render/plugins.hpp"

#include <algorithm>
#include <map>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/generators.hpp"
#include "core/render/patches.hpp"
#include "core/render/replacements.hpp"
#include "core/render/resources.hpp"
#include "core/render/selector.hpp"
#include "core/render/transformers.hpp"
#include "core/render/value_add.hpp"

namespace gitops::render {

using doc::Value;

namespace {

using Run = std::function<void(Collection&)>;

/// A plugin's configuration with the surroundings it is read in.
struct Plugin {
    const Object& config;
    const Target& target;

    const std::string& file() const { return config.file; }
    PatchContext patch_context() const { return {target.folder(), target.state().schema, config.file, matching()}; }
    Matching matching() const { return target.state().matching; }

    FieldSpecs field_specs(FieldReader& fields) const {
        FieldSpecs specs;
        fields.each("fieldSpecs", [&](const Value& spec) { specs.push_back(parse_field_spec(spec, config.file, Unknown::ignore)); });
        return specs;
    }
};

Run affix(const Plugin& plugin, Affix kind) {
    std::string text;
    FieldReader fields(plugin.config.node, "Transformer", plugin.file(), Scalars::as_text);
    fields.text(kind == Affix::prefix ? "prefix" : "suffix", text);
    auto specs = plugin.field_specs(fields);
    if (!fields.has("fieldSpecs")) fields.fail(plugin.config.node, "fieldSpecs is not expected to be nil");
    return [=](Collection& objects) { add_affix(objects, kind, text, specs); };
}

Run make_prefix(const Plugin& plugin) { return affix(plugin, Affix::prefix); }
Run make_suffix(const Plugin& plugin) { return affix(plugin, Affix::suffix); }

Run make_prefix_and_suffix(const Plugin& plugin) {
    return [prefix = make_prefix(plugin), suffix = make_suffix(plugin)](Collection& objects) {
        prefix(objects);
        suffix(objects);
    };
}

Run entries(const Plugin& plugin, std::string_view field) {
    StringMap map;
    FieldReader fields(plugin.config.node, "Transformer", plugin.file(), Scalars::as_text);
    fields.text_map(field, map);
    auto specs = plugin.field_specs(fields);
    return [=](Collection& objects) { set_entries(objects, map, specs); };
}

Run make_labels(const Plugin& plugin) { return entries(plugin, "labels"); }
Run make_annotations(const Plugin& plugin) { return entries(plugin, "annotations"); }

Run make_hash(const Plugin&) {
    return [](Collection& objects) { add_hashes(objects); };
}

Run make_images(const Plugin& plugin) {
    ImageEntry image;
    FieldReader fields(plugin.config.node, "ImageTagTransformer", plugin.file(), Scalars::as_text);
    fields.one("imageTag", [&](const Value& value) { image = parse_image(value, plugin.file(), Unknown::ignore); });
    auto specs = plugin.field_specs(fields);
    return [=](Collection& objects) { set_images(objects, image, specs); };
}

Run make_namespace(const Plugin& plugin) {
    NamespaceChange change;
    std::string subjects;
    FieldReader fields(plugin.config.node, "NamespaceTransformer", plugin.file(), Scalars::as_text);
    fields.one("metadata", [&](const Value& value) {
        FieldReader metadata(value, "ObjectMeta", plugin.file(), Scalars::as_text);
        metadata.text("namespace", change.ns);
    });
    fields.flag("unsetOnly", change.unset_only);
    fields.text("setRoleBindingSubjects", subjects);
    change.subjects = parse_binding_subjects(subjects);
    change.specs = plugin.field_specs(fields);
    return [=](Collection& objects) { set_namespace(objects, change); };
}

Run make_json_patch(const Plugin& plugin) {
    PatchEntry entry;
    FieldReader fields(plugin.config.node, "PatchJson6902Transformer", plugin.file(), Scalars::as_text);
    fields.one("target", [&](const Value& value) { entry.target = parse_selector(value, plugin.file(), Unknown::ignore); });
    fields.text("path", entry.path);
    fields.text("jsonOp", entry.patch);
    PreparedJsonPatch patch(entry, plugin.patch_context());
    return [=, matching = plugin.matching()](Collection& objects) { patch.apply(objects, matching); };
}

Run make_strategic_merges(const Plugin& plugin) {
    std::vector<std::string> paths;
    std::string text;
    FieldReader fields(plugin.config.node, "PatchStrategicMergeTransformer", plugin.file(), Scalars::as_text);
    fields.texts("paths", paths);
    fields.text("patches", text);
    if (paths.empty() && text.empty()) fields.fail(plugin.config.node, "empty file path and empty patch content");
    PatchContext context = plugin.patch_context();
    auto patches = load_strategic_merges(paths, context);
    if (!text.empty())
        for (auto& patch : parse_resources(text, plugin.file())) patches.push_back(std::move(patch));
    if (patches.empty()) fields.fail(plugin.config.node, "patch appears to be empty");
    return [=](Collection& objects) { apply_strategic_merges(objects, patches, context); };
}

Run make_patch(const Plugin& plugin) {
    PatchContext context = plugin.patch_context();
    PreparedPatch patch(parse_patch(plugin.config.node, plugin.file(), Unknown::ignore), context);
    return [=](Collection& objects) { patch.apply(objects, context); };
}

Run make_replacements(const Plugin& plugin) {
    std::vector<ReplacementEntry> entries_given;
    FieldReader fields(plugin.config.node, "ReplacementTransformer", plugin.file(), Scalars::as_text);
    fields.each("replacements", [&](const Value& value) {
        entries_given.push_back(parse_replacement(value, plugin.file(), Unknown::ignore));
    });
    auto replacements = load_replacements(entries_given, plugin.target.folder());
    return [=, matching = plugin.matching()](Collection& objects) { apply_replacements(objects, replacements, matching); };
}

Run make_replicas(const Plugin& plugin) {
    ReplicaEntry replica;
    FieldReader fields(plugin.config.node, "ReplicaCountTransformer", plugin.file(), Scalars::as_text);
    fields.one("replica", [&](const Value& value) { replica = parse_replica(value, plugin.file(), Unknown::ignore); });
    auto specs = plugin.field_specs(fields);
    return [=](Collection& objects) { set_replicas(objects, replica, specs); };
}

Run make_value_add(const Plugin& plugin) {
    auto change = parse_value_add(plugin.config.node, plugin.file(), plugin.target.folder());
    return [=](Collection& objects) { add_value(objects, change); };
}

const std::map<std::string, Run (*)(const Plugin&), std::less<>> k_transformers = {
    {"AnnotationsTransformer", make_annotations},
    {"HashTransformer", make_hash},
    {"ImageTagTransformer", make_images},
    {"LabelTransformer", make_labels},
    {"NamespaceTransformer", make_namespace},
    {"PatchJson6902Transformer", make_json_patch},
    {"PatchStrategicMergeTransformer", make_strategic_merges},
    {"PatchTransformer", make_patch},
    {"PrefixSuffixTransformer", make_prefix_and_suffix},
    {"PrefixTransformer", make_prefix},
    {"ReplacementTransformer", make_replacements},
    {"ReplicaCountTransformer", make_replicas},
    {"SuffixTransformer", make_suffix},
    {"ValueAddTransformer", make_value_add},
};

using Objects = std::vector<std::unique_ptr<Object>>;

Objects generate_data(const Plugin& plugin, Generated kind) {
    GeneratorEntry entry = parse_generator(plugin.config.node, plugin.file(), Unknown::ignore);
    if (entry.name.empty()) entry.name = plugin.config.id().name;
    if (entry.ns.empty()) entry.ns = plugin.config.id().ns;
    Objects made;
    made.push_back(generate(entry, kind, plugin.target.folder(), plugin.file()));
    return made;
}

Objects generate_config_map(const Plugin& plugin) { return generate_data(plugin, Generated::config_map); }
Objects generate_secret(const Plugin& plugin) { return generate_data(plugin, Generated::secret); }

Objects generate_gke_account(const Plugin& plugin) {
    std::string cloud, name, ns, account, project;
    FieldReader fields(plugin.config.node, "IAMPolicyGenerator", plugin.file(), Scalars::as_text);
    fields.text("cloud", cloud);
    fields.one("kubernetesService", [&](const Value& value) {
        FieldReader service(value, "KubernetesService", plugin.file(), Scalars::as_text);
        service.text("name", name);
        service.text("namespace", ns);
    });
    fields.one("serviceAccount", [&](const Value& value) {
        FieldReader service(value, "ServiceAccount", plugin.file(), Scalars::as_text);
        service.text("name", account);
        service.text("projectId", project);
    });
    if (cloud != "gke") fields.fail(plugin.config.node, "cloud provider " + cloud + " not supported yet");
    Value object = Value::map();
    object.set("apiVersion", "v1");
    object.set("kind", "ServiceAccount");
    Value& metadata = object.at("metadata");
    metadata.at("annotations").set("iam.gke.io/gcp-service-account", account + "@" + project + ".iam.gserviceaccount.com");
    metadata.set("name", name);
    if (!ns.empty()) metadata.set("namespace", ns);
    Objects made;
    made.push_back(std::make_unique<Object>(std::move(object), plugin.file()));
    return made;
}

Objects generate_charts(const Plugin& plugin) {
    FieldReader fields(plugin.config.node, "HelmChart", plugin.file(), Scalars::as_text);
    HelmChart chart = parse_helm_chart(fields);
    HelmGlobals globals = parse_helm_globals(fields);
    return inflate(std::move(chart), std::move(globals), plugin.target.folder(), plugin.target.state().charts, plugin.file());
}

const std::map<std::string, Objects (*)(const Plugin&), std::less<>> k_generators = {
    {"HelmChartInflationGenerator", generate_charts},
    {"ConfigMapGenerator", generate_config_map},
    {"SecretGenerator", generate_secret},
    {"IAMPolicyGenerator", generate_gke_account},
};

[[noreturn]] void refuse_plugin(const Object& config, const std::string& expected) {
    const kube::Gvk& gvk = config.id().gvk;
    base::Place place{config.file, static_cast<int>(config.node.line()), 0};
    if (gvk.group.empty() && gvk.version == "builtin") {
        bool other = k_transformers.contains(gvk.kind) || k_generators.contains(gvk.kind);
        if (other) throw base::Error(base::Code::invalid, "plugin " + config.id().text() + " not a " + expected).at(place);
        throw base::Error(base::Code::invalid, "unable to load builtin " + gvk_text(gvk)).at(place);
    }
    base::Error error(base::Code::denied, "external plugins disabled; unable to load external plugin '" + gvk.kind + "'");
    throw error.at(place).hint("plugins that run a program or a container are never started by a build");
}

std::optional<Origin> plugin_origin(const Object& config) {
    if (!config.origin) return std::nullopt;
    Origin origin;
    origin.configured_in = config.origin->path;
    origin.configured_api_version = config.id().gvk.api_version();
    origin.configured_kind = config.id().gvk.kind;
    origin.configured_name = config.id().name;
    origin.configured_namespace = config.id().ns;
    return origin;
}

/// The maker that the configuration names, when it is a builtin.
template <class Makers>
auto find_maker(const Makers& makers, const Object& config, const std::string& expected) {
    const kube::Gvk& gvk = config.id().gvk;
    auto found = makers.find(gvk.kind);
    if (!gvk.group.empty() || gvk.version != "builtin" || found == makers.end()) refuse_plugin(config, expected);
    return found->second;
}

void note_plugin(base::Error& error, const Object& config) {
    error.note("plugin " + config.id().text() + " fails configuration");
    error.at({config.file, static_cast<int>(config.node.line()), 0});
}

}  // namespace

Step make_transformer(const Object& config, const Target& target) {
    auto maker = find_maker(k_transformers, config, "transformer");
    try {
        return {config.id().gvk.kind, maker({config, target}), plugin_origin(config)};
    } catch (base::Error& error) {
        note_plugin(error, config);
        throw;
    }
}

std::vector<std::unique_ptr<Object>> run_generator(const Object& config, const Target& target) {
    auto maker = find_maker(k_generators, config, "generator");
    try {
        auto made = maker({config, target});
        for (auto& object : made) object->origin = plugin_origin(config);
        return made;
    } catch (base::Error& error) {
        note_plugin(error, config);
        throw;
    }
}

}  // namespace gitops::render
