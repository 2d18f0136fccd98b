#include "core/render/value_add.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/scalar.hpp"
#include "core/render/selector.hpp"
#include "core/render/transformers.hpp"

namespace gitops::render {

using doc::Value;

namespace {

void read_targets(FieldReader& fields, std::vector<ValueAddTarget>& targets) {
    fields.each("targets", [&](const Value& value) {
        auto& target = targets.emplace_back();
        FieldReader given(value, "Target", fields.file(), Scalars::as_text);
        given.one("selector", [&](const Value& selector) {
            target.selector = parse_selector(selector, fields.file(), Unknown::ignore);
        });
        given.text("fieldPath", target.field_path);
        given.integer("filePathPosition", target.position);
        if (target.field_path.empty()) given.fail(value, "fieldPath cannot be empty");
        if (target.position < 0)
            given.fail(value, "value of FilePathPosition (" + std::to_string(target.position) + ") cannot be negative");
    });
}

/// "/a/b" with "x" at 0 -> "/x/a/b".
std::string insert_part(const std::string& path, std::size_t position, const std::string& part) {
    std::vector<std::string> parts;
    for (std::string_view piece : base::split(path, '/')) parts.emplace_back(piece);
    if (path.empty()) parts.clear();
    position = std::min(position, parts.size());
    if (!parts.empty() && parts.front().empty() && position < parts.size()) ++position;
    parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(position), part);
    return base::join(parts, "/");
}

void write_value(Value& object, const ValueAddTarget& target, const std::string& text) {
    Value* field = &object;
    for (const auto& name : split_path(target.field_path, '/')) {
        if (name.empty()) continue;
        if (!field->is_map() && !field->is_null())
            throw base::Error(base::Code::invalid, "wrong node kind: expected MappingNode on the way to '" + target.field_path + "'");
        field = &field->at(name);
    }
    if (!field->is_scalar())
        throw base::Error(base::Code::invalid, "wrong node kind: '" + target.field_path + "' is no scalar");
    std::string value = text;
    if (target.position > 0) value = insert_part(node_text(*field), static_cast<std::size_t>(target.position - 1), text);
    set_untagged(*field, value);
}

}  // namespace

ValueAdd parse_value_add(const Value& config, const std::string& file, const Folder& folder) {
    ValueAdd change;
    std::string targets_file;
    FieldReader fields(config, "ValueAddTransformer", file, Scalars::as_text);
    fields.text("value", change.value);
    fields.text("targetFilePath", targets_file);
    read_targets(fields, change.targets);
    change.value = base::trim(change.value);
    if (change.value.empty()) change.value = base::base_name(folder.path());
    if (!targets_file.empty()) {
        std::string path = folder.locate(targets_file);
        doc::YamlOptions options;
        options.file = path;
        options.dialect = doc::YamlDialect::v1_1;
        Value shared = doc::read_yaml_one(folder.files().read(path), options);
        FieldReader more(shared, "Targets", path, Scalars::as_text);
        read_targets(more, change.targets);
    }
    if (change.targets.empty()) fields.fail(config, "must specify at least one target");
    return change;
}

void add_value(Collection& objects, const ValueAdd& change) {
    for (const auto& target : change.targets) {
        std::vector<Object*> selected;
        if (target.selector) {
            selected = select(objects, *target.selector);
        } else {
            for (const auto& object : objects.items()) selected.push_back(object.get());
        }
        for (Object* object : selected) {
            if (target.field_path == "metadata/namespace") {
                NamespaceChange ns;
                ns.ns = change.value;
                set_namespace(*object, ns);
            } else {
                write_value(object->node, target, change.value);
            }
            objects.sync(*object);
        }
    }
}

}  // namespace gitops::render
