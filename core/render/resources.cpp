#include "core/render/resources.hpp"

#include <algorithm>
#include <deque>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/base/workers.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/reprint.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

/// Lists inside lists inside lists: each level is unpacked once.
constexpr std::size_t k_max_resources = 1'000'000;
/// Bytes from which on threads are worth their start.
constexpr std::size_t k_large_text = 128 << 10;

/// A line that starts with "---" and goes on with anything but a comment separates nothing.
void check_separators(std::string_view text, const std::string& file, std::uint32_t first_line) {
    std::size_t at = 0;
    while ((at = text.find("\n---", at)) != std::string_view::npos) {
        auto end = text.find('\n', at + 1);
        if (end == std::string_view::npos) return;
        std::string_view rest = base::trim(text.substr(at + 4, end - at - 4));
        if (!rest.empty() && rest.front() != '#') {
            auto line = first_line + static_cast<std::uint32_t>(std::ranges::count(text.substr(0, at + 1), '\n'));
            throw base::Error(base::Code::invalid,
                              "invalid document separator: " + std::string(base::trim(text.substr(at + 1, end - at - 1))))
                .at({file, static_cast<int>(line), 1});
        }
        at = end;
    }
}

bool is_wrapper(const Value& document) {
    std::string_view kind = scalar_text(document.find("kind"));
    return (kind == "List" || kind == "ResourceList") && (document.has("items") || document.has("functionConfig"));
}

}  // namespace

void require_kind_and_name(const Value& object, const std::string& file) {
    auto refuse = [&](const std::string& message) {
        throw base::Error(base::Code::invalid, message).at({file, static_cast<int>(object.line()), 0});
    };
    std::string_view kind = object.is_map() ? scalar_text(object.find("kind")) : std::string_view{};
    if (!object.is_map()) refuse("missing kind in object: a " + std::string(doc::kind_name(object.kind())) + " is no resource");
    if (kind.empty()) refuse("missing kind in object");
    if (kind.ends_with("List")) return;
    const Value* name = object.path("metadata", "name");
    if (scalar_text(name).empty()) refuse("missing metadata.name in object of kind " + std::string(kind));
}

namespace {

struct Piece {
    std::string_view text;
    std::uint32_t first_line = 1;
};

/// The text cut before lines that separate documents, into about `count` pieces. A directive belongs to the document
/// after it, so that a text with one stays whole.
std::vector<Piece> cut(std::string_view text, std::size_t count) {
    std::vector<Piece> pieces;
    std::uint32_t line = 1;
    bool whole = text.find("\n%") != std::string_view::npos || text.starts_with('%');
    while (!whole && pieces.size() + 1 < count) {
        auto end = text.find("\n---", text.size() / (count - pieces.size()));
        if (end == std::string_view::npos) break;
        pieces.push_back({text.substr(0, end + 1), line});
        line += static_cast<std::uint32_t>(std::ranges::count(pieces.back().text, '\n'));
        text.remove_prefix(end + 1);
    }
    pieces.push_back({text, line});
    return pieces;
}

std::vector<Value> resources_in(std::vector<Value> documents, std::string_view text, const std::string& file);

}  // namespace

std::vector<Value> parse_resources(std::string_view text, const std::string& file, Jobs jobs) {
    if (jobs.count < 2 || text.size() < k_large_text) return parse_resources(text, file);
    check_separators(text, file, 1);
    auto parts = base::parallel_map<std::vector<Value>>(
        cut(text, static_cast<std::size_t>(jobs.count) * 8), jobs.count, [&](const Piece& piece) {
            doc::YamlOptions options;
            options.file = file;
            options.first_line = piece.first_line;
            return doc::read_yaml(piece.text, options);
        });
    std::vector<Value> documents;
    for (auto& part : parts) std::ranges::move(part, std::back_inserter(documents));
    return resources_in(std::move(documents), text, file);
}

std::vector<Value> parse_resources(std::string_view text, const std::string& file, std::uint32_t first_line) {
    check_separators(text, file, first_line);
    doc::YamlOptions options;
    options.file = file;
    options.first_line = first_line;
    return resources_in(doc::read_yaml(text, options), text, file);
}

namespace {

std::vector<Value> resources_in(std::vector<Value> documents, std::string_view text, const std::string& file) {
    if (text.find("<<") != std::string_view::npos) std::ranges::for_each(documents, drop_merge_keys);
    std::deque<Value> queue;
    if (documents.size() == 1 && is_wrapper(documents.front())) {
        if (const Value* items = documents.front().find("items"))
            for (const auto& item : items->items()) queue.push_back(item);
    } else {
        queue.assign(documents.begin(), documents.end());
    }
    std::erase_if(queue, [](const Value& value) { return is_nil_or_empty(&value); });
    std::vector<Value> resources;
    for (; !queue.empty(); queue.pop_front()) {
        const Value& next = queue.front();
        require_kind_and_name(next, file);
        const Value* items = scalar_text(next.find("kind")).ends_with("List") ? next.find("items") : nullptr;
        if (items == nullptr) {
            resources.push_back(next);
        } else if (!items->is_null()) {
            if (!items->is_list())
                throw base::Error(base::Code::invalid, "expected array in " + std::string(next.text_at("kind")) + "/items")
                    .at({file, static_cast<int>(items->line()), 0});
            const Value unpacked = *items;
            for (const auto& item : unpacked.items())
                if (!is_nil_or_empty(&item)) queue.push_back(with_go_values(item));
        }
        if (resources.size() + queue.size() > k_max_resources)
            throw base::Error(base::Code::invalid, "more than " + std::to_string(k_max_resources) + " resources in one file")
                .at({file, 0, 0});
    }
    return resources;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> metadata_map(const Value& object, std::string_view field) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const Value* metadata = object.find("metadata");
    const Value* map = metadata == nullptr ? nullptr : metadata->find(field);
    if (map == nullptr) return pairs;
    for (const auto& entry : map->entries())
        pairs.emplace_back(entry.name(), entry.value.is_scalar() ? node_text(entry.value) : std::string());
    std::ranges::sort(pairs);
    return pairs;
}

void set_metadata_map(Value& object, std::string_view field, const std::vector<std::pair<std::string, std::string>>& map) {
    if (map.empty()) {
        Value* metadata = object.find_mutable("metadata");
        if (metadata != nullptr && metadata->is_map()) metadata->erase(field);
        return;
    }
    Value& metadata = object.at("metadata");
    Value texts = Value::map();
    for (const auto& [key, text] : map) texts.set(key, text);
    metadata.set(field, std::move(texts));
}

}  // namespace gitops::render
