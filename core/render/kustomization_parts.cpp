#include "core/base/error.hpp"
#include "core/render/kustomization.hpp"

namespace gitops::render {

using doc::Value;

namespace {

Scalars scalars_for(Unknown unknown) { return unknown == Unknown::ignore ? Scalars::as_text : Scalars::exact; }

void finish(const FieldReader& fields, Unknown unknown) {
    if (unknown == Unknown::refuse) fields.refuse_unknown();
}

void read_gvk(FieldReader& fields, kube::Gvk& gvk) {
    fields.text("group", gvk.group);
    fields.text("version", gvk.version);
    fields.text("kind", gvk.kind);
}

GeneratorOptions parse_options(const Value& value, const std::string& file, Unknown unknown) {
    GeneratorOptions options;
    FieldReader fields(value, "GeneratorOptions", file, scalars_for(unknown));
    fields.text_map("labels", options.labels);
    fields.text_map("annotations", options.annotations);
    fields.flag("disableNameSuffixHash", options.disable_hash);
    fields.flag("immutable", options.immutable);
    finish(fields, unknown);
    return options;
}

FieldOptions parse_field_options(const Value& value, const std::string& file, Unknown unknown) {
    FieldOptions options;
    std::string encoding;
    FieldReader fields(value, "FieldOptions", file, scalars_for(unknown));
    fields.text("delimiter", options.delimiter);
    fields.integer("index", options.index);
    fields.text("encoding", encoding);
    fields.flag("create", options.create);
    finish(fields, unknown);
    return options;
}

ReplacementSource parse_source(const Value& value, const std::string& file, Unknown unknown) {
    ReplacementSource source;
    FieldReader fields(value, "SourceSelector", file, scalars_for(unknown));
    read_gvk(fields, source.gvk);
    fields.text("name", source.name);
    fields.text("namespace", source.ns);
    fields.text("fieldPath", source.field_path);
    fields.one("options", [&](const Value& options) { source.options = parse_field_options(options, file, unknown); });
    finish(fields, unknown);
    return source;
}

ReplacementTarget parse_target(const Value& value, const std::string& file, Unknown unknown) {
    ReplacementTarget target;
    FieldReader fields(value, "TargetSelector", file, scalars_for(unknown));
    fields.one("select", [&](const Value& select) { target.select = parse_selector(select, file, unknown); });
    fields.each("reject", [&](const Value& reject) { target.reject.push_back(parse_selector(reject, file, unknown)); });
    fields.texts("fieldPaths", target.field_paths);
    fields.one("options", [&](const Value& options) { target.options = parse_field_options(options, file, unknown); });
    finish(fields, unknown);
    return target;
}

}  // namespace

std::string SelectorFields::text() const {
    Id id;
    id.gvk = gvk;
    id.name = name;
    id.ns = ns;
    return id.text() + ":a=" + annotation_selector + ":l=" + label_selector;
}

std::string ReplacementSource::text() const {
    Id id;
    id.gvk = gvk;
    id.name = name;
    id.ns = ns;
    return field_path.empty() ? id.text() : id.text() + ":" + field_path;
}

SelectorFields parse_selector(const Value& value, const std::string& file, Unknown unknown) {
    SelectorFields selector;
    FieldReader fields(value, "Selector", file, scalars_for(unknown));
    read_gvk(fields, selector.gvk);
    fields.text("name", selector.name);
    fields.text("namespace", selector.ns);
    fields.text("annotationSelector", selector.annotation_selector);
    fields.text("labelSelector", selector.label_selector);
    finish(fields, unknown);
    return selector;
}

PatchEntry parse_patch(const Value& value, const std::string& file, Unknown unknown) {
    PatchEntry patch;
    patch.line = value.line();
    patch.file = file;
    FieldReader fields(value, "Patch.patches", file, scalars_for(unknown));
    fields.text("path", patch.path);
    fields.text("patch", patch.patch);
    fields.one("target", [&](const Value& target) { patch.target = parse_selector(target, file, unknown); });
    fields.one("options", [&](const Value& given) {
        FieldReader options(given, "PatchArgs", file, scalars_for(unknown));
        options.flag("allowNameChange", patch.allow_name_change);
        options.flag("allowKindChange", patch.allow_kind_change);
        finish(options, unknown);
    });
    finish(fields, unknown);
    return patch;
}

GeneratorEntry parse_generator(const Value& value, const std::string& file, Unknown unknown) {
    GeneratorEntry entry;
    entry.line = value.line();
    FieldReader fields(value, "GeneratorArgs", file, scalars_for(unknown));
    fields.text("name", entry.name);
    fields.text("namespace", entry.ns);
    fields.text("behavior", entry.behavior);
    fields.text("type", entry.type);
    fields.texts("literals", entry.literals);
    fields.texts("files", entry.files);
    fields.texts("envs", entry.envs);
    fields.text("env", entry.env);
    fields.one("options", [&](const Value& options) { entry.options = parse_options(options, file, unknown); });
    finish(fields, unknown);
    // Kustomization files are brought up to date when they are read; configuration objects of generators are not.
    if (!entry.env.empty() && unknown == Unknown::refuse) entry.envs.push_back(entry.env);
    return entry;
}

ImageEntry parse_image(const Value& value, const std::string& file, Unknown unknown) {
    ImageEntry image;
    FieldReader fields(value, "Image.images", file, scalars_for(unknown));
    fields.text("name", image.name);
    fields.text("newName", image.new_name);
    fields.text("tagSuffix", image.tag_suffix);
    fields.text("newTag", image.new_tag);
    fields.text("digest", image.digest);
    finish(fields, unknown);
    return image;
}

ReplicaEntry parse_replica(const Value& value, const std::string& file, Unknown unknown) {
    ReplicaEntry replica;
    FieldReader fields(value, "Replica.replicas", file, scalars_for(unknown));
    fields.text("name", replica.name);
    fields.integer("count", replica.count);
    finish(fields, unknown);
    return replica;
}

ReplacementEntry parse_replacement(const Value& value, const std::string& file, Unknown unknown) {
    ReplacementEntry entry;
    FieldReader fields(value, "Replacement", file, scalars_for(unknown));
    fields.text("path", entry.path);
    fields.one("source", [&](const Value& source) { entry.source = parse_source(source, file, unknown); });
    if (fields.has("sourceValue")) fields.text("sourceValue", entry.source_value.emplace());
    entry.has_targets = fields.has("targets");
    fields.each("targets", [&](const Value& target) { entry.targets.push_back(parse_target(target, file, unknown)); });
    finish(fields, unknown);
    return entry;
}

SortOptions parse_sort_options(const Value& value, const std::string& file) {
    SortOptions options;
    std::string order;
    FieldReader fields(value, "SortOptions", file);
    fields.text("order", order);
    fields.one("legacySortOptions", [&](const Value& lists) {
        options.has_legacy_lists = true;
        FieldReader legacy(lists, "LegacySortOptions", file);
        legacy.texts("orderFirst", options.order_first);
        legacy.texts("orderLast", options.order_last);
        legacy.refuse_unknown();
    });
    fields.refuse_unknown();
    if (order != "legacy" && order != "fifo")
        fields.fail(value, "the field 'sortOptions.order' must be one of [fifo, legacy]");
    options.order = order == "legacy" ? SortOptions::Order::legacy : SortOptions::Order::fifo;
    return options;
}

void add_global_options(GeneratorOptions& own, const GeneratorOptions& global) {
    own.labels.insert(global.labels.begin(), global.labels.end());
    own.annotations.insert(global.annotations.begin(), global.annotations.end());
    own.disable_hash = own.disable_hash || global.disable_hash;
    own.immutable = own.immutable || global.immutable;
}

}  // namespace gitops::render
