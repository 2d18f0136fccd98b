#include "core/doc/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/doc/json_quick.hpp"
#include "core/doc/key_pool.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::doc {

namespace {

using base::Code;
using base::Error;

/// Walks over the text and tells a shared pointer how far the parser has come.
class TrackedIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    TrackedIterator(const char* at, const char** reached) : m_at(at), m_reached(reached) {}
    const char& operator*() const { return *m_at; }
    TrackedIterator& operator++() {
        *m_reached = ++m_at;
        return *this;
    }
    TrackedIterator operator++(int) {
        TrackedIterator old = *this;
        ++*this;
        return old;
    }
    bool operator==(const TrackedIterator& other) const { return m_at == other.m_at; }

  private:
    const char* m_at;
    const char** m_reached;
};

/// Builds Values from the parser's events.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    Builder(std::string_view text, std::string_view file)
        : m_text(text), m_file(file), m_counted(text.data()), m_reached(text.data()) {}

    Value read() {
        const char* end = m_text.data() + m_text.size();
        nlohmann::json::sax_parse(TrackedIterator(m_text.data(), &m_reached), TrackedIterator(end, &m_reached), this);
        return std::move(m_root);
    }

    bool null() override { return add(Value()); }
    bool boolean(bool flag) override { return add(Value(flag)); }
    bool number_integer(number_integer_t number) override { return add(Value(static_cast<std::int64_t>(number))); }
    bool number_unsigned(number_unsigned_t number) override { return add(Value(static_cast<std::uint64_t>(number))); }
    bool number_float(number_float_t, const string_t& spelled) override {
        const bool whole = spelled.find_first_of(".eE") == std::string::npos;
        return add(Value::number(whole ? Value::Kind::integer : Value::Kind::floating, spelled));
    }
    bool string(string_t& text) override {
        check_size(text);
        return add(Value(text));
    }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(true); }
    bool start_array(std::size_t) override { return open(false); }
    bool key(string_t& text) override {
        check_size(text);
        Value key = m_keys.intern(text);
        key.set_line(line());
        m_entries.push_back(Entry{std::move(key), Value()});
        return true;
    }
    bool end_object() override {
        const Frame frame = m_frames.back();
        m_frames.pop_back();
        const auto first = m_entries.begin() + static_cast<std::ptrdiff_t>(frame.first);
        std::vector<Entry> entries(std::make_move_iterator(first), std::make_move_iterator(m_entries.end()));
        m_entries.erase(first, m_entries.end());
        const auto twins = m_keys.find_twins(entries);
        if (!twins.empty()) {
            const Entry& again = entries[twins.front().second];
            throw Error(Code::invalid, "key \"" + std::string(again.name()) + "\" is already defined on line " +
                                           std::to_string(entries[twins.front().first].key.line()))
                .at({std::string(m_file), static_cast<int>(again.key.line()), 0});
        }
        return close(Value::map_of_distinct(std::move(entries)), frame);
    }
    bool end_array() override {
        const Frame frame = m_frames.back();
        m_frames.pop_back();
        const auto first = m_items.begin() + static_cast<std::ptrdiff_t>(frame.first);
        std::vector<Value> items(std::make_move_iterator(first), std::make_move_iterator(m_items.end()));
        m_items.erase(first, m_items.end());
        return close(Value::list(std::move(items)), frame);
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 3: what is wrong"
        std::string_view text = error.what();
        if (const auto colon = text.find(": "); colon != std::string_view::npos) text.remove_prefix(colon + 2);
        fail("not valid JSON: " + std::string(text));
    }

  private:
    struct Frame {
        bool is_map;
        std::size_t first;
        std::uint32_t line;
    };

    [[noreturn]] void fail(const std::string& message) {
        const int line_number = static_cast<int>(line());
        const char* line_start = m_counted;
        while (line_start > m_text.data() && line_start[-1] != '\n') --line_start;
        const int column = static_cast<int>(std::max<std::ptrdiff_t>(m_reached - line_start, 1));
        throw Error(Code::invalid, message).at({std::string(m_file), line_number, column});
    }

    void check_size(const std::string& text) {
        if (text.size() > k_max_yaml_scalar) fail("a text of more than 64 MiB");
    }

    /// The line of the last character read; a number's end is known only one character later.
    std::uint32_t line() {
        const char* until = std::max(m_counted, m_reached - 1);
        m_line += static_cast<std::uint32_t>(std::count(m_counted, until, '\n'));
        m_counted = until;
        return m_line;
    }

    void count_node() {
        if (++m_nodes > k_max_yaml_nodes) fail("more than " + std::to_string(k_max_yaml_nodes) + " nodes");
    }

    bool open(bool is_map) {
        if (m_frames.size() + 1 >= k_max_yaml_depth)
            fail("nested deeper than " + std::to_string(k_max_yaml_depth) + " levels");
        count_node();
        m_frames.push_back({is_map, is_map ? m_entries.size() : m_items.size(), line()});
        return true;
    }

    bool close(Value value, const Frame& frame) {
        value.set_line(frame.line);
        place(std::move(value));
        return true;
    }

    bool add(Value value) {
        count_node();
        value.set_line(line());
        place(std::move(value));
        return true;
    }

    void place(Value value) {
        if (m_frames.empty()) m_root = std::move(value);
        else if (m_frames.back().is_map) m_entries.back().value = std::move(value);
        else m_items.push_back(std::move(value));
    }

    std::string_view m_text;
    std::string_view m_file;
    const char* m_counted;
    const char* m_reached;
    std::uint32_t m_line = 1;
    std::size_t m_nodes = 0;
    detail::KeyPool m_keys;
    std::vector<Frame> m_frames;
    std::vector<Value> m_items;
    std::vector<Entry> m_entries;
    Value m_root;
};

}  // namespace

Value read_json(std::string_view text, std::string_view file) {
    if (auto value = detail::read_json_quick(text)) return std::move(*value);
    return read_json_thorough(text, file);
}

Value read_json_thorough(std::string_view text, std::string_view file) { return Builder(text, file).read(); }

}  // namespace gitops::doc
