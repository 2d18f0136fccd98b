#include "core/kube/list_items.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/doc/number.hpp"
#include "core/kube/fields.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

bool is_plain_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f; });
}

bool is_plain_number(std::string_view text) {
    return !text.empty() && text.size() < 10 && text.front() != '0' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void append_json(std::string& out, const Value& value) {
    if (value.is_string() && is_plain_text(value.text())) out.append("\"").append(value.text()).append("\"");
    else if (value.is_integer() && is_plain_number(value.text())) out.append(value.text());
    else if (const auto whole = value.to_int()) out.append(std::to_string(*whole));
    else doc::write_json(value, out, doc::JsonLayout::compact, doc::JsonKeys::sorted);
}

}  // namespace

ItemSteps::ItemSteps(const Type& list) : m_set(list.merge() == Merge::set) {
    if (m_set) return;
    const Type element = list.element();
    for (const auto name : list.keys()) {
        const auto field = element.field(name);
        m_keys.push_back({name, field ? field->default_json() : std::string_view()});
    }
    std::sort(m_keys.begin(), m_keys.end(), [](const Key& a, const Key& b) { return a.name < b.name; });
}

std::optional<std::string> ItemSteps::of(const Value& item) const {
    std::string step;
    if (m_set) {
        if (item.is_list() || item.is_map()) return std::nullopt;
        step = "v:";
        append_json(step, item);
        return step;
    }
    if (!item.is_map()) return std::nullopt;
    step = "k:{";
    bool any = false;
    for (const auto& key : m_keys) {
        const Value* value = item.find(key.name);
        if (value == nullptr && key.default_json.empty()) continue;
        any |= value != nullptr;
        step.append(step.size() > 3 ? ",\"" : "\"").append(key.name).append("\":");
        if (value != nullptr) append_json(step, *value);
        else step.append(key.default_json);
    }
    if (!any) return std::nullopt;
    step.push_back('}');
    return step;
}

ItemIndex::ItemIndex(const Value* list, const ItemSteps& spell) : m_list(list) {
    if (list == nullptr) return;
    m_steps.reserve(list->size());
    for (const auto& item : list->items()) {
        auto step = spell.of(item);
        if (!step)
            throw base::Error(base::Code::invalid, "list element " + std::to_string(m_steps.size() + 1) +
                                                       " has none of the keys that tell it from the others")
                .at({{}, static_cast<int>(item.line()), 0});
        m_steps.push_back(std::move(*step));
    }
    m_order.resize(m_steps.size());
    std::iota(m_order.begin(), m_order.end(), 0U);
    std::stable_sort(m_order.begin(), m_order.end(), [&](std::uint32_t a, std::uint32_t b) { return m_steps[a] < m_steps[b]; });
    m_has_duplicates = std::adjacent_find(m_order.begin(), m_order.end(),
                                          [&](std::uint32_t a, std::uint32_t b) { return m_steps[a] == m_steps[b]; }) != m_order.end();
}

std::span<const std::uint32_t> ItemIndex::range(std::string_view step) const {
    const auto first = std::lower_bound(m_order.begin(), m_order.end(), step,
                                        [&](std::uint32_t at, std::string_view wanted) { return m_steps[at] < wanted; });
    auto last = first;
    while (last != m_order.end() && m_steps[*last] == step) ++last;
    return {first, last};
}

const Value* ItemIndex::only(std::string_view step) const {
    const auto found = range(step);
    return found.size() == 1 ? &m_list->items()[found.front()] : nullptr;
}

std::optional<std::string> item_step(const Value& item, const Type& list) { return ItemSteps(list).of(item); }

}  // namespace gitops::kube
