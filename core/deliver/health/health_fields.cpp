#include "core/deliver/health/health_rules.hpp"

namespace gitops::deliver {

const doc::Value* at_path(const doc::Value& object, std::string_view dotted) {
    const doc::Value* node = &object;
    while (node != nullptr && !dotted.empty()) {
        const auto dot = dotted.find('.');
        node = node->find(dotted.substr(0, dot));
        dotted = dot == std::string_view::npos ? std::string_view{} : dotted.substr(dot + 1);
    }
    return node;
}

std::optional<std::int64_t> number_at(const doc::Value& object, std::string_view dotted) {
    const auto* node = at_path(object, dotted);
    return node == nullptr ? std::nullopt : node->to_int();
}

std::int64_t count_at(const doc::Value& object, std::string_view dotted) {
    return number_at(object, dotted).value_or(0);
}

std::string_view text_at(const doc::Value& object, std::string_view dotted) {
    const auto* node = at_path(object, dotted);
    return node != nullptr && node->is_string() ? node->text() : std::string_view{};
}

bool flag_at(const doc::Value& object, std::string_view dotted) {
    const auto* node = at_path(object, dotted);
    return node != nullptr && node->as_bool();
}

bool generation_behind(const doc::Value& object) {
    return count_at(object, "metadata.generation") > count_at(object, "status.observedGeneration");
}

Condition condition_of(const doc::Value& item) {
    return {item.text_at("type"), item.text_at("status"), item.text_at("reason"), item.text_at("message")};
}

const doc::Value& conditions_of(const doc::Value& object) {
    static const doc::Value k_none = doc::Value::list();
    const auto* list = at_path(object, "status.conditions");
    return list != nullptr && list->is_list() ? *list : k_none;
}

std::optional<Condition> find_condition(const doc::Value& object, std::string_view type) {
    for (const auto& item : conditions_of(object).items())
        if (item.text_at("type") == type) return condition_of(item);
    return std::nullopt;
}

}  // namespace gitops::deliver
