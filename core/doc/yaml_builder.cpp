#include "core/doc/yaml_builder.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/doc/scalar.hpp"

namespace gitops::doc::detail {

namespace {

using base::Code;
using base::Error;
using base::Place;

/// libyaml looks at every open flow collection for each token; this many such looks take about a second.
constexpr std::size_t k_max_flow_work = 400'000'000;

[[noreturn]] void fail(const std::string& message) { throw Error(Code::invalid, message); }

[[noreturn]] void fail_depth() { fail("nested deeper than " + std::to_string(k_max_yaml_depth) + " levels"); }

/// go-yaml quotes what cannot stand plain in a flow collection when it prints it: nothing at all, and times.
void settle_in_flow(Value& value, std::string_view text) {
    if (text.empty() && value.is_null()) value.set_spelling(Value::Spelling::nothing_in_flow);
    else if (value.is_string() && text.find(':') != std::string_view::npos && is_yaml_timestamp(text)) value.set_style(Value::Style::none);
}

}  // namespace

void YamlBuilder::begin_document() {
    m_anchors.clear();
    m_root = Value();
    m_seen_before = m_seen;
}

Value YamlBuilder::end_document() { return std::move(m_root); }

void YamlBuilder::drop_document() {
    m_frames.clear();
    m_items.clear();
    m_entries.clear();
    m_merges.clear();
    m_key_pending = m_key_is_merge = false;
    m_seen = m_seen_before;
    m_flow_depth = 0;
}

void YamlBuilder::count(const Extent& extent) {
    m_seen.nodes += extent.nodes;
    m_seen.bytes += extent.bytes;
    if (m_seen.nodes > k_max_yaml_nodes)
        fail("more than " + std::to_string(k_max_yaml_nodes) + " nodes once its aliases are expanded");
    if (m_seen.bytes > k_max_yaml_text) fail("more than 1 GiB of text once its aliases are expanded");
    m_flow_work += m_flow_depth;
    if (m_flow_work > k_max_flow_work) fail("flow collections nested too deeply for a text of this size");
}

void YamlBuilder::scalar(const ScalarEvent& event) {
    const std::string_view text = event.text;
    if (text.size() > k_max_yaml_scalar) fail("a scalar of more than 64 MiB");
    const bool is_plain = event.style == Value::Style::plain;
    const Extent extent{1, text.size(), 1};
    count(extent);
    const bool is_key = wants_key();
    if (is_key && is_plain && text == "<<" && (event.tag.empty() || event.tag == "tag:yaml.org,2002:merge")) {
        m_key_pending = m_key_is_merge = true;
        return;
    }
    Value value = is_key ? resolve_key(event) : resolve_scalar(text, event.style, event.tag, m_options.dialect);
    if (m_flow_depth > 0 && !is_key && is_plain) settle_in_flow(value, text);
    value.set_line(event.line);
    if (!event.anchor.empty()) m_anchors[std::string(event.anchor)] = Anchor{value, extent, true};
    add(std::move(value), 1);
}

Value YamlBuilder::resolve_key(const ScalarEvent& event) {
    const auto [text, style, line, tag, anchor] = event;
    const bool is_text = tag.empty() && (style != Value::Style::plain || (text.empty() && m_options.dialect == YamlDialect::v1_2) ||
                                         scalar_meaning(text, m_options.dialect) == ScalarMeaning::string);
    if (is_text) return m_keys.intern(text);
    Value key = resolve_scalar(text, style, tag, m_options.dialect);
    // To go-yaml v3 a key with a tag is no text, whatever it looks like, and no map with such a key can be printed.
    const bool is_text_tag = tag.empty() || tag == "!" || tag == "tag:yaml.org,2002:str" || tag == "tag:yaml.org,2002:timestamp";
    if (!is_text_tag && key.is_string() && m_options.dialect == YamlDialect::v1_2)
        fail("the key " + std::string(text) + " has a tag that makes it no text");
    if (key.is_string() || m_options.dialect == YamlDialect::v1_2) return key;
    if (key.is_null()) fail("a null as the key of a map");
    if (key.is_number()) {
        const auto wide = parse_wide_int(key.text());
        return m_keys.intern(wide ? *json_number(key.text()) : format_double_general(parse_double(key.text()).value_or(0)));
    }
    return m_keys.intern(key.text());
}

void YamlBuilder::alias(std::string_view name, std::uint32_t line) {
    const auto found = m_anchors.find(std::string(name));
    if (found == m_anchors.end()) fail("unknown anchor \"" + std::string(name) + "\"");
    const Anchor& anchor = found->second;
    if (!anchor.complete) fail("anchor \"" + std::string(name) + "\" contains itself");
    if (m_frames.size() + anchor.extent.height > k_max_yaml_depth) fail_depth();
    count(anchor.extent);
    Value value = anchor.value;
    value.set_line(line);
    add(std::move(value), anchor.extent.height);
}

void YamlBuilder::open(const OpenEvent& event) {
    if (wants_key()) fail("a list or a map as the key of a map");
    if (m_frames.size() + 1 >= k_max_yaml_depth) fail_depth();
    Frame& frame = m_frames.emplace_back();
    frame.collection = event.collection;
    frame.layout = event.layout;
    frame.first = event.collection == Collection::map ? m_entries.size() : m_items.size();
    frame.before = m_seen;
    frame.line = event.line;
    frame.first_merge = m_merges.size();
    if (!event.anchor.empty()) {
        frame.anchor = &m_anchors[std::string(event.anchor)];
        frame.anchor->complete = false;
    }
    frame.key = std::move(m_key);
    frame.key_pending = m_key_pending;
    frame.key_is_merge = m_key_is_merge;
    m_key_pending = m_key_is_merge = false;
    if (event.layout == Layout::flow) ++m_flow_depth;
    count({1, 0, 1});
}

void YamlBuilder::close() {
    Frame frame = std::move(m_frames.back());
    m_frames.pop_back();
    Value value = frame.collection == Collection::map ? close_map(frame) : close_list(frame);
    value.set_line(frame.line);
    m_key = std::move(frame.key);
    m_key_pending = frame.key_pending;
    m_key_is_merge = frame.key_is_merge;
    if (frame.layout == Layout::flow) --m_flow_depth;
    if (frame.anchor != nullptr) {
        const Extent extent{m_seen.nodes - frame.before.nodes, m_seen.bytes - frame.before.bytes, frame.height + 1};
        *frame.anchor = Anchor{value, extent, true};
    }
    add(std::move(value), frame.height + 1);
}

Value YamlBuilder::close_list(const Frame& frame) {
    const auto first = m_items.begin() + static_cast<std::ptrdiff_t>(frame.first);
    std::vector<Value> items(std::make_move_iterator(first), std::make_move_iterator(m_items.end()));
    m_items.erase(first, m_items.end());
    return Value::list(std::move(items));
}

Value YamlBuilder::close_map(const Frame& frame) {
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
void YamlBuilder::check_distinct(std::vector<Entry>& entries) {
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
void YamlBuilder::merge_into(std::vector<Entry>& entries, const Value& merge) {
    const auto single = std::span(&merge, 1);
    for (const Value& source : merge.is_list() ? merge.items() : single) {
        if (!source.is_map())
            throw Error(Code::invalid, "a merge key (<<) needs a map or a list of maps")
                .at({m_options.file, static_cast<int>(merge.line()), 0});
        m_keys.append_missing(entries, source.entries());
    }
}

void YamlBuilder::add(Value value, std::size_t height) {
    if (m_frames.empty()) {
        m_root = std::move(value);
        return;
    }
    Frame& frame = m_frames.back();
    frame.height = std::max(frame.height, height);
    if (frame.collection == Collection::list) {
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

}  // namespace gitops::doc::detail
