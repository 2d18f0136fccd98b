#include "core/base/error.hpp"
#include "core/kube/list_items.hpp"
#include "core/kube/typed.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

const Value* as_list(const Value* value) { return value != nullptr && value->is_list() && !value->empty() ? value : nullptr; }
const Value* as_map(const Value* value) { return value != nullptr && value->is_map() && !value->empty() ? value : nullptr; }

Value merge_values(const Value* live, const Value& applied, const Type& type);

Value merge_maps(const Value& live, const Value& applied, const Type& type) {
    Value out = live;
    for (const auto& entry : applied.entries()) {
        const Value* old = live.find(entry.name());
        Value merged = merge_values(old, entry.value, type.field(entry.name()).value_or(Type()));
        if (old == nullptr || !merged.same_node(*old)) out.set(entry.name(), std::move(merged));
    }
    return out;
}

/// Merges two associative lists. Order of the result: structured-merge-diff v4.3, merge.go, visitListItems.
class ListMerger {
  public:
    ListMerger(const Value* live, const Value& applied, const Type& type)
        : m_live(live), m_applied(applied), m_element(type.element()), m_steps(type), m_left(live, m_steps), m_right(&applied, m_steps) {
        if (m_right.has_duplicates())
            throw base::Error(base::Code::invalid, "two elements of a list have the same keys").at({{}, static_cast<int>(applied.line()), 0});
        for (const auto& step : m_right.steps())
            if (m_left.has(step)) m_shared.push_back(step);
    }

    Value merge() {
        const std::size_t left_count = m_left.steps().size(), right_count = m_right.steps().size();
        while (m_l < left_count || m_r < right_count) {
            if (m_l < left_count && m_r < right_count) {
                if (m_left.steps()[m_l] == m_right.steps()[m_r]) {
                    take_applied();
                    ++m_l;
                    continue;
                }
                if (m_right.has(m_left.steps()[m_l]) && m_next_shared < m_shared.size() && m_shared[m_next_shared] != m_left.steps()[m_l]) {
                    ++m_l;  // shared, but its turn comes later
                    continue;
                }
            }
            if (m_l < left_count) {
                if (!m_right.has(m_left.steps()[m_l])) {
                    m_out.push_back(m_live->items()[m_l++]);
                    continue;
                }
                if (m_taken[m_right.position(m_left.steps()[m_l])]) ++m_l;
            }
            if (m_r < right_count) take_applied();
        }
        return unchanged() ? *m_live : Value::list(std::move(m_out));
    }

  private:
    void take_applied() {
        const auto& step = m_right.steps()[m_r];
        m_out.push_back(merge_values(m_left.only(step), m_applied.items()[m_r], m_element));
        m_taken[m_r++] = true;
        if (m_next_shared < m_shared.size() && m_shared[m_next_shared] == step) ++m_next_shared;
    }

    bool unchanged() const {
        if (m_live == nullptr || m_out.size() != m_live->size()) return false;
        for (std::size_t i = 0; i < m_out.size(); ++i)
            if (!m_out[i].same_node(m_live->items()[i])) return false;
        return true;
    }

    const Value* m_live;
    const Value& m_applied;
    Type m_element;
    ItemSteps m_steps;
    ItemIndex m_left, m_right;
    std::vector<std::string_view> m_shared;  ///< steps on both sides, in applied order
    std::size_t m_l = 0, m_r = 0, m_next_shared = 0;
    std::vector<bool> m_taken = std::vector<bool>(m_right.steps().size());  ///< by position in the applied list
    std::vector<Value> m_out;
};

Value merge_values(const Value* live, const Value& applied, const Type& type) {
    if (live == nullptr) return applied;
    if (live->same_node(applied) || (applied.is_scalar() && *live == applied)) return *live;
    switch (form_of(type, &applied)) {
        case Form::leaf: return *live == applied ? *live : applied;
        case Form::list:
            if (as_list(live) == nullptr && as_list(&applied) == nullptr) return applied;
            return applied.is_list() ? ListMerger(as_list(live), applied, type).merge() : *live;
        case Form::map:
            if (as_map(live) == nullptr && as_map(&applied) == nullptr) return applied;
            if (!applied.is_map()) return *live;
            return merge_maps(as_map(live) == nullptr ? Value::map() : *live, applied, type);
    }
    return applied;
}

}  // namespace

Form form_of(const Type& type, const Value* value) {
    if (type.merge() == Merge::atomic) return Form::leaf;
    switch (type.shape()) {
        case Shape::scalar: return Form::leaf;
        case Shape::list: return Form::list;
        case Shape::map:
        case Shape::object: return Form::map;
        case Shape::untyped: return value != nullptr && (value->is_map() || value->is_null()) ? Form::map : Form::leaf;
    }
    return Form::leaf;
}

Value merge_applied(const Value& live, const Value& applied, const Type& type) {
    return merge_values(live.is_null() ? nullptr : &live, applied, type);
}

}  // namespace gitops::kube
