#include "core/render/patches.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/render/json_patch.hpp"
#include "core/render/reprint.hpp"
#include "core/render/resources.hpp"
#include "core/render/scalar.hpp"
#include "core/render/selector.hpp"
#include "core/render/strategic_merge.hpp"

namespace gitops::render {

using doc::Value;

namespace {

enum class NameChange { keep, allow };
enum class KindChange { keep, allow };

void restore_namespace(Value& object, const std::string& ns) {
    Value* metadata = object.find_mutable("metadata");
    if (ns.empty()) {
        if (metadata != nullptr && metadata->is_map()) metadata->erase("namespace");
        return;
    }
    set_untagged(object.at("metadata").at("namespace"), ns);
}

/// The patch takes all annotations off, and with them what kustomize keeps there.
bool drops_annotations(const Value& patch) {
    const Value* metadata = patch.find("metadata");
    if (metadata == nullptr) return false;
    const Value* annotations = metadata->find("annotations");
    auto replaced = [](const Value& map) {
        std::string_view directive = map.text_at("$patch");
        return map.is_null() || directive == "replace" || directive == "delete";
    };
    return replaced(*metadata) || (annotations != nullptr && replaced(*annotations));
}

bool drops_annotations_in_json(const Value& operations) {
    auto is_above = [](std::string_view path) { return path.empty() || path == "/metadata" || path == "/metadata/annotations"; };
    return std::ranges::any_of(operations.items(), [&](const Value& operation) {
        std::string_view op = operation.text_at("op");
        if (op == "test") return false;
        return is_above(operation.text_at("path")) || (op == "move" && is_above(operation.text_at("from")));
    });
}

void merge_into(Collection& objects, Object& object, Value patch, MergeSchema& schema, NameChange names,
                KindChange kinds) {
    Id before = object.id();
    if (names == NameChange::allow || kinds == KindChange::allow) {
        object.remember_id();
        set_metadata_map(patch, "annotations", metadata_map(patch, "annotations"));
    }
    std::optional<Value> merged;
    schema.note_built_in_use();
    try {
        Value target = std::move(object.node);
        merged = strategic_merge(target, patch, schema);
    } catch (base::Error& error) {
        error.note("patching " + before.text());
        throw;
    }
    if (!merged || is_nil_or_empty(&*merged)) {
        object.gone = true;
        return;
    }
    object.node = std::move(*merged);
    if (drops_annotations(patch)) object.forget_everything();
    object.shared.settle(object.node);
    if (kinds == KindChange::keep) set_untagged(object.node.at("kind"), before.gvk.kind);
    if (names == NameChange::keep) set_name(object.node, before.name);
    restore_namespace(object.node, before.ns);
    objects.sync(object);
}

/// A patch that goes to selected objects has its labels and annotations read as maps of strings first.
Value with_text_metadata(Value patch) {
    for (std::string_view field : {"labels", "annotations"})
        set_metadata_map(patch, field, metadata_map(patch, field));
    return patch;
}

/// The patch takes the object's apiVersion, so that it cannot be changed.
Value for_object(Value patch, const Object& object) {
    patch.set("apiVersion", object.id().gvk.api_version());
    return patch;
}

void apply_operations(Collection& objects, Object& object, const Value& operations) {
    try {
        object.show_bookkeeping();
        settle_reprint(object.node);
        Value patched = with_float64_numbers(apply_json_patch(object.node, operations));
        if (!patched.is_map()) throw base::Error(base::Code::invalid, "the JSON patch leaves no object");
        set_metadata_map(patched, "annotations", metadata_map(patched, "annotations"));
        object.node = std::move(patched);
        object.shared.clear();
        if (drops_annotations_in_json(operations)) object.forget_origin();
    } catch (base::Error& error) {
        error.note("patching " + object.id().text());
        throw;
    }
    objects.sync(object);
}

/// Labels and annotations of the patch are texts, and nothing may clash afterwards.
void merge_into_selected(Collection& objects, const std::vector<Object*>& selected, const Value& patch,
                         MergeSchema& schema, NameChange names, KindChange kinds) {
    Value normalised = with_text_metadata(patch);
    for (Object* object : selected) merge_into(objects, *object, for_object(normalised, *object), schema, names, kinds);
    for (const Object* object : selected)
        if (!object->gone && objects.count_current(object->id()) > 1)
            throw base::Error(base::Code::invalid,
                              "may not add resource with an already registered id: " + object->id().text());
}

std::vector<Object*> select_for_patch(const Collection& objects, const SelectorFields& target, Matching matching) {
    auto selected = select(objects, target);
    if (!selected.empty() || matching == Matching::lenient) return selected;
    std::vector<std::string> names;
    for (const auto& object : objects.items()) names.push_back(object->id().name);
    throw base::Error(base::Code::invalid, "the target " + target.text() + " of a patch matches nothing")
        .suggest(base::near_names(target.name, names));
}

}  // namespace

PreparedPatch::PreparedPatch(const PatchEntry& entry, const PatchContext& context) : m_entry(entry) {
    base::Place place{context.file, static_cast<int>(entry.line), 0};
    m_entry.patch = base::trim(entry.patch);
    bool inline_text = !m_entry.patch.empty();
    if (inline_text && !m_entry.path.empty())
        throw base::Error(base::Code::invalid, "patch and path can't be set at the same time").at(place);
    if (!inline_text && m_entry.path.empty())
        throw base::Error(base::Code::invalid, "must specify one of patch and path").at(place);
    std::string file = context.file;
    if (!inline_text) {
        try {
            file = context.folder.locate(m_entry.path);
            m_entry.patch = context.folder.files().read(file);
        } catch (base::Error& error) {
            error.note("failed to get the patch file from path(" + m_entry.path + ")");
            error.at(place);
            throw;
        }
    }
    m_source = inline_text ? "[patch: \"" + m_entry.patch + "\"]" : "[path: \"" + m_entry.path + "\"]";
    std::optional<base::Error> bad_merge, bad_operations;
    try {
        m_merges = inline_text ? parse_resources(m_entry.patch, file, entry.line + 1) : context.folder.files().resources(file);
    } catch (const base::Error& error) {
        bad_merge = error;
    }
    try {
        if (m_entry.patch.empty()) throw base::Error(base::Code::invalid, "empty json patch operations");
        m_operations = parse_json_patch(m_entry.patch, file);
    } catch (const base::Error& error) {
        bad_operations = error;
    }
    if (bad_merge && bad_operations) {
        base::Error error(base::Code::invalid, "unable to parse SM or JSON patch from " + m_source);
        error.note("as a strategic merge patch: " + bad_merge->message());
        error.note("as a JSON patch: " + bad_operations->message());
        throw error.at(inline_text ? place : bad_merge->place());
    }
    if (!m_merges.empty() && !m_operations.empty())
        throw base::Error(base::Code::invalid, "illegally qualifies as both an SM and JSON patch: " + m_source).at(place);
    if (!bad_merge) m_operations = Value();
}

void PreparedPatch::apply(Collection& objects, const PatchContext& context) const {
    base::Place place{context.file, static_cast<int>(m_entry.line), 0};
    try {
        if (!m_merges.empty()) return apply_merges(objects, context);
        if (m_operations.is_null()) return;
        if (!m_entry.target)
            throw base::Error(base::Code::invalid, "must specify a target for JSON patch " + m_source);
        for (Object* object : select_for_patch(objects, *m_entry.target, context.matching)) {
            object->remember_id();
            apply_operations(objects, *object, m_operations);
        }
    } catch (base::Error& error) {
        error.at(place);
        throw;
    }
}

void PreparedPatch::apply_merges(Collection& objects, const PatchContext& context) const {
    NameChange names = m_entry.allow_name_change ? NameChange::allow : NameChange::keep;
    KindChange kinds = m_entry.allow_kind_change ? KindChange::allow : KindChange::keep;
    if (m_entry.target) {
        if (m_merges.size() > 1)
            throw base::Error(base::Code::invalid,
                              "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set "
                              "`patches.target` field: " + m_source);
        merge_into_selected(objects, select_for_patch(objects, *m_entry.target, context.matching), m_merges.front(), context.schema, names, kinds);
        return;
    }
    for (const auto& patch : m_merges) {
        Id id = id_of(patch);
        Object* target = nullptr;
        try {
            target = &objects.only(id);
        } catch (const base::Error& error) {
            base::Error wrapped(base::Code::invalid, "no resource matches strategic merge patch \"" + id.text() +
                                                         "\": " + error.message());
            std::vector<std::string> names_of_kind;
            for (const auto& object : objects.items())
                if (object->id().gvk.kind == id.gvk.kind) names_of_kind.push_back(object->id().name);
            throw wrapped.suggest(base::near_names(id.name, names_of_kind));
        }
        merge_into(objects, *target, patch, context.schema, names, kinds);
    }
}

std::vector<Value> load_strategic_merges(const std::vector<std::string>& sources, const PatchContext& context) {
    std::vector<Value> patches;
    for (const auto& source : sources) {
        std::vector<Value> found;
        try {
            found = parse_resources(source, context.file);
        } catch (const base::Error&) {
            found = context.folder.files().resources(context.folder.locate(source));
        }
        patches.insert(patches.end(), found.begin(), found.end());
    }
    return patches;
}

void apply_strategic_merges(Collection& objects, const std::vector<Value>& patches, const PatchContext& context) {
    for (const auto& patch : patches) {
        Object& target = objects.only(id_of(patch));
        merge_into_selected(objects, {&target}, patch, context.schema, NameChange::keep, KindChange::keep);
    }
}

PreparedJsonPatch::PreparedJsonPatch(const PatchEntry& entry, const PatchContext& context) {
    base::Place place{context.file, static_cast<int>(entry.line), 0};
    auto refuse = [&](const std::string& message) { throw base::Error(base::Code::invalid, message).at(place); };
    if (!entry.target || entry.target->name.empty()) refuse("must specify the target name");
    m_target = *entry.target;
    if (entry.path.empty() && entry.patch.empty()) refuse("empty file path and empty jsonOp");
    if (!entry.path.empty() && !entry.patch.empty()) refuse("must specify a file path or jsonOp, not both");
    std::string file = entry.path.empty() ? context.file : context.folder.locate(entry.path);
    const std::string& text = entry.path.empty() ? entry.patch : context.folder.files().read(file);
    if (text.empty()) refuse("patch file '" + entry.path + "' empty seems to be empty");
    m_operations = parse_json_patch(text, file);
    if (m_operations.empty()) refuse("patch appears to be empty; file=" + entry.path + ", JsonOp=" + entry.patch);
}

void PreparedJsonPatch::apply(Collection& objects, Matching matching) const {
    for (Object* object : select_for_patch(objects, m_target, matching)) apply_operations(objects, *object, m_operations);
}

}  // namespace gitops::render
