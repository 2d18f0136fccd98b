#include "cli/output/report_value.hpp"

#include "cli/output/columns.hpp"
#include "cli/output/terminal.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_write.hpp"

namespace gitops::cli {

namespace {

using doc::Value;

/// A name stands at the top, or, in a Kubernetes object, in its metadata.
std::string_view name_of_item(const Value& item) {
    if (const std::string_view name = item.text_at("name"); !name.empty()) return name;
    const Value* metadata = item.find("metadata");
    return metadata == nullptr ? std::string_view{} : metadata->text_at("name");
}

std::string_view group_of_item(const Value& item) {
    if (item.has("group")) return item.text_at("group");
    const std::string_view version = item.text_at("apiVersion");
    const auto slash = version.find('/');
    return slash == std::string_view::npos ? std::string_view{} : version.substr(0, slash);
}

/// "deployment.apps/web" as kubectl -o name writes it, or the name alone.
std::string name_line(const Value& item) {
    std::string line;
    if (const std::string_view kind = item.text_at("kind"); !kind.empty()) {
        line = base::lower(kind);
        if (const std::string_view group = group_of_item(item); !group.empty()) line.append(".").append(group);
        line += '/';
    }
    return line.append(one_line(name_of_item(item))) + "\n";
}

std::string names(const Value& answer) {
    const Value* items = answer.find("items");
    if (items == nullptr || !items->is_list()) return name_line(answer);
    std::string lines;
    for (const Value& item : items->items()) lines += name_line(item);
    return lines;
}

}  // namespace

std::optional<std::string> value_text(const Value& answer, Format format) {
    switch (format) {
        case Format::json: return doc::write_json(answer, doc::JsonLayout::indented) + "\n";
        case Format::yaml: return doc::write_yaml(answer, {doc::KeyOrder::as_is});
        case Format::name: return names(answer);
        case Format::text:
        case Format::wide: return std::nullopt;
    }
    return std::nullopt;
}

bool print_value(Terminal& terminal, const Value& answer, Format format) {
    const auto text = value_text(answer, format);
    if (text) terminal.print(*text);
    return text.has_value();
}

}  // namespace gitops::cli
