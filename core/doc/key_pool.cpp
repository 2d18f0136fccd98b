#include "core/doc/key_pool.hpp"

namespace gitops::doc::detail {

namespace {

constexpr std::size_t k_longest_shared = 64;
constexpr std::size_t k_most_shared = 1 << 16;
/// Up to this many entries comparing each with each is quicker than a table.
constexpr std::size_t k_few = 16;
constexpr std::size_t k_most_buckets_kept = 4096;

}  // namespace

Value KeyPool::intern(std::string_view text) {
    if (text.size() > k_longest_shared) return Value(text);
    const auto found = m_texts.find(text);
    if (found != m_texts.end()) return found->second;
    Value value(text);
    // The view refers to the text node, which the pool keeps alive.
    if (m_texts.size() < k_most_shared) m_texts.emplace(value.text(), value);
    return value;
}

std::vector<std::pair<std::size_t, std::size_t>> KeyPool::find_twins(std::span<const Entry> entries) {
    std::vector<std::pair<std::size_t, std::size_t>> twins;
    if (entries.size() <= k_few) {
        for (std::size_t later = 1; later < entries.size(); ++later) {
            for (std::size_t first = 0; first < later; ++first) {
                const Value& a = entries[first].key;
                const Value& b = entries[later].key;
                if (!a.same_node(b) && a.text() != b.text()) continue;
                twins.emplace_back(first, later);
                break;
            }
        }
        return twins;
    }
    clear_places();
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const auto [place, is_new] = m_places.try_emplace(entries[at].name(), at);
        if (!is_new) twins.emplace_back(place->second, at);
    }
    return twins;
}

void KeyPool::index(std::span<const Entry> entries) {
    clear_places();
    for (std::size_t at = 0; at < entries.size(); ++at) m_places.try_emplace(entries[at].name(), at);
}

void KeyPool::append_missing(std::vector<Entry>& entries, std::span<const Entry> more) {
    for (const Entry& entry : more) {
        if (!m_places.try_emplace(entry.name(), entries.size()).second) continue;
        entries.push_back(entry);
    }
}

void KeyPool::clear_places() {
    // Clearing costs time for every bucket: one huge map must not make all later ones slow.
    if (m_places.bucket_count() > k_most_buckets_kept) m_places = {};
    else m_places.clear();
}

}  // namespace gitops::doc::detail
