#include "core/render/json_patch.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/number.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/bounds.hpp"

namespace gitops::render {

using doc::Value;

namespace {

/// List items that the operations of one patch may move aside.
constexpr std::size_t k_max_shifted = 1'000'000'000;

[[noreturn]] void refuse(const std::string& message) { throw base::Error(base::Code::invalid, message); }

/// "~1" and "~0" as one pass replaces them.
std::string decoded(std::string_view key) {
    std::string text;
    for (std::size_t at = 0; at < key.size(); ++at) {
        bool escape = key[at] == '~' && at + 1 < key.size() && (key[at + 1] == '0' || key[at + 1] == '1');
        if (!escape) {
            text += key[at];
            continue;
        }
        text += key[++at] == '1' ? '/' : '~';
    }
    return text;
}

/// As Go's Atoi reads it.
std::optional<std::int64_t> number_of(std::string_view key) {
    if (key.starts_with('+') && key.size() > 1 && key[1] != '-') key.remove_prefix(1);
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (key.empty() || error != std::errc{} || end != key.data() + key.size()) return std::nullopt;
    return number;
}

/// The index that `key` means in a list with `count` places; negative ones count from the end.
std::size_t index_of(std::string_view key, std::size_t count) {
    auto number = number_of(key);
    if (!number) refuse("'" + std::string(key) + "' is no index of a list");
    auto size = static_cast<std::int64_t>(count);
    if (*number >= size || *number < -size)
        refuse("Unable to access invalid index: " + std::to_string(*number));
    return static_cast<std::size_t>(*number < 0 ? *number + size : *number);
}

/// Numbers as JSON spells them. What is JSON already keeps its spelling.
Value with_json_numbers(const Value& value) {
    if (value.is_number()) {
        auto text = doc::json_number(value.text());
        return text ? Value::number(value.kind(), *text) : value;
    }
    Value changed = value;
    for (std::size_t i = 0; i < value.items().size(); ++i) changed.item(i) = with_json_numbers(value.items()[i]);
    for (const auto& entry : value.entries()) changed.set(entry.name(), with_json_numbers(entry.value));
    return changed;
}

/// `a` of the object and `b` of the patch. Numbers are compared as JSON text: 1 and 1.0 differ.
bool same_json(const Value& a, const Value& b) {
    if (a.is_map()) {
        return b.is_map() && a.size() == b.size() && std::ranges::all_of(a.entries(), [&](const doc::Entry& entry) {
                   const Value* other = b.find(entry.name());
                   return other != nullptr && same_json(entry.value, *other);
               });
    }
    if (a.is_list()) {
        if (!b.is_list() || a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (!same_json(a.items()[i], b.items()[i])) return false;
        return true;
    }
    if (a.is_number()) return b.is_number() && doc::json_number(a.text()) == std::string(b.text());
    return a == b;
}

/// A container and the last step of the path that leads into it.
struct Place {
    Value* container;
    std::string key;
};

class Patcher {
  public:
    explicit Patcher(Value target) : m_root(std::move(target)) {}

    void apply(const Value& operation) {
        using Action = void (Patcher::*)(const Value&);
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
        m_name = operation.text_at("op");
        auto row = std::ranges::find(k_actions, m_name, &Row::name);
        if (row == k_actions.end()) refuse("Unexpected kind: " + (m_name.empty() ? "unknown" : m_name));
        (this->*row->action)(operation);
    }

    Value take() { return std::move(m_root); }

  private:
    std::string path_in(const Value& operation, std::string_view field) const {
        const Value* path = operation.find(field);
        if (path == nullptr || !path->is_string())
            refuse(m_name + " operation failed to decode " + std::string(field) + ": missing value");
        return std::string(path->text());
    }

    static const Value& value_of(const Value& operation) {
        static const Value null{nullptr};
        const Value* value = operation.find("value");
        return value == nullptr ? null : *value;
    }

    Place locate(const std::string& path) {
        auto steps = base::split(path, '/');
        if (steps.size() < 2) missing(path);
        Value* at = &m_root;
        for (std::size_t i = 1; i + 1 < steps.size(); ++i) {
            std::string key = decoded(steps[i]);
            Value* next = nullptr;
            if (at->is_map()) {
                next = at->find_mutable(key);
            } else {
                auto number = number_of(key);
                auto size = static_cast<std::int64_t>(at->size());
                if (number && *number < size && *number >= -size)
                    next = &at->item(static_cast<std::size_t>(*number < 0 ? *number + size : *number));
            }
            if (next == nullptr || next->is_scalar()) missing(path);
            at = next;
        }
        return {at, decoded(steps.back())};
    }

    [[noreturn]] void missing(const std::string& path) const {
        refuse(m_name + " operation does not apply: doc is missing path: \"" + path + "\": missing value");
    }

    /// What stands there; a missing key of a map counts as null.
    static Value get(const Place& place) {
        if (place.container->is_list()) return place.container->items()[index_of(place.key, place.container->size())];
        const Value* value = place.container->find(place.key);
        return value == nullptr ? Value() : *value;
    }

    void put(const Place& place, Value value) {
        count(value);
        if (!place.container->is_list()) return place.container->set(place.key, std::move(value));
        std::size_t size = place.container->size();
        std::size_t index = place.key == "-" ? size : index_of(place.key, size + 1);
        m_shifted += size - index;
        if (m_shifted > k_max_shifted) refuse("the patch moves too many list elements");
        place.container->insert(index, std::move(value));
    }

    void count(const Value& value) {
        m_room.take(count_nodes(value, m_room.left() + 1), "the patch makes the object too large");
    }

    void drop(const Place& place) {
        if (place.container->is_list()) {
            std::size_t index = index_of(place.key, place.container->size());
            m_shifted += place.container->size() - index;
            if (m_shifted > k_max_shifted) refuse("the patch moves too many list elements");
            place.container->erase_item(index);
        } else if (!place.container->erase(place.key)) {
            refuse("Unable to remove nonexistent key: " + place.key + ": missing value");
        }
    }

    void add(const Value& operation) { put(locate(path_in(operation, "path")), value_of(operation)); }
    void remove(const Value& operation) { drop(locate(path_in(operation, "path"))); }

    void replace(const Value& operation) {
        std::string path = path_in(operation, "path");
        const Value& value = value_of(operation);
        if (path.empty()) {
            if (value.is_scalar()) refuse("replace operation value must be object or array");
            m_root = value;
            return;
        }
        Place place = locate(path);
        count(value);
        if (place.container->is_list()) place.container->item(index_of(place.key, place.container->size())) = value;
        else place.container->set(place.key, value);
    }

    void move(const Value& operation) {
        Place from = locate(path_in(operation, "from"));
        Value value = get(from);
        drop(from);
        put(locate(path_in(operation, "path")), std::move(value));
    }

    void copy(const Value& operation) {
        Value value = get(locate(path_in(operation, "from")));
        put(locate(path_in(operation, "path")), std::move(value));
    }

    void test(const Value& operation) {
        std::string path = path_in(operation, "path");
        Value found = path.empty() ? m_root : get(locate(path));
        if (!same_json(found, value_of(operation))) refuse("testing value " + path + " failed: test failed");
    }

    Value m_root;
    std::string m_name;
    Budget m_room{k_max_new_nodes};
    std::size_t m_shifted = 0;
};

}  // namespace

Value parse_json_patch(std::string_view text, const std::string& file) {
    Value operations;
    if (text.starts_with('[')) {
        operations = doc::read_json(text, file);
    } else {
        doc::YamlOptions options;
        options.file = file;
        options.dialect = doc::YamlDialect::v1_1;
        options.duplicates = doc::DuplicateKeys::last_wins;
        auto documents = doc::read_yaml(text, options);
        if (!documents.empty()) operations = with_json_numbers(documents.front());
    }
    bool good = operations.is_list() &&
                std::ranges::all_of(operations.items(), [](const Value& item) { return item.is_map(); });
    if (!good && !operations.is_null())
        throw base::Error(base::Code::invalid, "a JSON patch is a list of operations").at({file, 0, 0});
    return operations;
}

Value apply_json_patch(Value target, const Value& operations) {
    Patcher patcher(std::move(target));
    std::size_t number = 0;
    for (const auto& operation : operations.items()) {
        ++number;
        try {
            patcher.apply(operation);
        } catch (base::Error& error) {
            error.note("in operation " + std::to_string(number));
            throw;
        }
    }
    return patcher.take();
}

}  // namespace gitops::render
