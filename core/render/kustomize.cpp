#include "core/render/kustomize.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/bounds.hpp"
#include "core/render/generators.hpp"
#include "core/render/name_refs.hpp"
#include "core/render/overlay.hpp"
#include "core/render/pipeline.hpp"
#include "core/render/reprint.hpp"
#include "core/render/resources.hpp"
#include "core/render/target.hpp"
#include "core/render/transformers.hpp"
#include "core/render/vars.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_file_names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
constexpr std::string_view k_local_config = "config.kubernetes.io/local-config";
constexpr std::string_view k_origin_annotation = "config.kubernetes.io/origin";
constexpr std::string_view k_transformations_annotation = "alpha.config.kubernetes.io/transformations";
constexpr std::string_view k_managed_by_label = "app.kubernetes.io/managed-by";
constexpr std::string_view k_managed_by = "kustomize-v5.8.1";

bool wants(const Kustomization& k, std::string_view option) {
    return std::ranges::find(k.build_metadata, option) != k.build_metadata.end();
}

/// Kustomize passes over options that it does not know.
void check_build_metadata(const Kustomization& k, Matching matching) {
    if (matching == Matching::lenient) return;
    for (const auto& option : k.build_metadata) {
        if (option == "originAnnotations" || option == "transformerAnnotations" || option == "managedByLabel") continue;
        base::Error error(base::Code::invalid, "unrecognized buildMetadata option '" + option +
                                                   "'; must be one of [originAnnotations transformerAnnotations managedByLabel]");
        throw error.at({k.file, 0, 0});
    }
}

bool is_local(const Object& object) {
    for (const auto& [key, text] : metadata_map(object.node, "annotations"))
        if (key == k_local_config) return text != "false";
    return false;
}

void order_objects(Collection& objects, const Kustomization& k, Order order) {
    SortOptions legacy;
    legacy.order = SortOptions::Order::legacy;
    if (k.sort_options) return sort_objects(objects, *k.sort_options);
    if (order != Order::none) sort_objects(objects, legacy);
}

std::string yaml_text(const Value& value) {
    doc::YamlWriteOptions options;
    options.order = doc::KeyOrder::as_is;
    return doc::write_yaml(value, options);
}

/// A text whose style says nothing that its rewriting as a plain text would not.
bool stays_as_it_is(const Value& annotation) {
    if (!annotation.is_string() || annotation.spelling() == Value::Spelling::misfit) return false;
    switch (annotation.style()) {
        case Value::Style::none: return true;
        case Value::Style::plain: return false;
        case Value::Style::single_quoted:
        case Value::Style::double_quoted:
        case Value::Style::literal:
        case Value::Style::folded: return annotation.text().find('\n') == std::string_view::npos;
    }
    return false;
}

void need_text_keys(const Value& map) {
    for (const auto& entry : map.entries())
        if (!entry.key.is_string())
            throw base::Error(base::Code::invalid, "json: unsupported type: map[interface {}]interface {}")
                .at({"", static_cast<int>(entry.key.line()), 0})
                .note("the annotation's key " + std::string(entry.name()) + " is no text: quote it");
}

/// Every build leaves annotations as a map of strings, and none at all when there are no entries.
void finish_annotations(Object& object, const Kustomization& k) {
    auto annotations = metadata_map(object.node, "annotations");
    std::erase_if(annotations, [](const auto& entry) {
        return entry.first == k_origin_annotation || entry.first == k_transformations_annotation ||
               entry.first.starts_with("internal.config.kubernetes.io/");
    });
    if (wants(k, "originAnnotations") && object.origin)
        annotations.emplace_back(k_origin_annotation, yaml_text(object.origin->to_value()));
    if (wants(k, "transformerAnnotations") && !object.transformations.empty()) {
        Value list = Value::list();
        for (const auto& origin : object.transformations) list.push_back(origin.to_value());
        annotations.emplace_back(k_transformations_annotation, yaml_text(list));
    }
    const Value* metadata = object.node.find("metadata");
    if (metadata == nullptr || metadata->is_null()) object.node.set("metadata", Value::map());
    const Value* old = object.node.path("metadata", "annotations");
    if (old == nullptr && annotations.empty()) return;
    if (old != nullptr) need_text_keys(*old);
    bool as_is = old != nullptr && old->is_map() && old->size() == annotations.size() && !annotations.empty() &&
                 std::ranges::all_of(old->entries(), [](const doc::Entry& entry) { return stays_as_it_is(entry.value); });
    if (!as_is) set_metadata_map(object.node, "annotations", annotations);
}

Built finish(Accumulator& made, const Kustomization& k, BuildState& state, Order order) {
    Collection& objects = made.objects;
    add_hashes(objects);
    fix_name_references(objects, made.config().name_reference);
    auto unused = resolve_vars(made);
    for (const auto& object : objects.items()) require_kind_and_name(object->node, object->file);
    objects.remove_if(is_local);
    order_objects(objects, k, order);
    if (k.build_metadata_label || wants(k, "managedByLabel"))
        set_entries(objects, {{std::string(k_managed_by_label), std::string(k_managed_by)}},
                    {{{}, "metadata/labels", Create::yes}});
    Budget room(k_max_output);
    for (const auto& object : objects.items())
        room.take(count_bytes(object->node, room.left() + 1), "the build makes more than 512 MiB of output");
    Built built;
    built.manifests.reserve(objects.size());
    for (const auto& object : objects.items()) {
        try {
            finish_annotations(*object, k);
            settle_reprint(object->node);
        } catch (base::Error& error) {
            throw error.at({object->file, static_cast<int>(object->node.line()), 0});
        }
        built.manifests.push_back({std::move(object->node), std::move(object->file)});
    }
    built.warnings = std::move(state.warnings);
    if (!unused.empty()) {
        std::string names;
        for (const auto& name : unused) names += (names.empty() ? "" : ",") + name;
        built.warnings.push_back("well-defined vars that were never replaced: " + names);
    }
    built.files_read = state.files.names_read();
    return built;
}

}  // namespace

std::string find_kustomization(const base::FileTree& tree, std::string_view path) {
    std::string found;
    for (std::string_view name : k_file_names) {
        std::string file = path.empty() ? std::string(name) : std::string(path) + "/" + std::string(name);
        if (tree.kind(file) != base::EntryKind::file) continue;
        if (!found.empty())
            throw base::Error(base::Code::invalid, "Found multiple kustomization files under: " + std::string(path))
                .at({file, 0, 0});
        found = std::move(file);
    }
    return found;
}

Built build_with(const base::FileTree& tree, std::string_view path, const BuildOptions& options,
                 std::optional<Kustomization> root) {
    Files files(tree, options.load_restrictor, options.remotes, options.jobs);
    files.keep_out_of(options.off_limits);
    BuildState state{.files = files, .matching = options.matching, .charts = options.charts};
    if (options.matching == Matching::strict) state.schema.honour_list_types();
    auto where = base::normalise_path(path);
    if (!where) throw base::Error(base::Code::invalid, "'" + std::string(path) + "' leads out of the root of the source");
    Folder folder(files, *where, nullptr);
    Target target = root ? Target(state, folder, std::move(*root)) : Target(state, folder);
    Kustomization& k = target.kustomization();
    check_build_metadata(k, options.matching);
    KustomizeOptions overlay = options.overlay;
    if (overlay.ignore_missing_components)
        std::erase_if(overlay.components,
                      [&](const std::string& name) { return folder.kind(name) != base::EntryKind::directory; });
    lay_over(k, overlay);
    if (options.managed_by_label) k.build_metadata_label = true;
    if (!k.build_metadata.empty()) target.track_origin("");
    target.use_schema();
    Accumulator made;
    target.accumulate(made);
    return finish(made, k, state, options.order);
}

Built build(const base::FileTree& tree, std::string_view path, const BuildOptions& options) {
    return build_with(tree, path, options, std::nullopt);
}

}  // namespace gitops::render
