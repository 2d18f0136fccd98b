#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/base/error.hpp"
#include "core/doc/patch.hpp"
#include "core/doc/path.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::doc {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_longest_path = 200;  ///< in a message
/// Nodes that all operations of one patch may put in, and list items or map entries they may move aside. A patch that
/// copies a document into itself again and again reaches the first, one that shifts a long list the second.
constexpr std::size_t k_max_added = k_max_yaml_nodes;
constexpr std::size_t k_max_shifted = 1'000'000'000;

struct Operation {
    std::string name;
    Pointer path;
    std::optional<Pointer> from;
    const Value* value = nullptr;
};

/// A list's index as evanphx/json-patch reads it: negative ones count from the end. `size` is the number of valid ones.
std::optional<std::size_t> list_index(std::string_view text, std::size_t size) {
    std::int64_t index = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (index < 0) index += static_cast<std::int64_t>(size);
    if (index < 0 || static_cast<std::size_t>(index) >= size) return std::nullopt;
    return static_cast<std::size_t>(index);
}

class Patcher {
  public:
    explicit Patcher(Value target) : m_root(std::move(target)) {}

    void apply(const Operation& operation) {
        using Action = void (Patcher::*)(const Operation&);
        struct Row {
            std::string_view name;
            Action action;
        };
        static constexpr std::array<Row, 6> k_actions{{{"add", &Patcher::add},
                                                       {"remove", &Patcher::remove},
                                                       {"replace", &Patcher::replace},
                                                       {"move", &Patcher::move},
                                                       {"copy", &Patcher::copy},
                                                       {"test", &Patcher::test}}};
        const auto row = std::ranges::find(k_actions, operation.name, &Row::name);
        if (row == k_actions.end())
            throw Error(Code::invalid, "unknown operation \"" + operation.name + "\"")
                .hint("JSON patch knows add, remove, replace, move, copy and test");
        (this->*row->action)(operation);
    }

    Value take() { return std::move(m_root); }

  private:
    void add(const Operation& operation) { put(operation.path, wanted_value(operation)); }

    void remove(const Operation& operation) { take_out(operation.path); }

    void replace(const Operation& operation) {
        const Value& value = wanted_value(operation);
        charge(value, operation.path);
        existing(operation.path) = value;
    }

    void move(const Operation& operation) {
        const Pointer& from = wanted_from(operation);
        if (from.size() < operation.path.size() && std::equal(from.begin(), from.end(), operation.path.begin()))
            throw Error(Code::invalid, format_pointer(from) + " cannot be moved into itself");
        if (from == operation.path) {
            existing(from);
            return;
        }
        put(operation.path, take_out(from));
    }

    void copy(const Operation& operation) {
        // The copy keeps the node alive while the tree around it changes.
        const Value value = existing(wanted_from(operation));
        put(operation.path, value);
    }

    void test(const Operation& operation) {
        const Value* found = look_up(operation.path);
        const Value& wanted = wanted_value(operation);
        const bool same = found == nullptr ? wanted.is_null() && parent_is_map(operation.path) : *found == wanted;
        if (same) return;
        // Neither value is told: the document may be a Secret, and messages are kept in logs.
        throw Error(Code::invalid, "test failed: " + format_pointer(operation.path) + (found == nullptr ? " is not there" : " has another value"));
    }

    static const Value& wanted_value(const Operation& operation) {
        if (operation.value == nullptr) throw Error(Code::invalid, "the operation has no \"value\"");
        return *operation.value;
    }

    static const Pointer& wanted_from(const Operation& operation) {
        if (!operation.from) throw Error(Code::invalid, "the operation has no \"from\"");
        return *operation.from;
    }

    [[noreturn]] static void missing(const Pointer& path, std::size_t levels) {
        const Pointer part(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(levels));
        throw Error(Code::invalid, "there is no " + format_pointer(part));
    }

    const Value* look_up(const Pointer& path) const {
        const Value* node = &m_root;
        for (const std::string& name : path) {
            if (node->is_list()) {
                const auto index = list_index(name, node->size());
                node = index ? &node->items()[*index] : nullptr;
            } else {
                node = node->find(name);
            }
            if (node == nullptr) return nullptr;
        }
        return node;
    }

    bool parent_is_map(const Pointer& path) const {
        if (path.empty()) return false;
        const Value* parent = look_up(Pointer(path.begin(), path.end() - 1));
        return parent != nullptr && parent->is_map();
    }

    /// The node `levels` steps down `path`, for changing.
    Value& walk(const Pointer& path, std::size_t levels) {
        Value* node = &m_root;
        for (std::size_t level = 0; level < levels; ++level) {
            Value* child = nullptr;
            if (node->is_list()) {
                if (const auto index = list_index(path[level], node->size())) child = &node->item(*index);
            } else if (node->is_map()) {
                child = node->find_mutable(path[level]);
            }
            if (child == nullptr) missing(path, level + 1);
            node = child;
        }
        return *node;
    }

    Value& existing(const Pointer& path) { return walk(path, path.size()); }

    void put(const Pointer& path, const Value& value) {
        charge(value, path);
        if (path.empty()) {
            m_root = value;
            return;
        }
        Value& parent = walk(path, path.size() - 1);
        const std::string& name = path.back();
        if (parent.is_map()) {
            parent.set(name, value);
            return;
        }
        if (!parent.is_list())
            throw Error(Code::invalid, "cannot add below a " + std::string(kind_name(parent.kind())));
        const auto index = name == "-" ? parent.size() : list_index(name, parent.size() + 1);
        if (!index) throw Error(Code::invalid, "list index " + name + " is out of range: the list has " +
                                                   std::to_string(parent.size()) + " items");
        shift(parent.size() - *index);
        parent.insert(*index, value);
    }

    Value take_out(const Pointer& path) {
        if (path.empty()) return std::exchange(m_root, Value());
        Value& parent = walk(path, path.size() - 1);
        shift(parent.size());
        if (parent.is_list()) {
            const auto index = list_index(path.back(), parent.size());
            if (!index) missing(path, path.size());
            Value removed = parent.items()[*index];
            parent.erase_item(*index);
            return removed;
        }
        const Value* found = parent.find(path.back());
        if (found == nullptr) missing(path, path.size());
        Value removed = *found;
        parent.erase(path.back());
        return removed;
    }

    void shift(std::size_t count) {
        m_shifted += count;
        if (m_shifted > k_max_shifted) throw Error(Code::invalid, "the patch is too costly for a document of this size");
    }

    /// Counts the nodes of `value`, which goes in at `path`.
    void charge(const Value& value, const Pointer& path) { count(value, path.size()); }

    void count(const Value& value, std::size_t depth) {
        if (++m_added > k_max_added)
            throw Error(Code::invalid, "the patch adds more than " + std::to_string(k_max_added) + " nodes");
        if (depth > k_max_yaml_depth)
            throw Error(Code::invalid, "the patch nests deeper than " + std::to_string(k_max_yaml_depth) + " levels");
        for (const Value& item : value.items()) count(item, depth + 1);
        for (const Entry& entry : value.entries()) count(entry.value, depth + 1);
    }

    Value m_root;
    std::size_t m_added = 0;
    std::size_t m_shifted = 0;
};

std::optional<Pointer> pointer_at(const Value& operation, std::string_view field) {
    const Value* text = operation.find(field);
    if (text == nullptr) return std::nullopt;
    if (!text->is_string()) throw Error(Code::invalid, "\"" + std::string(field) + "\" must be a string");
    return parse_pointer(text->text());
}

Operation read_operation(const Value& source) {
    if (!source.is_map()) throw Error(Code::invalid, "expected a map, found a " + std::string(kind_name(source.kind())));
    Operation operation;
    operation.name = source.text_at("op");
    if (operation.name.empty()) throw Error(Code::invalid, "the operation has no \"op\"");
    auto path = pointer_at(source, "path");
    if (!path) throw Error(Code::invalid, "the operation has no \"path\"");
    operation.path = std::move(*path);
    operation.from = pointer_at(source, "from");
    operation.value = source.find("value");
    return operation;
}

/// "operation 2 (replace /spec/replicas)", for notes.
std::string describe(std::size_t number, const Value& source) {
    std::string text = "in operation " + std::to_string(number);
    if (!source.is_map()) return text;
    std::string detail(source.text_at("op"));
    const auto path = source.text_at("path").substr(0, k_longest_path);
    if (!detail.empty() && !path.empty()) detail += ' ';
    detail += path;
    return detail.empty() ? text : text + " (" + detail + ")";
}

}  // namespace

Value json_patch(const Value& target, const Value& operations) {
    if (!operations.is_list())
        throw Error(Code::invalid, "a JSON patch is a list of operations, found a " + std::string(kind_name(operations.kind())));
    Patcher patcher(target);
    std::size_t number = 0;
    for (const Value& source : operations.items()) {
        ++number;
        try {
            patcher.apply(read_operation(source));
        } catch (Error& error) {
            throw error.note(describe(number, source)).at({"", static_cast<int>(source.line()), 0});
        }
    }
    return patcher.take();
}

}  // namespace gitops::doc
