#include "core/kube/list_items.hpp"
#include "core/kube/typed.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

bool has_content(const Value* value, Value::Kind kind) { return value != nullptr && value->kind() == kind && !value->empty(); }

class Comparer {
  public:
    Comparison result;

    void compare(const Value* before, const Value* after, const Type& type) {
        if (before != nullptr && after != nullptr && (before->same_node(*after) || (before->is_scalar() && *before == *after))) return;
        bool leaf = false;
        const Form old_form = form_of(type, before), new_form = form_of(type, after);
        if (before != nullptr && (after == nullptr || old_form != new_form)) leaf |= compare_as(old_form, before, after, type);
        if (after != nullptr) leaf |= compare_as(new_form, before, after, type);
        if (leaf) return;
        if (before == nullptr) insert(result.added);
        else if (after == nullptr) insert(result.removed);
    }

  private:
    /// True when the whole was looked at as one leaf.
    bool compare_as(Form form, const Value* before, const Value* after, const Type& type) {
        const auto kind = form == Form::list ? Value::Kind::list : Value::Kind::map;
        if (form == Form::leaf || (!has_content(before, kind) && !has_content(after, kind))) {
            compare_leaf(before, after);
            return true;
        }
        const Value* old_part = has_content(before, kind) ? before : nullptr;
        const Value* new_part = has_content(after, kind) ? after : nullptr;
        if (form == Form::list) compare_lists(old_part, new_part, type);
        else compare_maps(old_part, new_part, type);
        return false;
    }

    void compare_leaf(const Value* before, const Value* after) {
        if (before == nullptr) insert(result.added);
        else if (after == nullptr) insert(result.removed);
        else if (!(*before == *after)) insert(result.modified);
    }

    void compare_maps(const Value* before, const Value* after, const Type& type) {
        auto descend = [&](std::string_view name, const Value* old_value, const Value* new_value) {
            if (old_value != nullptr && new_value != nullptr && old_value->same_node(*new_value)) return;
            m_path.push_back(field_step(name));
            compare(old_value, new_value, type.field(name).value_or(Type()));
            m_path.pop_back();
        };
        if (before != nullptr)
            for (const auto& entry : before->entries())
                descend(entry.name(), &entry.value, after == nullptr ? nullptr : after->find(entry.name()));
        if (after != nullptr)
            for (const auto& entry : after->entries())
                if (before == nullptr || !before->has(entry.name())) descend(entry.name(), nullptr, &entry.value);
    }

    void compare_lists(const Value* before, const Value* after, const Type& type) {
        const ItemSteps spell(type);
        const ItemIndex left(before, spell), right(after, spell);
        const Type element = type.element();
        auto descend = [&](const std::string& step, const Value* old_value, const Value* new_value) {
            m_path.push_back(step);
            if (left.is_repeated(step) || right.is_repeated(step)) compare_repeated(left, before, right, after, step);
            else compare(old_value, new_value, element);
            m_path.pop_back();
        };
        for (std::size_t i = 0; i < left.steps().size(); ++i) {
            if (left.is_repeated(left.steps()[i]) && left.position(left.steps()[i]) != i) continue;
            descend(left.steps()[i], &before->items()[i], right.only(left.steps()[i]));
        }
        for (std::size_t i = 0; i < right.steps().size(); ++i)
            if (!left.has(right.steps()[i]) && right.position(right.steps()[i]) == i) descend(right.steps()[i], nullptr, &after->items()[i]);
    }

    /// Elements that share their keys count as one: they are equal when they are the same ones in the same order.
    void compare_repeated(const ItemIndex& left, const Value* before, const ItemIndex& right, const Value* after, std::string_view step) {
        auto group = [step](const ItemIndex& index, const Value* list) {
            std::vector<Value> items;
            for (std::size_t i = 0; i < index.steps().size(); ++i)
                if (index.steps()[i] == step) items.push_back(list->items()[i]);
            return items;
        };
        const auto old_items = group(left, before), new_items = group(right, after);
        if (old_items.empty()) insert(result.added);
        else if (new_items.empty()) insert(result.removed);
        else if (!(old_items == new_items)) insert(result.modified);
    }

    void insert(FieldSet& set) {
        if (m_path.empty()) return;  // nobody owns the object as a whole
        FieldSet* node = &set;
        for (const auto& step : m_path) node = &node->children[step];
        node->member = true;
    }

    std::vector<std::string> m_path;
};

}  // namespace

Comparison compare(const Value& before, const Value& after, const Type& type) {
    Comparer comparer;
    comparer.compare(&before, &after, type);
    return std::move(comparer.result);
}

}  // namespace gitops::kube
