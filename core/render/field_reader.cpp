#include "core/render/field_reader.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gitops::render {

using doc::Value;

namespace {

/// The kind's name in Go's messages.
std::string_view json_name(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::null: return "null";
        case Value::Kind::boolean: return "bool";
        case Value::Kind::integer:
        case Value::Kind::floating: return "number";
        case Value::Kind::string: return "string";
        case Value::Kind::list: return "array";
        case Value::Kind::map: return "object";
    }
    return "null";
}

bool same_name(std::string_view a, std::string_view b) { return a == b || base::lower(a) == base::lower(b); }

}  // namespace

FieldReader::FieldReader(const Value& value, std::string type, std::string file, Scalars scalars)
    : m_value(value), m_type(std::move(type)), m_file(std::move(file)), m_scalars(scalars) {
    if (value.is_map() || value.is_null()) return;
    fail(value, "json: cannot unmarshal " + std::string(json_name(value.kind())) + " into Go value of type " + m_type);
}

void FieldReader::fail(const Value& at, const std::string& message) const {
    throw base::Error(base::Code::invalid, message).at({m_file, static_cast<int>(at.line()), 0});
}

const Value* FieldReader::get(std::string_view name) {
    m_known.emplace_back(name);
    const Value* found = nullptr;
    for (const auto& entry : m_value.entries())
        if (same_name(entry.name(), name)) found = &entry.value;
    return found == nullptr || found->is_null() ? nullptr : found;
}

void FieldReader::expect(const Value& value, bool good, std::string_view name, std::string_view go_type) const {
    if (good) return;
    base::Error error(base::Code::invalid, "json: cannot unmarshal " + std::string(json_name(value.kind())) +
                                               " into Go struct field " + m_type + "." + std::string(name) +
                                               " of type " + std::string(go_type));
    if (go_type == "string" && (value.is_bool() || value.is_number()))
        error.hint("write it in quotes: YAML 1.1 reads the plain word as a " + std::string(doc::kind_name(value.kind())));
    throw error.at({m_file, static_cast<int>(value.line()), 0});
}

std::string FieldReader::text_of(const Value& value, std::string_view name, std::string_view go_type) const {
    bool good = value.is_string() || value.is_null() || (m_scalars == Scalars::as_text && value.is_scalar());
    expect(value, good, name, go_type);
    return std::string(value.text());
}

void FieldReader::text(std::string_view name, std::string& out) {
    const Value* value = get(name);
    if (value == nullptr) return;
    out = text_of(*value, name, "string");
}

void FieldReader::flag(std::string_view name, bool& out) {
    const Value* value = get(name);
    if (value == nullptr) return;
    expect(*value, value->is_bool(), name, "bool");
    out = value->as_bool();
}

void FieldReader::integer(std::string_view name, std::int64_t& out) {
    const Value* value = get(name);
    if (value == nullptr) return;
    auto number = value->to_int();
    expect(*value, number.has_value(), name, "int64");
    out = *number;
}

void FieldReader::texts(std::string_view name, std::vector<std::string>& out) {
    const Value* value = get(name);
    if (value == nullptr) return;
    expect(*value, value->is_list(), name, "[]string");
    for (const auto& item : value->items()) {
        out.push_back(text_of(item, name, "string"));
    }
}

void FieldReader::text_map(std::string_view name, StringMap& out) {
    const Value* value = get(name);
    if (value == nullptr) return;
    expect(*value, value->is_map(), name, "map[string]string");
    for (const auto& entry : value->entries()) {
        out[std::string(entry.name())] = text_of(entry.value, name, "string");
    }
}

void FieldReader::any(std::string_view name, Value& out) {
    if (const Value* value = get(name)) out = *value;
}

void FieldReader::each(std::string_view name, const std::function<void(const Value&)>& read) {
    const Value* value = get(name);
    if (value == nullptr) return;
    expect(*value, value->is_list(), name, "[]object");
    for (const auto& item : value->items()) read(item);
}

void FieldReader::one(std::string_view name, const std::function<void(const Value&)>& read) {
    if (const Value* value = get(name)) read(*value);
}

bool FieldReader::has(std::string_view name) { return get(name) != nullptr; }

void FieldReader::refuse_unknown() const {
    for (const auto& entry : m_value.entries()) {
        bool known = std::ranges::any_of(m_known, [&](const auto& name) { return same_name(name, entry.name()); });
        if (known) continue;
        base::Error error(base::Code::invalid, "json: unknown field \"" + std::string(entry.name()) + "\"");
        error.suggest(base::near_names(entry.name(), m_known));
        int line = static_cast<int>(entry.key.line() != 0 ? entry.key.line() : entry.value.line());
        throw error.at({m_file, line, 0});
    }
}

std::vector<std::string> text_list(const Value& value, const std::string& what, const std::string& file) {
    std::vector<std::string> texts;
    bool good = value.is_list() && std::ranges::all_of(value.items(), [](const Value& item) { return item.is_string(); });
    if (!good)
        throw base::Error(base::Code::invalid, what + " is no list of strings")
            .at({file, static_cast<int>(value.line()), 0});
    for (const auto& item : value.items()) texts.emplace_back(item.text());
    return texts;
}

}  // namespace gitops::render
