// Value is one node of a document: null, boolean, number, text, list or map, with the line it was read from.
//
// Overview: a handle of 16 bytes onto a shared, reference-counted node. Copying a Value copies the handle; a
// node is cloned (one level deep) only when a handle that shares it is about to change it. So a base can stand
// in 500 overlays for the price of one, and same_node() tells in O(1) that two subtrees are equal. A node with
// more than one owner is never written to, so different threads may hold handles to it; one handle is for one
// thread at a time.
//
// A Value never forgets how a number was spelled ("1.10", "0644", twenty digits): numbers are kept as text with
// a kind. A map keeps the order of its keys.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gitops::doc {

namespace detail {
struct TextNode;
struct ListNode;
struct MapNode;
}  // namespace detail

struct Entry;

class Value {
  public:
    enum class Kind : std::uint8_t { null, boolean, integer, floating, string, list, map };
    /// How a scalar stood in its source; `none` for values made by code.
    enum class Style : std::uint8_t { none, plain, single_quoted, double_quoted, literal, folded };
    /// How a boolean or a null was spelled. `nothing_in_flow` is an empty place in a flow collection, which go-yaml
    /// prints as an empty text; `misfit` is a text in a place whose type it does not have.
    enum class Spelling : std::uint8_t { usual, title, upper, tilde, nothing_in_flow, misfit };

    Value() noexcept = default;
    Value(std::nullptr_t) noexcept {}
    Value(bool flag) noexcept : m_kind(Kind::boolean) { m_payload.flag = flag; }
    Value(std::string_view text) : Value(Kind::string, text) {}
    Value(const std::string& text) : Value(Kind::string, text) {}
    Value(const char* text) : Value(Kind::string, text) {}
    Value(int number) : Value(static_cast<std::int64_t>(number)) {}
    Value(std::int64_t number);
    Value(std::uint64_t number);
    Value(double number);
    Value(const Value& other) noexcept;
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other) noexcept;
    Value& operator=(Value&& other) noexcept;
    ~Value();

    static Value list();
    static Value list(std::vector<Value> items);
    static Value map();
    /// Entries in the order given; of equal keys the last wins at the first one's position.
    static Value map(std::vector<Entry> entries);
    /// The same for entries whose keys the caller knows to differ; nothing is checked.
    static Value map_of_distinct(std::vector<Entry> entries);
    /// A number with its spelling; `kind` is integer or floating.
    static Value number(Kind kind, std::string_view spelled) { return Value(kind, spelled); }

    Kind kind() const { return m_kind; }
    bool is_null() const { return m_kind == Kind::null; }
    bool is_bool() const { return m_kind == Kind::boolean; }
    bool is_integer() const { return m_kind == Kind::integer; }
    bool is_number() const { return m_kind == Kind::integer || m_kind == Kind::floating; }
    bool is_string() const { return m_kind == Kind::string; }
    bool is_scalar() const { return m_kind < Kind::list; }
    bool is_list() const { return m_kind == Kind::list; }
    bool is_map() const { return m_kind == Kind::map; }

    /// The flag; false for anything that is no boolean.
    bool as_bool() const { return m_kind == Kind::boolean && m_payload.flag; }
    /// The text of a string or the spelling of a number; "true"/"false" of a boolean; "" otherwise. Valid while
    /// this handle lives unchanged.
    std::string_view text() const;
    /// The exact integer value, reading 0x, 0o, 0b, leading-zero octal, '_' and signs as go-yaml does; a floating
    /// number counts when it is whole ("3.0"). nullopt when it is no number or does not fit.
    std::optional<std::int64_t> to_int() const;
    /// The numeric value, nullopt when it is no number.
    std::optional<double> to_double() const;

    // Lists and maps. On other kinds size() is 0 and the ranges are empty.
    std::size_t size() const;
    bool empty() const { return size() == 0; }
    std::span<const Value> items() const;
    std::span<const Entry> entries() const;
    /// The value at `key`; nullptr when there is none or this is no map.
    const Value* find(std::string_view key) const;
    bool has(std::string_view key) const { return find(key) != nullptr; }
    /// find() along several keys: path("spec", "template", "spec").
    template <class... Keys>
    const Value* path(std::string_view key, Keys... rest) const {
        const Value* child = find(key);
        if constexpr (sizeof...(rest) == 0) return child;
        else return child == nullptr ? nullptr : child->path(rest...);
    }
    /// The string at `key`, "" when there is none or it is no string.
    std::string_view text_at(std::string_view key) const;

    // Changes. Each clones the node first when it is shared. On a wrong kind set() and at() turn a null into an
    // empty map, push_back() into an empty list; any other wrong kind throws base::Error(internal).
    void set(std::string_view key, Value value);
    /// The value at `key` for changing; made as null at the end when absent.
    Value& at(std::string_view key);
    /// The value at `key` for changing; nullptr when absent (nothing is cloned then).
    Value* find_mutable(std::string_view key);
    bool erase(std::string_view key);
    void push_back(Value item);
    /// The item for changing; throws base::Error(internal) when out of range.
    Value& item(std::size_t index);
    void insert(std::size_t index, Value item);
    void erase_item(std::size_t index);

    /// The same node, or equal scalars without text: true means equal, false means nothing.
    bool same_node(const Value& other) const;
    /// Equal as data: map order, spelling of numbers, style and line do not count; 1 and 1.0 are equal,
    /// 1 and "1" are not.
    bool operator==(const Value& other) const;

    /// Line in the source counted from 1; 0 when made by code. Belongs to the handle: a shared node may be
    /// seen from several places.
    std::uint32_t line() const { return m_line; }
    void set_line(std::uint32_t line) { m_line = line; }
    Style style() const { return m_style; }
    void set_style(Style style) { m_style = style; }
    Spelling spelling() const { return m_spelling; }
    void set_spelling(Spelling spelling) { m_spelling = spelling; }
    /// A scalar that code wrote without saying its type: whoever changes its text lets the text decide again.
    bool is_type_open() const { return m_type_open; }
    void open_type() { m_type_open = true; }

  private:
    Value(Kind kind, std::string_view text);
    void retain() const noexcept;
    void release() noexcept;
    detail::ListNode& own_list();
    detail::MapNode& own_map();

    union Payload {
        void* node = nullptr;
        detail::TextNode* text;
        detail::ListNode* list;
        detail::MapNode* map;
        bool flag;
    } m_payload;
    std::uint32_t m_line = 0;
    Kind m_kind = Kind::null;
    Style m_style = Style::none;
    Spelling m_spelling = Spelling::usual;
    bool m_type_open = false;
};

static_assert(sizeof(Value) == 16);

/// One key of a map and its value. The key is a string Value so that equal keys can share their text; only maps
/// read from non-string YAML keys hold another scalar kind there, for the writer to refuse.
struct Entry {
    Value key;
    Value value;
    std::string_view name() const { return key.text(); }
};

/// The kind's name as messages use it: "null", "boolean", "number", "string", "list", "map".
std::string_view kind_name(Value::Kind kind);

}  // namespace gitops::doc
