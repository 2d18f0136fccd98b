// The order of merged lists, which server-side apply alone never changes; see apply.hpp.
#include <algorithm>

#include "core/kube/apply.hpp"
#include "core/kube/list_items.hpp"
#include "core/kube/resource.hpp"
#include "core/kube/schema.hpp"
#include "core/kube/typed.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

Value ordered(const Value& live, const Value& config, const Type& type);

/// The same items in another order. Quadratic, so only for lists as people write them.
bool is_reordered(const Value& live, const Value& config) {
    constexpr std::size_t k_longest = 200;
    if (!live.is_list() || !config.is_list() || live.size() != config.size() || live.size() > k_longest) return false;
    return !(live == config) && std::ranges::is_permutation(live.items(), config.items());
}

Value ordered_list(const Value& live, const Value& config, const Type& type) {
    if (type.keys().empty()) return live;  // a set, as finalizers are: its order means nothing
    const ItemSteps spell(type);
    const ItemIndex live_items(&live, spell), wanted_items(&config, spell);
    if (live_items.has_duplicates() || wanted_items.has_duplicates()) return live;
    const Type element = type.element();
    std::vector<std::size_t> found;  // where the items of the config stand, in its order
    std::vector<Value> items;
    for (std::size_t i = 0; i < config.size(); ++i) {
        const auto& step = wanted_items.steps()[i];
        if (!live_items.has(step)) continue;
        found.push_back(live_items.position(step));
        items.push_back(ordered(live.items()[found.back()], config.items()[i], element));
    }
    std::vector<std::size_t> places = found;
    std::ranges::sort(places);  // what the config does not name keeps its place
    Value out = live;
    for (std::size_t k = 0; k < places.size(); ++k)
        if (!items[k].same_node(live.items()[places[k]])) out.item(places[k]) = std::move(items[k]);
    return out;
}

Value ordered(const Value& live, const Value& config, const Type& type) {
    switch (form_of(type, &config)) {
        case Form::leaf: return is_reordered(live, config) ? config : live;  // a map-like list of a custom resource
        case Form::list: return live.is_list() && config.is_list() ? ordered_list(live, config, type) : live;
        case Form::map: break;
    }
    if (!live.is_map() || !config.is_map()) return live;
    Value out = live;
    for (const auto& entry : config.entries()) {
        const auto field = type.field(entry.name());
        const Value* twin = live.find(entry.name());
        if (!field || twin == nullptr) continue;
        Value child = ordered(*twin, entry.value, *field);
        if (!child.same_node(*twin)) out.set(entry.name(), std::move(child));
    }
    return out;
}

}  // namespace

Value in_order_of(const Value& live, const Value& config) {
    return live.is_null() ? live : ordered(live, config, Schema::kubernetes().root(gvk_of(config)));
}

}  // namespace gitops::kube
