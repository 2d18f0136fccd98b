#include "core/render/embedded_text.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/embedded_yaml.hpp"
#include "core/render/reprint.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

bool is_json(std::string_view text) {
    std::string_view trimmed = base::trim(text);
    return trimmed.starts_with('{') || trimmed.starts_with('[');
}

/// JSON goes through Go values, YAML through nodes that remember how they stood.
std::string print_like(const Value& value, std::string_view original) {
    if (!is_json(original)) return print_embedded_yaml(value, original);
    bool pretty = original.find('\n') != std::string_view::npos && original.find("  ") != std::string_view::npos;
    auto layout = pretty ? doc::JsonLayout::indented : doc::JsonLayout::compact;
    return html_safe_json(doc::write_json(with_go_values(value), layout, doc::JsonKeys::sorted));
}

std::string_view tag_of(const Value& scalar) {
    switch (scalar.kind()) {
        case Value::Kind::null: return "!!null";
        case Value::Kind::boolean: return "!!bool";
        case Value::Kind::integer: return "!!int";
        case Value::Kind::floating: return "!!float";
        case Value::Kind::string:
        case Value::Kind::list:
        case Value::Kind::map: break;
    }
    return {};
}

/// The value without the lines it had where it comes from.
Value unplaced(Value value) {
    value.set_line(0);
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (value.is_list()) value.item(at) = unplaced(value.items()[at]);
        else value.at(std::string(value.entries()[at].name())) = unplaced(value.entries()[at].value);
    }
    return value;
}

enum class Format { json, yaml };

/// A scalar keeps its type, and YAML can say so of a text that does not fit it.
void put(Value& field, const Value& value, Format format) {
    if (!field.is_scalar()) {
        field = unplaced(value);
        return;
    }
    std::string text = value.is_scalar() ? node_text(value) : std::string();
    std::string_view tag = tag_of(field);
    Value::Kind kind = field.kind();
    set_text_keeping_type(field, text);
    if (field.spelling() == Value::Spelling::misfit && format == Format::json)
        throw base::Error(base::Code::invalid, "the text does not fit its field");
    bool fits = field.spelling() != Value::Spelling::misfit && (tag.empty() || field.kind() == kind);
    if (!fits && format == Format::yaml) set_tagged_text(field, tag, text);
}

}  // namespace

bool set_in_embedded_text(Value& root, const PathParts& path, const Value& value, Make make) {
    for (std::size_t depth = 1; depth < path.size(); ++depth) {
        PathParts head(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth));
        PathParts rest(path.begin() + static_cast<std::ptrdiff_t>(depth), path.end());
        try {
            const Value* scalar = look_up(root, head);
            if (scalar == nullptr || !scalar->is_scalar()) continue;
            std::string text = node_text(*scalar);
            Value inside = doc::read_yaml_one(text);
            if (inside.is_null() || inside.is_scalar()) return false;
            Format format = is_json(text) ? Format::json : Format::yaml;
            std::size_t met = match_path(inside, rest, make, [&](Met found) {
                if (found.made && value.is_scalar()) found.field = resolve_plain(node_text(value));
                else put(found.field, value, format);
            });
            if (met == 0) return false;
            std::string printed = print_like(inside, text);
            bool written = false;
            match_path(root, head, Make::nothing, [&](Met found) {
                if (written) return;
                set_text_keeping_type(found.field, printed);
                written = true;
            });
            return true;
        } catch (const base::Error&) {
            return false;
        }
    }
    return false;
}

}  // namespace gitops::render
