#include "core/render/keyed_list.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/base/error.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

/// Lists with repeated or missing keys are compared element by element; longer ones are refused.
constexpr std::size_t k_max_irregular = 4000;
constexpr std::string_view k_directive = "$patch";

bool is_blank(const Value& value) { return value.is_null() || (value.is_map() && value.empty()); }

std::string text_of(const Value* value) {
    return value == nullptr || !value->is_scalar() ? std::string() : node_text(*value);
}

/// The element's values of the keys, "" for a key that is absent or empty.
Texts key_values(const Value& element, const Texts& keys) {
    Texts values;
    for (const auto& key : keys) {
        const Value* field = element.find(key);
        values.push_back(is_nil_or_empty(field) ? std::string() : text_of(field));
    }
    return values;
}

/// Equal in at least one key, and different only where one side is empty.
std::optional<Texts> unify(const Texts& a, const Texts& b) {
    Texts merged;
    bool common = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i]) common = true;
        else if (!a[i].empty() && !b[i].empty()) return std::nullopt;
        merged.push_back(a[i].empty() ? b[i] : a[i]);
    }
    return common ? std::optional(merged) : std::nullopt;
}

struct Keys {
    Texts names, values;
};

/// Drops the keys that are empty in all of `rows`; all stay when every one is.
Keys used_keys(const std::vector<Texts>& rows, const Texts& values, const Texts& names) {
    std::vector<bool> used(names.size(), false);
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) used[i] = used[i] || !row[i].empty();
    if (std::ranges::none_of(used, [](bool flag) { return flag; })) return {names, values};
    Keys keys;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!used[i]) continue;
        keys.names.push_back(names[i]);
        keys.values.push_back(values[i]);
    }
    return keys;
}

class ListMerge {
  public:
    ListMerge(const Value& target, const Value* patch, Texts keys, const MergeElement& merge)
        : m_target(target), m_patch(patch == nullptr ? KeyedList() : KeyedList(*patch)), m_keys(std::move(keys)), m_merge(merge) {}

    Value run() {
        auto rows = all_rows();
        if (m_keys.size() > 1) unify_rows(rows);
        Keys keys{m_keys, {}};
        for (const auto& row : rows) {
            keys = used_keys(rows, row, m_keys);
            merge_row(row, keys);
        }
        if (rows.empty()) return m_target.value();
        append_rest(keys.names);
        return m_result.value();
    }

  private:
    std::vector<Texts> all_rows() {
        std::vector<Texts> rows;
        std::set<Texts> seen;
        for (KeyedList* list : {&m_patch, &m_target})
            for (const auto& item : list->items()) {
                Texts row = m_keys.front().empty() ? Texts{text_of(&item)} : key_values(item, m_keys);
                if (seen.insert(row).second) rows.push_back(std::move(row));
            }
        return rows;
    }

    static void unify_rows(std::vector<Texts>& rows) {
        for (auto& a : rows)
            for (auto& b : rows)
                if (auto merged = unify(a, b)) a = b = *merged;
    }

    void merge_row(const Texts& row, const Keys& keys) {
        Keys own = used_keys({keys.values}, keys.values, keys.names);
        Value* below = m_target.find(own.names, own.values);
        Value* above = m_patch.find(own.names, own.values);
        const bool one_node = below != nullptr && above != nullptr && below->same_node(*above);
        MergedElement merged = m_merge(below == nullptr ? std::nullopt : std::optional(*below),
                                       above == nullptr ? std::nullopt : std::optional(*above));
        if (below != nullptr && merged.in_place && merged.value) *below = *merged.value;
        if (one_node) below->erase(k_directive);  // the merge takes it off the patch, which here is the target, too
        if (!merged.value || is_blank(*merged.value)) {
            m_target.remove(keys.names, keys.values);
            return;
        }
        for (std::size_t i = 0; i < keys.names.size() && i < keys.values.size(); ++i) {
            if (keys.names[i].empty() || keys.values[i].empty() || merged.value->has(keys.names[i])) continue;
            merged.value->set(keys.names[i], resolve_plain(keys.values[i]));
            if (below != nullptr && merged.in_place) *below = *merged.value;
        }
        static_cast<void>(row);
        m_result.put(std::move(*merged.value), keys.names, keys.values);
    }

    void append_rest(const Texts& keys) {
        for (const auto& element : m_target.items()) {
            if (keys.front().empty()) {
                m_result.put(element, keys, {text_of(&element)});
                continue;
            }
            Texts values;
            for (const auto& key : keys) {
                const Value* field = element.find(key);
                if (field == nullptr) m_result.push_back(element);
                else values.push_back(text_of(field));
            }
            if (keys.size() > 1) m_result.remove(keys, values);
            m_result.put(element, keys, values);
        }
    }

    KeyedList m_target, m_patch, m_result;
    Texts m_keys;
    const MergeElement& m_merge;
};

/// The same for lists without surprises, in linear time.
Value merge_plain_lists(const Value& target, const Value* patch, const Texts& keys, const MergeElement& merge) {
    bool scalars = keys.front().empty();
    auto key_of = [&](const Value& item) {
        if (scalars) return text_of(&item);
        std::string key;
        for (const auto& value : key_values(item, keys)) key.append(value).push_back('\0');
        return key;
    };
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < target.size(); ++i) places.emplace(key_of(target.items()[i]), i);
    std::vector<std::optional<MergedElement>> met(target.size());
    std::vector<Value> result;
    result.reserve(target.size());
    auto keep = [&](const Value* below, MergedElement merged) {
        if (!merged.value || is_blank(*merged.value)) return;
        bool replaced = below != nullptr && !merged.in_place && !scalars;
        result.push_back(replaced ? *below : std::move(*merged.value));
    };
    // Elements told apart by several keys are taken out and put in again in the target's order.
    bool keeps_order = keys.size() > 1;
    std::vector<bool> placed(target.size(), false);
    if (patch != nullptr)
        for (const auto& above : patch->items()) {
            auto place = places.find(key_of(above));
            if (place == places.end()) {
                keep(nullptr, merge(std::nullopt, above));
                continue;
            }
            const Value& below = target.items()[place->second];
            met[place->second] = merge(below, above);
            if (keeps_order) continue;
            placed[place->second] = true;
            keep(&below, std::move(*met[place->second]));
        }
    for (std::size_t i = 0; i < target.size(); ++i) {
        if (placed[i]) continue;
        const Value& below = target.items()[i];
        keep(&below, met[i] ? std::move(*met[i]) : merge(below, std::nullopt));
    }
    return Value::list(std::move(result));
}

}  // namespace

Value* KeyedList::find(const Texts& keys, const Texts& values) {
    auto found = std::ranges::find_if(m_items, [&](const Value& item) {
        if (keys.front().empty()) return item.is_scalar() && text_of(&item) == values.front();
        if (!item.is_map()) return false;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const Value* field = item.find(keys[i]);
            if (field == nullptr || text_of(field) != values[i]) return false;
        }
        return true;
    });
    return found == m_items.end() ? nullptr : &*found;
}

void KeyedList::put_or_remove(Value* element, const Texts& keys, const Texts& values) {
    bool for_maps = !keys.front().empty() && !values.empty() && !values.front().empty();
    std::vector<Value> kept;
    kept.reserve(m_items.size() + 1);
    bool found_one = false;
    for (auto& item : m_items) {
        if (is_blank(item)) continue;
        if (!item.is_map() && for_maps) {
            kept.push_back(std::move(item));
            continue;
        }
        bool found = !values.empty();
        for (std::size_t i = 0; found && i < keys.size() && i < values.size(); ++i) {
            if (keys[i].empty()) {
                found = item.is_scalar() && text_of(&item) == values[i];
                continue;
            }
            const Value* field = item.find(keys[i]);
            found = field != nullptr && (values[i].empty() || text_of(field) == values[i]);
        }
        if (!found) {
            if (!values.empty()) kept.push_back(std::move(item));
            continue;
        }
        found_one = true;
        if (element != nullptr) kept.push_back(*element);
    }
    m_items = std::move(kept);
    if (element != nullptr && !found_one && !element->is_null()) m_items.push_back(std::move(*element));
}

void KeyedList::put(Value element, const Texts& keys, const Texts& values) { put_or_remove(&element, keys, values); }

void KeyedList::remove(const Texts& keys, const Texts& values) { put_or_remove(nullptr, keys, values); }

bool has_plain_keys(const Value& list, const Texts& keys) {
    std::unordered_set<std::string> seen;
    for (const auto& item : list.items()) {
        std::string key;
        if (keys.empty() || keys.front().empty()) {
            if (!item.is_scalar() || item.is_null()) return false;
            key = item.text();
        } else {
            if (!item.is_map()) return false;
            for (const auto& value : key_values(item, keys)) {
                if (value.empty()) return false;
                key.append(value).push_back('\0');
            }
        }
        if (!seen.insert(std::move(key)).second) return false;
    }
    return true;
}

/// A list of plain values is told apart by them, so that a map among them is an error.
void need_scalars(const Value& list) {
    for (const auto& item : list.items())
        if (!item.is_scalar())
            throw base::Error(base::Code::invalid, "wrong node kind: expected ScalarNode but got " +
                                                       std::string(item.is_map() ? "MappingNode" : "SequenceNode"));
}

Value merge_keyed_lists(const Value& target, const Value* patch, const Texts& keys, const MergeElement& merge) {
    Texts names = keys.empty() ? Texts{""} : keys;
    if (keys.empty()) {
        need_scalars(target);
        if (patch != nullptr) need_scalars(*patch);
    }
    if (has_plain_keys(target, names) && (patch == nullptr || has_plain_keys(*patch, names)))
        return merge_plain_lists(target, patch, names, merge);
    if (target.size() + (patch == nullptr ? 0 : patch->size()) > k_max_irregular)
        throw base::Error(base::Code::invalid, "cannot merge a list of more than " + std::to_string(k_max_irregular) +
                                                   " elements that repeat or lack their key '" + names.front() + "'");
    return ListMerge(target, patch, names, merge).run();
}

}  // namespace gitops::render
