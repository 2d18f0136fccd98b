#include "core/render/replacements.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/bounds.hpp"
#include "core/render/embedded_text.hpp"
#include "core/render/scalar.hpp"
#include "core/render/selector.hpp"
#include "core/render/value_path.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_default_path = "metadata.name";

[[noreturn]] void refuse(const std::string& message) { throw base::Error(base::Code::invalid, message); }

/// The present id, which here counts as namespaced, and the earlier ones.
std::vector<Id> ids_of(const Object& object) {
    std::vector<Id> ids{object.id()};
    ids.front().cluster = false;
    for (auto& id : object.previous_ids()) ids.push_back(std::move(id));
    return ids;
}

bool is_source(const Id& id, const ReplacementSource& source) {
    Id wanted;
    wanted.ns = source.ns;
    return (source.name.empty() || source.name == id.name) &&
           (source.ns.empty() || wanted.effective_ns() == id.effective_ns()) && is_selected(id.gvk, source.gvk);
}

const Object& find_source(const Collection& objects, const ReplacementSource& source) {
    const Object* found = nullptr;
    auto try_one = [&](const Object& object) {
        if (object.gone || !is_selected({object.id().gvk.group, object.id().gvk.version, ""},
                                        {source.gvk.group, source.gvk.version, ""}))
            return;
        if (std::ranges::none_of(ids_of(object), [&](const Id& id) { return is_source(id, source); })) return;
        if (found != nullptr) refuse("multiple matches for selector " + source.text());
        found = &object;
    };
    if (source.name.empty()) {
        for (const auto& object : objects.items()) try_one(*object);
    } else {
        for (const Object* object : objects.named(source.name)) try_one(*object);
    }
    if (found == nullptr) refuse("nothing selected by " + source.text());
    return *found;
}

std::vector<std::string> split_text(const std::string& text, const std::string& delimiter) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (;;) {
        auto end = text.find(delimiter, start);
        parts.push_back(text.substr(start, end == std::string::npos ? end : end - start));
        if (end == std::string::npos) return parts;
        start = end + delimiter.size();
    }
}

Value read_source(const Collection& objects, const ReplacementEntry& entry) {
    if (entry.source_value && entry.source) refuse("value and resource selectors are mutually exclusive");
    if (entry.source_value) {
        Value value = resolve_plain(*entry.source_value);
        value.open_type();
        return value;
    }
    const ReplacementSource& source = *entry.source;
    const Object& object = find_source(objects, source);
    std::string path = source.field_path.empty() ? std::string(k_default_path) : source.field_path;
    const Value* value = look_up(object.node, split_value_path(path));
    if (is_nil_or_empty(value))
        refuse("fieldPath `" + path + "` is missing for replacement source " + ReplacementSource{source.gvk, source.name, source.ns, "", {}}.text());
    if (source.options.delimiter.empty()) return *value;
    if (!value->is_scalar()) refuse("delimiter option can only be used with scalar nodes");
    auto parts = split_text(node_text(*value), source.options.delimiter);
    auto index = source.options.index;
    if (index < 0 || index >= static_cast<std::int64_t>(parts.size()))
        refuse("options.index " + std::to_string(index) + " is out of bounds for value " + node_text(*value));
    return Value(parts[static_cast<std::size_t>(index)]);
}

std::string combined(const std::string& old, const std::string& text, const FieldOptions& options) {
    auto parts = split_text(old, options.delimiter);
    if (options.index < 0) parts.insert(parts.begin(), text);
    else if (options.index >= static_cast<std::int64_t>(parts.size())) parts.push_back(text);
    else parts[static_cast<std::size_t>(options.index)] = text;
    std::string joined;
    for (std::size_t i = 0; i < parts.size(); ++i) joined += (i == 0 ? "" : options.delimiter) + parts[i];
    return joined;
}

/// What the replacements of one list may still write.
struct Room {
    Budget nodes{k_max_new_nodes};
    Budget text{k_max_new_text};
};

void write_field(Met met, const Value& value, const FieldOptions& options, Room& room) {
    room.nodes.take(count_nodes(value, room.nodes.left() + 1), "the replacements put in more than 8000000 fields");
    std::size_t old = met.field.is_scalar() && !options.delimiter.empty() ? met.field.text().size() : 0;
    room.text.take(old + value.text().size(), "the replacements write more than 64 MiB of text");
    std::string text = value.is_scalar() ? node_text(value) : std::string();
    if (!options.delimiter.empty()) {
        if (!met.field.is_scalar()) refuse("delimiter option can only be used with scalar nodes");
        text = combined(node_text(met.field), text, options);
    }
    if (!met.field.is_scalar()) {
        met.field = value.is_scalar() && !options.delimiter.empty() ? Value(text) : value;
    } else if (met.made) {
        met.field = resolve_plain(text);
    } else {
        set_text_keeping_type(met.field, text);
    }
}

Make make_like(const Value& value, const FieldOptions& options) {
    if (!options.create) return Make::nothing;
    if (value.is_map()) return Make::map;
    return value.is_list() ? Make::list : Make::scalar;
}

void write_target(Object& object, const Value& value, const ReplacementTarget& target, Room& room) {
    Make make = make_like(value, target.options);
    auto paths = target.field_paths;
    if (paths.empty()) paths.emplace_back(k_default_path);
    for (const auto& text : paths) {
        PathParts path = split_value_path(text);
        if (path.size() > 1 && path[0] == "metadata" && path[1] == "annotations") object.show_bookkeeping();
        if (set_in_embedded_text(object.node, path, value, make)) continue;
        std::string missing = std::string(make == Make::nothing ? "unable to find field \"" : "unable to find or create field \"") +
                              text + "\" in replacement target";
        std::size_t met = 0;
        try {
            met = match_path(object.node, path, make, [&](Met found) { write_field(found, value, target.options, room); });
        } catch (base::Error& error) {
            error.note(missing);
            throw;
        }
        if (met == 0) refuse(missing);
    }
}

/// A target's selectors, compiled once.
struct CompiledTarget {
    const ReplacementTarget& fields;
    Selection select;
    std::vector<Selection> reject;

    explicit CompiledTarget(const ReplacementTarget& target) : fields(target), select(*target.select) {
        for (const auto& rejected : target.reject) reject.emplace_back(rejected);
    }

    bool wants(const Object& object) const {
        if (object.gone || !select.matches_metadata(object.node)) return false;
        auto ids = ids_of(object);
        for (std::size_t i = 0; i < reject.size(); ++i) {
            if (reject[i].has_metadata_selector() && reject[i].matches_metadata(object.node)) return false;
            if (fields.reject[i].names_nothing()) continue;
            if (std::ranges::any_of(ids, [&](const Id& id) { return reject[i].matches_id(id); })) return false;
        }
        return std::ranges::any_of(ids, [&](const Id& id) { return select.matches_id(id); });
    }
};

void apply_one(Collection& objects, const ReplacementEntry& entry, Matching matching, Room& room) {
    if ((!entry.source && !entry.source_value) || !entry.has_targets)
        refuse("replacements must specify a source and at least one target");
    Value value = read_source(objects, entry);
    for (const auto& target : entry.targets) {
        if (!target.select) refuse("target must specify resources to select");
        CompiledTarget compiled(target);
        bool met = false;
        for (const auto& object : objects.items()) {
            if (!compiled.wants(*object)) continue;
            met = true;
            try {
                write_target(*object, value, target, room);
                object->shared.settle(object->node);
            } catch (base::Error& error) {
                error.note("replacing in " + object->id().text());
                throw;
            }
            objects.sync(*object);
        }
        if (!met && matching == Matching::strict)
            refuse("the target " + target.select->text() + " of a replacement matches nothing");
    }
}

}  // namespace

std::vector<ReplacementEntry> load_replacements(const std::vector<ReplacementEntry>& entries, const Folder& folder) {
    std::vector<ReplacementEntry> all;
    for (const auto& entry : entries) {
        if (entry.path.empty()) {
            all.push_back(entry);
            continue;
        }
        if (entry.source || entry.has_targets) refuse("cannot specify both path and inline replacement");
        std::string file = folder.locate(entry.path);
        doc::YamlOptions options;
        options.file = file;
        options.dialect = doc::YamlDialect::v1_1;
        options.duplicates = doc::DuplicateKeys::last_wins;
        Value content = doc::read_yaml_one(folder.files().read(file), options);
        if (content.is_map()) {
            all.push_back(parse_replacement(content, file, Unknown::ignore));
        } else if (content.is_list()) {
            for (const auto& item : content.items()) all.push_back(parse_replacement(item, file, Unknown::ignore));
        } else {
            throw base::Error(base::Code::invalid, "unsupported replacement type encountered within replacement path")
                .at({file, 0, 0});
        }
    }
    return all;
}

void apply_replacements(Collection& objects, const std::vector<ReplacementEntry>& replacements, Matching matching) {
    Room room;
    for (const auto& entry : replacements) apply_one(objects, entry, matching, room);
}

}  // namespace gitops::render
