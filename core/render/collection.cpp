#include "core/render/collection.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace gitops::render {

namespace {

std::string key_of_id(const Id& id) {
    std::string key = id.name;
    for (std::string_view part : {std::string_view(id.gvk.kind), std::string_view(id.gvk.group),
                                  std::string_view(id.gvk.version), id.effective_ns()}) {
        key += '\0';
        key += part;
    }
    return key;
}

void add_once(std::vector<Object*>& objects, Object& object) {
    if (objects.empty() || objects.back() != &object) {
        if (std::ranges::find(objects, &object) == objects.end()) objects.push_back(&object);
    }
}

}  // namespace

void Collection::index(Object& object) {
    std::string key = key_of_id(object.id());
    ++m_current[key];
    m_keys[&object] = std::move(key);
    m_by_name[object.id().name].push_back(&object);
    if (object.has_previous())
        for (const auto& id : object.previous_ids()) {
            auto& named = m_by_name[id.name];  // a new object can only be the last one there
            if (named.empty() || named.back() != &object) named.push_back(&object);
        }
}

void Collection::unindex(const Object& object, const Id&) {
    auto key = m_keys.find(&object);
    if (key == m_keys.end()) return;
    auto count = m_current.find(key->second);
    if (count != m_current.end() && --count->second == 0) m_current.erase(count);
    m_keys.erase(key);
}

Object& Collection::append(std::unique_ptr<Object> object) {
    if (m_current.contains(key_of_id(object->id()))) {
        base::Error error(base::Code::invalid,
                          "may not add resource with an already registered id: " + object->id().text());
        for (const auto& item : m_items)
            if (item->id().equals(object->id()) && !item->file.empty())
                error.note("the first one is in " + item->file);
        throw error.at({object->file, static_cast<int>(object->node.line()), 0});
    }
    Object& added = *object;
    m_items.push_back(std::move(object));
    m_positions_valid = false;
    index(added);
    return added;
}

void Collection::append_all(Collection& other) {
    if (m_items.empty() && other.m_current.size() == other.m_items.size()) {
        *this = std::move(other);
        other = Collection();
        return;
    }
    m_items.reserve(m_items.size() + other.m_items.size());
    for (auto& object : other.take()) append(std::move(object));
}

Collection::Items Collection::take() {
    Items items = std::move(m_items);
    *this = Collection();
    return items;
}

void Collection::replace(Object& old, std::unique_ptr<Object> next) {
    auto place = std::ranges::find_if(m_items, [&](const auto& item) { return item.get() == &old; });
    unindex(old, old.id());
    for (auto& [name, objects] : m_by_name) std::erase(objects, &old);
    Object& added = *next;
    *place = std::move(next);
    m_positions_valid = false;
    index(added);
}

void Collection::drop_gone() {
    if (std::ranges::none_of(m_items, [](const auto& item) { return item->gone; })) return;
    remove_if([](const Object& object) { return object.gone; });
}

void Collection::remove_if(const std::function<bool(const Object&)>& unwanted) {
    if (std::ranges::none_of(m_items, [&](const auto& item) { return unwanted(*item); })) return;
    Items kept;
    kept.reserve(m_items.size());
    for (auto& item : m_items)
        if (!unwanted(*item)) kept.push_back(std::move(item));
    *this = Collection();
    m_items = std::move(kept);
    for (auto& item : m_items) index(*item);
}

void Collection::sync(Object& object) {
    Id before = object.id();
    bool changed = object.refresh();
    if (!changed) return;
    unindex(object, before);
    std::string key = key_of_id(object.id());
    ++m_current[key];
    m_keys[&object] = std::move(key);
    add_once(m_by_name[object.id().name], object);
}

void Collection::sync_all() {
    for (auto& item : m_items) sync(*item);
}

std::size_t Collection::count_current(const Id& id) const {
    auto found = m_current.find(key_of_id(id));
    return found == m_current.end() ? 0 : found->second;
}

std::vector<Object*> Collection::named(std::string_view name) const {
    auto found = m_by_name.find(std::string(name));
    if (found == m_by_name.end()) return {};
    std::vector<Object*> objects;
    for (Object* object : found->second)
        if (!object->gone) objects.push_back(object);
    if (objects.size() > 1) {
        reposition();
        std::ranges::sort(objects, {}, [this](const Object* object) { return m_positions.at(object); });
    }
    return objects;
}

std::vector<Object*> Collection::find_any(const Id& id) const {
    std::vector<Object*> objects = named(id.name);
    std::erase_if(objects, [&](const Object* object) { return !object->any_id_equals(id); });
    return objects;
}

std::vector<Object*> Collection::find_any_namespace(const Id& id) const {
    std::vector<Object*> objects = named(id.name);
    std::erase_if(objects, [&](const Object* object) {
        auto same = [&](const Id& other) { return other.name == id.name && other.gvk == id.gvk; };
        return !same(object->id()) && std::ranges::none_of(object->previous_ids(), same);
    });
    return objects;
}

Object& Collection::only(const Id& id) const {
    auto found = find_any(id);
    if (found.size() == 1) return *found.front();
    throw base::Error(base::Code::invalid, (found.empty() ? "no matches for Id " : "multiple matches for Id ") + id.text() +
                                               "; failed to find unique target for patch " + id.text());
}

void Collection::reposition() const {
    if (m_positions_valid && m_positions.size() == m_items.size()) return;
    m_positions.clear();
    m_positions.reserve(m_items.size());
    for (std::size_t i = 0; i < m_items.size(); ++i) m_positions[m_items[i].get()] = i;
    m_positions_valid = true;
}

std::size_t Collection::position(const Object& object) const {
    reposition();
    return m_positions.at(&object);
}

}  // namespace gitops::render
