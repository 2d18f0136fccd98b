// Values out of the events of a YAML text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/doc/key_pool.hpp"
#include "core/doc/value.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::doc::detail {

enum class Collection : bool { list, map };
enum class Layout : bool { block, flow };

struct ScalarEvent {
    std::string_view text;
    Value::Style style = Value::Style::plain;
    std::uint32_t line = 0;
    std::string_view tag = {};
    std::string_view anchor = {};
};

struct OpenEvent {
    Collection collection = Collection::map;
    Layout layout = Layout::block;
    std::uint32_t line = 0;
    std::string_view anchor = {};
};

/// Takes the events of one document after the other, in the order of the text, and resolves scalars, anchors and merge
/// keys. Keeps the limits of read_yaml() over all documents. Errors have no place, unless it is another one than that
/// of the event.
class YamlBuilder {
  public:
    explicit YamlBuilder(const YamlOptions& options) : m_options(options) {}

    void begin_document();
    /// The document's root; null when it was empty.
    Value end_document();
    /// As if begin_document() had not been called.
    void drop_document();

    void scalar(const ScalarEvent& event);
    void alias(std::string_view name, std::uint32_t line);
    void open(const OpenEvent& event);
    void close();

  private:
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

    /// One open list or map. Its children lie on the builder's stacks, from `first` on.
    struct Frame {
        Collection collection = Collection::list;
        Layout layout = Layout::block;
        std::size_t first = 0;
        std::size_t height = 0;
        Extent before;
        Anchor* anchor = nullptr;  ///< filled in when the collection closes
        std::uint32_t line = 0;
        std::size_t first_merge = 0;  ///< values of its "<<" keys, on the builder's stack of them
        // The key whose value this collection is.
        Value key;
        bool key_pending = false;
        bool key_is_merge = false;
    };

    void count(const Extent& extent);
    bool wants_key() const { return !m_frames.empty() && m_frames.back().collection == Collection::map && !m_key_pending; }
    Value resolve_key(const ScalarEvent& event);
    Value close_list(const Frame& frame);
    Value close_map(const Frame& frame);
    void check_distinct(std::vector<Entry>& entries);
    void merge_into(std::vector<Entry>& entries, const Value& merge);
    void add(Value value, std::size_t height);

    const YamlOptions& m_options;
    KeyPool m_keys;
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
    Extent m_seen_before;  ///< the document
    std::size_t m_flow_depth = 0;
    std::size_t m_flow_work = 0;
};

}  // namespace gitops::doc::detail
