#include "core/doc/value.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"

namespace gitops::doc {

namespace detail {

struct Counted {
    mutable std::atomic<std::uint32_t> owners{1};
};

/// Header of one allocation; the bytes of the text follow it.
struct TextNode : Counted {
    std::uint32_t length = 0;
    char* bytes() { return reinterpret_cast<char*>(this + 1); }
    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
};

struct ListNode : Counted {
    std::vector<Value> items;
};

/// Small maps are searched key by key; from k_indexed entries on, `order` holds the entry numbers sorted by key.
struct MapNode : Counted {
    static constexpr std::size_t k_indexed = 24;
    std::vector<Entry> entries;
    std::vector<std::uint32_t> order;

    std::vector<std::uint32_t>::const_iterator lower_bound(std::string_view key) const {
        return std::lower_bound(order.begin(), order.end(), key,
                                [this](std::uint32_t at, std::string_view k) { return entries[at].name() < k; });
    }

    std::ptrdiff_t position(std::string_view key) const {
        if (order.empty()) {
            for (std::size_t i = 0; i < entries.size(); ++i)
                if (entries[i].name() == key) return static_cast<std::ptrdiff_t>(i);
            return -1;
        }
        auto found = lower_bound(key);
        return found != order.end() && entries[*found].name() == key ? static_cast<std::ptrdiff_t>(*found) : -1;
    }

    void reindex() {
        order.clear();
        if (entries.size() < k_indexed) return;
        order.resize(entries.size());
        for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(),
                         [this](std::uint32_t a, std::uint32_t b) { return entries[a].name() < entries[b].name(); });
    }

    void append(Entry entry) {
        if (!order.empty()) {
            auto place = order.begin() + (lower_bound(entry.name()) - order.cbegin());
            order.insert(place, static_cast<std::uint32_t>(entries.size()));
        }
        entries.push_back(std::move(entry));
        if (order.empty() && entries.size() == k_indexed) reindex();
    }

    void remove(std::size_t at) {
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
        if (entries.size() < k_indexed) {
            order.clear();
            return;
        }
        std::erase(order, static_cast<std::uint32_t>(at));
        for (std::uint32_t& place : order)
            if (place > at) --place;
    }
};

}  // namespace detail

namespace {

detail::TextNode* make_text(std::string_view text) {
    if (text.size() > UINT32_MAX - 1) throw base::Error(base::Code::invalid, "a text of more than 4 GiB");
    void* memory = std::malloc(sizeof(detail::TextNode) + text.size());
    if (memory == nullptr) throw std::bad_alloc();
    auto* node = new (memory) detail::TextNode;
    node->length = static_cast<std::uint32_t>(text.size());
    if (!text.empty()) std::memcpy(node->bytes(), text.data(), text.size());
    return node;
}

void destroy(detail::TextNode* node) {
    node->~TextNode();
    std::free(node);
}

[[noreturn]] void wrong_kind(std::string_view wanted, Value::Kind found) {
    throw base::Error(base::Code::internal, "expected a " + std::string(wanted) + " node, found a " +
                                                std::string(kind_name(found)));
}

}  // namespace

Value::Value(Kind kind, std::string_view text) : m_kind(kind) { m_payload.text = make_text(text); }

Value::Value(std::int64_t number) : Value(Kind::integer, std::to_string(number)) {}

Value::Value(std::uint64_t number) : Value(Kind::integer, std::to_string(number)) {}

Value::Value(double number) : Value(Kind::floating, format_double(number)) {}

Value::Value(const Value& other) noexcept
    : m_payload(other.m_payload), m_line(other.m_line), m_kind(other.m_kind), m_style(other.m_style),
      m_spelling(other.m_spelling),
      m_type_open(other.m_type_open) {
    retain();
}

Value::Value(Value&& other) noexcept
    : m_payload(other.m_payload), m_line(other.m_line), m_kind(other.m_kind), m_style(other.m_style),
      m_spelling(other.m_spelling),
      m_type_open(other.m_type_open) {
    other.m_kind = Kind::null;
    other.m_spelling = Spelling::usual;
    other.m_type_open = false;
}

Value& Value::operator=(const Value& other) noexcept {
    other.retain();
    Value old(std::move(*this));
    m_payload = other.m_payload;
    m_line = other.m_line;
    m_kind = other.m_kind;
    m_style = other.m_style;
    m_spelling = other.m_spelling;
    m_type_open = other.m_type_open;
    return *this;
}

Value& Value::operator=(Value&& other) noexcept {
    if (this == &other) return *this;
    Value old(std::move(*this));
    m_payload = other.m_payload;
    m_line = other.m_line;
    m_kind = other.m_kind;
    m_style = other.m_style;
    m_spelling = other.m_spelling;
    m_type_open = other.m_type_open;
    other.m_kind = Kind::null;
    other.m_spelling = Spelling::usual;
    other.m_type_open = false;
    return *this;
}

Value::~Value() { release(); }

void Value::retain() const noexcept {
    switch (m_kind) {
        case Kind::null:
        case Kind::boolean: return;
        case Kind::integer:
        case Kind::floating:
        case Kind::string: m_payload.text->owners.fetch_add(1, std::memory_order_relaxed); return;
        case Kind::list: m_payload.list->owners.fetch_add(1, std::memory_order_relaxed); return;
        case Kind::map: m_payload.map->owners.fetch_add(1, std::memory_order_relaxed); return;
    }
}

void Value::release() noexcept {
    // A sole owner needs no atomic write: nobody else can take a share meanwhile.
    auto last = [](detail::Counted& node) {
        return node.owners.load(std::memory_order_acquire) == 1 ||
               node.owners.fetch_sub(1, std::memory_order_acq_rel) == 1;
    };
    switch (m_kind) {
        case Kind::null:
        case Kind::boolean: return;
        case Kind::integer:
        case Kind::floating:
        case Kind::string:
            if (last(*m_payload.text)) destroy(m_payload.text);
            return;
        case Kind::list:
            if (last(*m_payload.list)) delete m_payload.list;
            return;
        case Kind::map:
            if (last(*m_payload.map)) delete m_payload.map;
            return;
    }
}

Value Value::list() { return list(std::vector<Value>{}); }

Value Value::list(std::vector<Value> items) {
    Value value;
    auto* node = new detail::ListNode;
    node->items = std::move(items);
    value.m_payload.list = node;
    value.m_kind = Kind::list;
    return value;
}

Value Value::map() {
    Value value;
    value.m_payload.map = new detail::MapNode;
    value.m_kind = Kind::map;
    return value;
}

Value Value::map_of_distinct(std::vector<Entry> entries) {
    Value value = map();
    value.m_payload.map->entries = std::move(entries);
    value.m_payload.map->reindex();
    return value;
}

Value Value::map(std::vector<Entry> entries) {
    Value value = map_of_distinct(std::move(entries));
    auto& node = *value.m_payload.map;
    bool repeated = false;
    if (node.order.empty()) {
        for (std::size_t i = 1; i < node.entries.size() && !repeated; ++i)
            for (std::size_t j = 0; j < i; ++j) repeated |= node.entries[i].name() == node.entries[j].name();
    } else {
        for (std::size_t i = 1; i < node.order.size(); ++i)
            repeated |= node.entries[node.order[i - 1]].name() == node.entries[node.order[i]].name();
    }
    if (!repeated) return value;
    Value unique = map();
    for (auto& entry : node.entries) unique.set(entry.name(), entry.value);
    return unique;
}

std::string_view Value::text() const {
    switch (m_kind) {
        case Kind::integer:
        case Kind::floating:
        case Kind::string: return {m_payload.text->bytes(), m_payload.text->length};
        case Kind::boolean: return m_payload.flag ? "true" : "false";
        case Kind::null:
        case Kind::list:
        case Kind::map: return {};
    }
    return {};
}

std::optional<std::int64_t> Value::to_int() const { return is_number() ? parse_int(text()) : std::nullopt; }

std::optional<double> Value::to_double() const { return is_number() ? parse_double(text()) : std::nullopt; }

std::size_t Value::size() const {
    if (m_kind == Kind::list) return m_payload.list->items.size();
    if (m_kind == Kind::map) return m_payload.map->entries.size();
    return 0;
}

std::span<const Value> Value::items() const {
    if (m_kind != Kind::list) return {};
    return m_payload.list->items;
}

std::span<const Entry> Value::entries() const {
    if (m_kind != Kind::map) return {};
    return m_payload.map->entries;
}

const Value* Value::find(std::string_view key) const {
    if (m_kind != Kind::map) return nullptr;
    auto at = m_payload.map->position(key);
    return at < 0 ? nullptr : &m_payload.map->entries[static_cast<std::size_t>(at)].value;
}

std::string_view Value::text_at(std::string_view key) const {
    const Value* child = find(key);
    return child != nullptr && child->is_string() ? child->text() : std::string_view{};
}

detail::ListNode& Value::own_list() {
    if (m_kind == Kind::null) {
        auto line = m_line;
        *this = list();
        m_line = line;
    }
    if (m_kind != Kind::list) wrong_kind("list", m_kind);
    if (m_payload.list->owners.load(std::memory_order_acquire) > 1) {
        auto* copy = new detail::ListNode;
        copy->items = m_payload.list->items;
        release();
        m_payload.list = copy;
    }
    return *m_payload.list;
}

detail::MapNode& Value::own_map() {
    if (m_kind == Kind::null) {
        auto line = m_line;
        *this = map();
        m_line = line;
    }
    if (m_kind != Kind::map) wrong_kind("map", m_kind);
    if (m_payload.map->owners.load(std::memory_order_acquire) > 1) {
        auto* copy = new detail::MapNode;
        copy->entries = m_payload.map->entries;
        copy->order = m_payload.map->order;
        release();
        m_payload.map = copy;
    }
    return *m_payload.map;
}

void Value::set(std::string_view key, Value value) { at(key) = std::move(value); }

Value& Value::at(std::string_view key) {
    auto& node = own_map();
    auto found = node.position(key);
    if (found >= 0) return node.entries[static_cast<std::size_t>(found)].value;
    node.append(Entry{Value(key), Value()});
    return node.entries.back().value;
}

Value* Value::find_mutable(std::string_view key) {
    if (find(key) == nullptr) return nullptr;
    return &at(key);
}

bool Value::erase(std::string_view key) {
    if (find(key) == nullptr) return false;
    auto& node = own_map();
    node.remove(static_cast<std::size_t>(node.position(key)));
    return true;
}

void Value::push_back(Value item) { own_list().items.push_back(std::move(item)); }

Value& Value::item(std::size_t index) {
    auto& items = own_list().items;
    if (index >= items.size()) throw base::Error(base::Code::internal, "list index out of range");
    return items[index];
}

void Value::insert(std::size_t index, Value item) {
    auto& items = own_list().items;
    if (index > items.size()) throw base::Error(base::Code::internal, "list index out of range");
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(item));
}

void Value::erase_item(std::size_t index) {
    auto& items = own_list().items;
    if (index >= items.size()) throw base::Error(base::Code::internal, "list index out of range");
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

bool Value::same_node(const Value& other) const {
    if (m_kind != other.m_kind) return false;
    if (m_kind == Kind::null) return true;
    if (m_kind == Kind::boolean) return m_payload.flag == other.m_payload.flag;
    return m_payload.node == other.m_payload.node;
}

bool Value::operator==(const Value& other) const {
    if (same_node(other)) return true;
    if (is_number() && other.is_number())
        return text() == other.text() || numbers_equal(text(), other.text());
    if (m_kind != other.m_kind) return false;
    switch (m_kind) {
        case Kind::null: return true;
        case Kind::boolean: return false;
        case Kind::integer:
        case Kind::floating:
        case Kind::string: return text() == other.text();
        case Kind::list: return std::ranges::equal(items(), other.items());
        case Kind::map:
            return size() == other.size() && std::ranges::all_of(entries(), [&](const Entry& entry) {
                       const Value* twin = other.find(entry.name());
                       return twin != nullptr && entry.value == *twin;
                   });
    }
    return false;
}

std::string_view kind_name(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::null: return "null";
        case Value::Kind::boolean: return "boolean";
        case Value::Kind::integer:
        case Value::Kind::floating: return "number";
        case Value::Kind::string: return "string";
        case Value::Kind::list: return "list";
        case Value::Kind::map: return "map";
    }
    return "null";
}

}  // namespace gitops::doc
