#include "core/render/shared_entries.hpp"

#include <charconv>
#include <span>

namespace gitops::render {

using doc::Value;

namespace {

std::size_t index_in(const std::string& step) {
    std::size_t index = 0;
    std::from_chars(step.data() + 1, step.data() + step.size(), index);
    return index;
}

void write_place(Value& object, const PlacePath& path, const Value& value) {
    Value* at = &object;
    for (const auto& step : path) at = at->is_list() ? &at->item(index_in(step)) : &at->at(step);
    *at = value;
}

void collect(const Value& value, std::span<const std::string> steps, PlacePath& path, std::vector<PlacePath>& places) {
    if (value.is_list()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            path.push_back("#" + std::to_string(i));
            collect(value.items()[i], steps, path, places);
            path.pop_back();
        }
        return;
    }
    if (steps.empty()) {
        if (value.is_map()) places.push_back(path);
        return;
    }
    std::string name = steps.front();
    if (name.ends_with("[]")) name.resize(name.size() - 2);
    const Value* child = value.find(name);
    if (child == nullptr) return;
    path.push_back(name);
    collect(*child, steps.subspan(1), path, places);
    path.pop_back();
}

}  // namespace

const Value* place_value(const Value& object, const PlacePath& path) {
    const Value* at = &object;
    for (const auto& step : path) {
        if (at->is_list()) at = index_in(step) < at->size() ? &at->items()[index_in(step)] : nullptr;
        else at = at->find(step);
        if (at == nullptr) return nullptr;
    }
    return at;
}

void SharedEntries::share(std::vector<PlacePath> places, const Value& value) {
    if (places.size() > 1) m_groups.push_back({std::move(places), value});
}

void SharedEntries::settle(Value& object) {
    for (auto& group : m_groups) {
        std::erase_if(group.places, [&](const PlacePath& path) {
            const Value* found = place_value(object, path);
            return found == nullptr || !found->is_scalar();
        });
        const Value* changed = nullptr;
        for (const auto& path : group.places) {
            const Value* found = place_value(object, path);
            if (!(*found == group.value)) changed = found;
        }
        if (changed == nullptr) continue;
        group.value = *changed;
        for (const auto& path : group.places)
            if (!(*place_value(object, path) == group.value)) write_place(object, path, group.value);
    }
}

std::vector<PlacePath> places_of(const Value& object, const std::vector<std::string>& steps) {
    std::vector<PlacePath> places;
    PlacePath path;
    collect(object, steps, path, places);
    return places;
}

}  // namespace gitops::render
