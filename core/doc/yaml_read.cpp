#include "core/doc/yaml_read.hpp"

#include <yaml.h>

#include <algorithm>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/doc/key_pool.hpp"
#include "core/doc/number.hpp"
#include "core/doc/scalar.hpp"
#include "core/doc/yaml_parser.hpp"

namespace gitops::doc {

namespace {

using base::Code;
using base::Error;
using base::Place;

/// libyaml looks at every open flow collection for each token; this many such looks take about a second.
constexpr std::size_t k_max_flow_work = 400'000'000;

std::string_view view(const yaml_char_t* text) {
    return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text));
}

Value::Style style_of(yaml_scalar_style_t style) {
    switch (style) {
        case YAML_PLAIN_SCALAR_STYLE: return Value::Style::plain;
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: return Value::Style::single_quoted;
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return Value::Style::double_quoted;
        case YAML_LITERAL_SCALAR_STYLE: return Value::Style::literal;
        case YAML_FOLDED_SCALAR_STYLE: return Value::Style::folded;
        case YAML_ANY_SCALAR_STYLE: return Value::Style::none;
    }
    return Value::Style::none;
}

/// How much a subtree holds once its aliases are written out.
struct Extent {
    std::size_t nodes = 0;
    std::size_t bytes = 0;
    std::size_t height = 0;
};

struct Anchor {
    Value value;
    Extent extent;
    bool complete = false;
};

/// One open list or map. Its children lie on the reader's stacks, from `first` on.
struct Frame {
    bool is_map = false;
    bool is_flow = false;
    std::size_t first = 0;
    std::size_t height = 0;
    Extent before;
    Anchor* anchor = nullptr;  ///< filled in when the collection closes
    std::uint32_t line = 0;
    std::size_t first_merge = 0;  ///< values of its "<<" keys, on the reader's stack of them
    // The key whose value this collection is.
    Value key;
    bool key_pending = false;
    bool key_is_merge = false;
};

class Reader {
  public:
    Reader(std::string_view text, const YamlOptions& options)
        : m_options(options), m_parser(text, options.file, options.first_line) {}

    std::vector<Value> read() {
        std::vector<Value> documents;
        for (;;) {
            const yaml_event_t& event = m_parser.next();
            if (event.type == YAML_STREAM_END_EVENT) return documents;
            if (event.type != YAML_DOCUMENT_START_EVENT) continue;
            m_anchors.clear();
            Value root = read_document();
            if (!root.is_null()) documents.push_back(std::move(root));
        }
    }

  private:
    Value read_document() {
        m_root = Value();
        for (;;) {
            const yaml_event_t& event = m_parser.next();
            switch (event.type) {
                case YAML_DOCUMENT_END_EVENT: return std::move(m_root);
                case YAML_SCALAR_EVENT: on_scalar(event); break;
                case YAML_ALIAS_EVENT: on_alias(view(event.data.alias.anchor)); break;
                case YAML_SEQUENCE_START_EVENT:
                    open(false, event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
                         view(event.data.sequence_start.anchor));
                    break;
                case YAML_MAPPING_START_EVENT:
                    open(true, event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
                         view(event.data.mapping_start.anchor));
                    break;
                case YAML_SEQUENCE_END_EVENT:
                case YAML_MAPPING_END_EVENT: close(); break;
                case YAML_NO_EVENT:
                case YAML_STREAM_START_EVENT:
                case YAML_STREAM_END_EVENT:
                case YAML_DOCUMENT_START_EVENT: break;
            }
        }
    }

    [[noreturn]] void fail(const std::string& message) const {
        throw Error(Code::invalid, message).at(m_parser.place());
    }

    void count(const Extent& extent) {
        m_seen.nodes += extent.nodes;
        m_seen.bytes += extent.bytes;
        if (m_seen.nodes > k_max_yaml_nodes)
            fail("more than " + std::to_string(k_max_yaml_nodes) + " nodes once its aliases are expanded");
        if (m_seen.bytes > k_max_yaml_text) fail("more than 1 GiB of text once its aliases are expanded");
        m_flow_work += m_flow_depth;
        if (m_flow_work > k_max_flow_work) fail("flow collections nested too deeply for a text of this size");
    }

    bool wants_key() const { return !m_frames.empty() && m_frames.back().is_map && !m_key_pending; }

    void on_scalar(const yaml_event_t& event) {
        const auto& scalar = event.data.scalar;
        if (scalar.length > k_max_yaml_scalar) fail("a scalar of more than 64 MiB");
        const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        const auto style = style_of(scalar.style);
        const auto tag = view(scalar.tag);
        const Extent extent{1, text.size(), 1};
        count(extent);
        Value value;
        const bool is_key = wants_key();
        if (is_key && style == Value::Style::plain && text == "<<" && (tag.empty() || tag == "tag:yaml.org,2002:merge")) {
            m_key_pending = m_key_is_merge = true;
            return;
        }
        try {
            value = is_key ? resolve_key(text, style, tag) : resolve_scalar(text, style, tag, m_options.dialect);
        } catch (Error& error) {
            throw error.at(m_parser.place());
        }
        if (m_flow_depth > 0 && !is_key && style == Value::Style::plain) settle_in_flow(value, text);
        value.set_line(m_parser.line());
        if (scalar.anchor != nullptr) m_anchors[std::string(view(scalar.anchor))] = Anchor{value, extent, true};
        add(std::move(value), 1);
    }

    /// go-yaml quotes what cannot stand plain in a flow collection when it prints it: nothing at all, and times.
    static void settle_in_flow(Value& value, std::string_view text) {
        if (text.empty() && value.is_null()) value.set_spelling(Value::Spelling::nothing_in_flow);
        else if (value.is_string() && text.find(':') != std::string_view::npos && is_yaml_timestamp(text)) value.set_style(Value::Style::none);
    }

    Value resolve_key(std::string_view text, Value::Style style, std::string_view tag) {
        const bool is_text = tag.empty() && (style != Value::Style::plain || (text.empty() && m_options.dialect == YamlDialect::v1_2) ||
                                             scalar_meaning(text, m_options.dialect) == ScalarMeaning::string);
        if (is_text) return m_keys.intern(text);
        Value key = resolve_scalar(text, style, tag, m_options.dialect);
        if (key.is_string() || m_options.dialect == YamlDialect::v1_2) return key;
        if (key.is_null()) throw Error(Code::invalid, "a null as the key of a map");
        if (key.is_number()) {
            const auto wide = parse_wide_int(key.text());
            return m_keys.intern(wide ? *json_number(key.text()) : format_double_general(parse_double(key.text()).value_or(0)));
        }
        return m_keys.intern(key.text());
    }

    void on_alias(std::string_view name) {
        const auto found = m_anchors.find(std::string(name));
        if (found == m_anchors.end()) fail("unknown anchor \"" + std::string(name) + "\"");
        const Anchor& anchor = found->second;
        if (!anchor.complete) fail("anchor \"" + std::string(name) + "\" contains itself");
        if (m_frames.size() + anchor.extent.height > k_max_yaml_depth) fail_depth();
        count(anchor.extent);
        Value value = anchor.value;
        value.set_line(m_parser.line());
        add(std::move(value), anchor.extent.height);
    }

    [[noreturn]] void fail_depth() const {
        fail("nested deeper than " + std::to_string(k_max_yaml_depth) + " levels");
    }

    void open(bool is_map, bool is_flow, std::string_view anchor) {
        if (wants_key()) fail("a list or a map as the key of a map");
        if (m_frames.size() + 1 >= k_max_yaml_depth) fail_depth();
        Frame frame;
        frame.is_map = is_map;
        frame.is_flow = is_flow;
        frame.first = is_map ? m_entries.size() : m_items.size();
        frame.before = m_seen;
        frame.line = m_parser.line();
        frame.first_merge = m_merges.size();
        if (!anchor.empty()) {
            frame.anchor = &m_anchors[std::string(anchor)];
            frame.anchor->complete = false;
        }
        if (is_flow) ++m_flow_depth;
        count({1, 0, 1});
        frame.key = std::move(m_key);
        frame.key_pending = m_key_pending;
        frame.key_is_merge = m_key_is_merge;
        m_frames.push_back(std::move(frame));
        m_key_pending = m_key_is_merge = false;
    }

    void close() {
        Frame frame = std::move(m_frames.back());
        m_frames.pop_back();
        Value value = frame.is_map ? close_map(frame) : close_list(frame);
        value.set_line(frame.line);
        m_key = std::move(frame.key);
        m_key_pending = frame.key_pending;
        m_key_is_merge = frame.key_is_merge;
        if (frame.is_flow) --m_flow_depth;
        if (frame.anchor != nullptr) {
            const Extent extent{m_seen.nodes - frame.before.nodes, m_seen.bytes - frame.before.bytes, frame.height + 1};
            *frame.anchor = Anchor{value, extent, true};
        }
        add(std::move(value), frame.height + 1);
    }

    Value close_list(const Frame& frame) {
        const auto first = m_items.begin() + static_cast<std::ptrdiff_t>(frame.first);
        std::vector<Value> items(std::make_move_iterator(first), std::make_move_iterator(m_items.end()));
        m_items.erase(first, m_items.end());
        return Value::list(std::move(items));
    }

    Value close_map(const Frame& frame) {
        const auto first = m_entries.begin() + static_cast<std::ptrdiff_t>(frame.first);
        std::vector<Entry> entries(std::make_move_iterator(first), std::make_move_iterator(m_entries.end()));
        m_entries.erase(first, m_entries.end());
        check_distinct(entries);
        if (m_merges.size() > frame.first_merge) {
            m_keys.index(entries);
            for (std::size_t at = frame.first_merge; at < m_merges.size(); ++at) merge_into(entries, m_merges[at]);
            m_merges.resize(frame.first_merge);
        }
        return Value::map_of_distinct(std::move(entries));
    }

    /// Refuses keys that stand twice, or lets the last one win at the first one's position.
    void check_distinct(std::vector<Entry>& entries) {
        const auto twins = m_keys.find_twins(entries);
        if (twins.empty()) return;
        if (m_options.duplicates == DuplicateKeys::refuse) {
            const auto [first, second] = twins.front();
            Place place{m_options.file, static_cast<int>(entries[second].key.line()), 0};
            throw Error(Code::invalid, "key \"" + std::string(entries[second].name()) + "\" is already defined on line " +
                                           std::to_string(entries[first].key.line()))
                .at(std::move(place));
        }
        std::vector<bool> drop(entries.size());
        for (const auto& [first, second] : twins) {
            entries[first].value = std::move(entries[second].value);
            drop[second] = true;
        }
        std::size_t kept = 0;
        for (std::size_t at = 0; at < entries.size(); ++at)
            if (!drop[at] && kept++ != at) entries[kept - 1] = std::move(entries[at]);
        entries.resize(kept);
    }

    /// Adds what `merge` (a map or a list of maps) holds under keys that are not there yet.
    void merge_into(std::vector<Entry>& entries, const Value& merge) {
        const auto single = std::span(&merge, 1);
        for (const Value& source : merge.is_list() ? merge.items() : single) {
            if (!source.is_map())
                throw Error(Code::invalid, "a merge key (<<) needs a map or a list of maps")
                    .at({m_options.file, static_cast<int>(merge.line()), 0});
            m_keys.append_missing(entries, source.entries());
        }
    }

    void add(Value value, std::size_t height) {
        if (m_frames.empty()) {
            m_root = std::move(value);
            return;
        }
        Frame& frame = m_frames.back();
        frame.height = std::max(frame.height, height);
        if (!frame.is_map) {
            m_items.push_back(std::move(value));
        } else if (!m_key_pending) {
            if (!value.is_scalar()) fail("a list or a map as the key of a map");
            m_key = std::move(value);
            m_key_pending = true;
        } else if (m_key_is_merge) {
            if (m_merges.size() > frame.first_merge && m_options.duplicates == DuplicateKeys::refuse)
                fail("key \"<<\" stands twice in one map");
            m_merges.push_back(std::move(value));
            m_key_pending = m_key_is_merge = false;
        } else {
            m_entries.push_back(Entry{std::move(m_key), std::move(value)});
            m_key_pending = false;
        }
    }

    const YamlOptions& m_options;
    detail::YamlParser m_parser;
    detail::KeyPool m_keys;
    std::unordered_map<std::string, Anchor> m_anchors;
    std::vector<Frame> m_frames;
    std::vector<Value> m_items;
    std::vector<Entry> m_entries;
    std::vector<Value> m_merges;
    Value m_root;
    Value m_key;
    bool m_key_pending = false;
    bool m_key_is_merge = false;
    Extent m_seen;
    std::size_t m_flow_depth = 0;
    std::size_t m_flow_work = 0;
};

}  // namespace

std::vector<Value> read_yaml(std::string_view text, const YamlOptions& options) { return Reader(text, options).read(); }

Value read_yaml_one(std::string_view text, const YamlOptions& options) {
    auto documents = read_yaml(text, options);
    if (documents.empty()) return {};
    if (documents.size() > 1)
        throw Error(Code::invalid, "expected one document, found " + std::to_string(documents.size()))
            .at({options.file, static_cast<int>(documents[1].line()), 0});
    return std::move(documents.front());
}

}  // namespace gitops::doc
