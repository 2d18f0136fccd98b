#include "core/doc/fields_reader.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gitops::doc {

using base::Code;
using base::Error;

FieldsReader::FieldsReader(const Value* node, std::string path, std::string file)
    : m_node(node), m_path(std::move(path)), m_file(std::move(file)) {
    if (m_node != nullptr && !m_node->is_null() && !m_node->is_map()) {
        Error error(Code::invalid, (m_path.empty() ? "the document" : m_path) + " must be a map, found a " +
                                       std::string(kind_name(m_node->kind())));
        error.at({m_file, static_cast<int>(m_node->line()), 0});
        throw error;
    }
}

std::string FieldsReader::path_of(std::string_view key) const {
    return m_path.empty() ? std::string(key) : m_path + "." + std::string(key);
}

Error FieldsReader::error(std::string_view key, std::string_view message) const {
    const Value* found = m_node == nullptr ? nullptr : m_node->find(key);
    Error error(Code::invalid, path_of(key) + ": " + std::string(message));
    error.at({m_file, found != nullptr ? static_cast<int>(found->line()) : 0, 0});
    return error;
}

void FieldsReader::wrong(std::string_view key, std::string_view expected, const Value& found) const {
    throw error(key, "expected a " + std::string(expected) + ", found a " + std::string(kind_name(found.kind())));
}

const Value* FieldsReader::take(std::string_view key) {
    m_asked.emplace_back(key);
    const Value* found = m_node == nullptr ? nullptr : m_node->find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::string FieldsReader::text(std::string_view key, std::string_view otherwise) {
    const Value* found = take(key);
    if (found == nullptr) return std::string(otherwise);
    if (!found->is_string()) wrong(key, "string", *found);
    return std::string(found->text());
}

bool FieldsReader::flag(std::string_view key, bool otherwise) {
    const Value* found = take(key);
    if (found == nullptr) return otherwise;
    if (!found->is_bool()) wrong(key, "boolean", *found);
    return found->as_bool();
}

std::optional<std::int64_t> FieldsReader::integer(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return std::nullopt;
    auto number = found->to_int();
    if (!number) wrong(key, "whole number", *found);
    return number;
}

std::optional<double> FieldsReader::number(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return std::nullopt;
    auto number = found->to_double();
    if (!number) wrong(key, "number", *found);
    return number;
}

std::vector<std::string> FieldsReader::texts(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return {};
    if (!found->is_list()) wrong(key, "list", *found);
    std::vector<std::string> texts;
    for (const Value& item : found->items()) {
        if (!item.is_string()) wrong(key, "list of strings", item);
        texts.emplace_back(item.text());
    }
    return texts;
}

std::vector<std::pair<std::string, std::string>> FieldsReader::text_map(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return {};
    if (!found->is_map()) wrong(key, "map", *found);
    std::vector<std::pair<std::string, std::string>> entries;
    for (const auto& entry : found->entries()) {
        if (!entry.value.is_string()) wrong(key, "map of strings", entry.value);
        entries.emplace_back(entry.name(), entry.value.text());
    }
    return entries;
}

FieldsReader FieldsReader::child(std::string_view key) { return {take(key), path_of(key), m_file}; }

std::vector<FieldsReader> FieldsReader::children(std::string_view key) {
    const Value* found = take(key);
    if (found == nullptr) return {};
    if (!found->is_list()) wrong(key, "list", *found);
    std::vector<FieldsReader> readers;
    std::size_t index = 0;
    for (const Value& item : found->items())
        readers.emplace_back(&item, path_of(key) + "[" + std::to_string(index++) + "]", m_file);
    return readers;
}

const Value* FieldsReader::raw(std::string_view key) { return take(key); }

std::vector<std::string> FieldsReader::unknown() const {
    std::vector<std::string> names;
    if (m_node == nullptr) return names;
    for (const auto& entry : m_node->entries()) {
        if (std::ranges::find(m_asked, entry.name()) != m_asked.end()) continue;
        auto near = base::near_names(entry.name(), m_asked);
        names.push_back(path_of(entry.name()) + (near.empty() ? "" : " (did you mean " + near.front() + "?)"));
    }
    return names;
}

}  // namespace gitops::doc
