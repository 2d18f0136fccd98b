#include "core/render/embedded_text.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

std::string print_like(const Value& value, std::string_view original) {
    std::string_view trimmed = base::trim(original);
    if (trimmed.starts_with('{') || trimmed.starts_with('[')) {
        bool pretty = original.find('\n') != std::string_view::npos && original.find("  ") != std::string_view::npos;
        auto layout = pretty ? doc::JsonLayout::indented : doc::JsonLayout::compact;
        return html_safe_json(doc::write_json(value, layout, doc::JsonKeys::sorted));
    }
    doc::YamlWriteOptions options;
    options.order = doc::KeyOrder::as_is;
    return std::string(base::trim(doc::write_yaml(value, options)));
}

void put(Value& field, const Value& value) {
    if (!field.is_scalar()) {
        field = value;
        return;
    }
    set_text_keeping_type(field, value.is_scalar() ? node_text(value) : std::string());
    if (field.spelling() == Value::Spelling::misfit) throw base::Error(base::Code::invalid, "the text does not fit its field");
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
            std::size_t met = match_path(inside, rest, make, [&](Met found) {
                if (found.made && value.is_scalar()) found.field = resolve_plain(node_text(value));
                else put(found.field, value);
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
