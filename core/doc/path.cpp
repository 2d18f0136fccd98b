#include "core/doc/path.hpp"

#include <charconv>
#include <optional>

#include "core/base/error.hpp"

namespace gitops::doc {

namespace {

std::string unescape(std::string_view part) {
    std::string name;
    name.reserve(part.size());
    for (std::size_t at = 0; at < part.size(); ++at) {
        if (part[at] != '~') {
            name += part[at];
            continue;
        }
        ++at;
        if (at >= part.size() || (part[at] != '0' && part[at] != '1'))
            throw base::Error(base::Code::invalid, "\"~\" must be followed by 0 or 1 in a JSON pointer");
        name += part[at] == '0' ? '~' : '/';
    }
    return name;
}

/// "0", "7", "12": no sign and no leading zeros.
std::optional<std::size_t> list_index(std::string_view name, std::size_t size) {
    std::size_t index = 0;
    if (name.empty() || (name[0] == '0' && name.size() > 1)) return std::nullopt;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (code != std::errc() || end != name.data() + name.size() || index >= size) return std::nullopt;
    return index;
}

const Value* child_of(const Value& node, std::string_view name) {
    if (node.is_map()) return node.find(name);
    if (!node.is_list()) return nullptr;
    const auto index = list_index(name, node.size());
    return index ? &node.items()[*index] : nullptr;
}

}  // namespace

Pointer parse_pointer(std::string_view text) {
    Pointer pointer;
    if (text.empty()) return pointer;
    if (text[0] != '/')
        throw base::Error(base::Code::invalid, "JSON pointer \"" + std::string(text) + "\" must start with \"/\"");
    for (std::size_t from = 1;;) {
        const auto slash = text.find('/', from);
        pointer.push_back(unescape(text.substr(from, slash == std::string_view::npos ? slash : slash - from)));
        if (slash == std::string_view::npos) return pointer;
        from = slash + 1;
    }
}

std::string format_pointer(const Pointer& pointer) {
    std::string text;
    for (const std::string& name : pointer) {
        text += '/';
        for (const char c : name) {
            if (c == '~') text += "~0";
            else if (c == '/') text += "~1";
            else text += c;
        }
    }
    return text;
}

const Value* find(const Value& root, const Pointer& pointer) {
    const Value* node = &root;
    for (const std::string& name : pointer) {
        node = child_of(*node, name);
        if (node == nullptr) return nullptr;
    }
    return node;
}

bool remove(Value& root, const Pointer& pointer) {
    if (find(root, pointer) == nullptr) return false;
    if (pointer.empty()) {
        root = Value();
        return true;
    }
    Value* node = &root;
    for (std::size_t level = 0; level + 1 < pointer.size(); ++level) {
        if (node->is_map()) node = node->find_mutable(pointer[level]);
        else node = &node->item(*list_index(pointer[level], node->size()));
    }
    if (node->is_map()) return node->erase(pointer.back());
    node->erase_item(*list_index(pointer.back(), node->size()));
    return true;
}

}  // namespace gitops::doc
