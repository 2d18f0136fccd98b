#include "core/templates/go_datum.hpp"

#include <array>
#include <cmath>

#include "core/base/error.hpp"
#include "core/templates/go_functions.hpp"

namespace gitops::templates {

namespace {

constexpr int k_max_depth = 1000;

[[noreturn]] void too_deep() {
    throw base::Error(base::Code::invalid, "a value is nested deeper than 1000 levels, or holds itself");
}

/// What one list or map in a chain of them sets free, and what that sets free, one after the other.
void free_later(Datum item) {
    thread_local std::vector<Datum>* waiting = nullptr;
    if (!item.is_list() && !item.is_map()) return;
    if (waiting != nullptr) {
        waiting->push_back(std::move(item));
        return;
    }
    std::vector<Datum> all;
    waiting = &all;
    all.push_back(std::move(item));
    while (!all.empty()) {
        Datum next = std::move(all.back());
        all.pop_back();
        next = Datum();  // may add to those that wait
    }
    waiting = nullptr;
}

doc::Value value_at(const Datum& datum, int depth) {
    if (depth > k_max_depth) too_deep();
    switch (datum.kind()) {
        case Datum::Kind::missing:
        case Datum::Kind::function:
        case Datum::Kind::nil: return {};
        case Datum::Kind::boolean: return datum.flag();
        case Datum::Kind::integer: return datum.number();
        case Datum::Kind::floating: {
            const double number = datum.floating();
            if (std::floor(number) == number && std::fabs(number) < 1e15) return static_cast<std::int64_t>(number);
            return number;
        }
        case Datum::Kind::string: return datum.text();
        case Datum::Kind::time: return base::to_rfc3339(datum.time());
        case Datum::Kind::list: {
            doc::Value list = doc::Value::list();
            for (const Datum& item : datum.items()) list.push_back(value_at(item, depth + 1));
            return list;
        }
        case Datum::Kind::map: {
            std::vector<doc::Entry> entries;
            entries.reserve(datum.entries().size());
            for (const auto& [key, item] : datum.entries()) entries.push_back({key, value_at(item, depth + 1)});
            return doc::Value::map_of_distinct(std::move(entries));
        }
    }
    return {};
}

Datum copy_at(const Datum& datum, int depth) {
    if (depth > k_max_depth) too_deep();
    if (datum.is_list()) {
        std::vector<Datum> items;
        items.reserve(datum.items().size());
        for (const Datum& item : datum.items()) items.push_back(copy_at(item, depth + 1));
        return Datum::list(std::move(items), datum.elements());
    }
    if (datum.is_map()) {
        Datum map = Datum::map(datum.elements());
        for (const auto& [key, item] : datum.entries()) map.entries().emplace(key, copy_at(item, depth + 1));
        return map;
    }
    return datum;
}

bool equal_at(const Datum& a, const Datum& b, int depth) {
    if (depth > k_max_depth) too_deep();
    if (a.is_nothing() || b.is_nothing()) return a.is_nothing() == b.is_nothing();
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case Datum::Kind::missing:
        case Datum::Kind::nil: return true;
        case Datum::Kind::function: return false;  // as reflect.DeepEqual has it
        case Datum::Kind::boolean: return a.flag() == b.flag();
        case Datum::Kind::integer: return a.number() == b.number() && a.width() == b.width();
        case Datum::Kind::floating: return a.floating() == b.floating();
        case Datum::Kind::string: return a.text() == b.text();
        case Datum::Kind::time: return a.time() == b.time();
        case Datum::Kind::list: {
            if (a.is_same(b)) return true;
            if (a.elements() != b.elements() || a.items().size() != b.items().size()) return false;
            for (std::size_t i = 0; i < a.items().size(); ++i)
                if (!equal_at(a.items()[i], b.items()[i], depth + 1)) return false;
            return true;
        }
        case Datum::Kind::map: {
            if (a.is_same(b)) return true;
            if (a.elements() != b.elements() || a.entries().size() != b.entries().size()) return false;
            for (const auto& [key, item] : a.entries()) {
                const Datum* other = b.find(key);
                if (other == nullptr || !equal_at(item, *other, depth + 1)) return false;
            }
            return true;
        }
    }
    return false;
}

std::string element_name(Elements elements) {
    switch (elements) {
        case Elements::any: return "interface {}";
        case Elements::string: return "string";
        case Elements::integer: return "int";
    }
    return {};
}

}  // namespace

Datum Datum::missing() {
    Datum datum;
    datum.m_data = Missing{};
    return datum;
}

Datum Datum::integer(std::int64_t number, IntWidth width) {
    Datum datum;
    datum.m_data = Integer{number, width};
    return datum;
}

DatumList::~DatumList() {
    for (Datum& item : items) free_later(std::move(item));
}

DatumMap::~DatumMap() {
    for (auto& [key, item] : entries) free_later(std::move(item));
}

Datum Datum::list(std::vector<Datum> items, Elements elements) {
    Datum datum;
    auto list = std::make_shared<DatumList>();
    list->items = std::move(items);
    list->elements = elements;
    datum.m_data = std::move(list);
    return datum;
}

Datum Datum::strings(const std::vector<std::string>& items) {
    return list({items.begin(), items.end()}, Elements::string);
}

Datum Datum::map(Elements elements) {
    Datum datum;
    auto map = std::make_shared<DatumMap>();
    map->elements = elements;
    datum.m_data = std::move(map);
    return datum;
}

Datum Datum::function(GoFunction function) {
    Datum datum;
    datum.m_data = std::make_shared<const GoFunction>(std::move(function));
    return datum;
}

std::vector<Datum>& Datum::items() const { return std::get<std::shared_ptr<DatumList>>(m_data)->items; }

std::map<std::string, Datum, std::less<>>& Datum::entries() const {
    return std::get<std::shared_ptr<DatumMap>>(m_data)->entries;
}

bool Datum::is_same(const Datum& other) const {
    if (is_list() && other.is_list()) return &items() == &other.items();
    return is_map() && other.is_map() && &entries() == &other.entries();
}

Elements Datum::elements() const {
    return is_list() ? std::get<std::shared_ptr<DatumList>>(m_data)->elements
                     : std::get<std::shared_ptr<DatumMap>>(m_data)->elements;
}

const Datum* Datum::find(std::string_view key) const {
    if (!is_map()) return nullptr;
    const auto found = entries().find(key);
    return found == entries().end() ? nullptr : &found->second;
}

bool Datum::truth() const {
    switch (kind()) {
        case Kind::missing:
        case Kind::nil: return false;
        case Kind::boolean: return flag();
        case Kind::integer: return number() != 0;
        case Kind::floating: return floating() != 0;
        case Kind::string: return !text().empty();
        case Kind::list: return !items().empty();
        case Kind::map: return !entries().empty();
        case Kind::function:
        case Kind::time: return true;
    }
    return false;
}

std::string Datum::type_name() const {
    if (is_integer()) return width() == IntWidth::wide ? "int64" : "int";
    if (is_list()) return "[]" + element_name(elements());
    if (is_map()) return "map[string]" + element_name(elements());
    constexpr std::array<std::string_view, 10> names{"<nil>",  "<nil>", "bool", "", "float64",
                                                     "string", "",      "",     "time.Time", "func"};
    return std::string(names.at(static_cast<std::size_t>(kind())));
}

std::string_view Datum::kind_name() const {
    if (is_integer()) return width() == IntWidth::wide ? "int64" : "int";
    constexpr std::array<std::string_view, 10> names{"invalid", "invalid", "bool",  "",      "float64",
                                                     "string",  "slice",   "map",   "struct", "func"};
    return names.at(static_cast<std::size_t>(kind()));
}

Datum to_datum(const doc::Value& value, Numbers numbers) {
    switch (value.kind()) {
        case doc::Value::Kind::null: return {};
        case doc::Value::Kind::boolean: return value.as_bool();
        case doc::Value::Kind::integer:
            if (const auto whole = value.to_int(); whole && numbers == Numbers::as_written)
                return Datum::integer(*whole, IntWidth::wide);
            return value.to_double().value_or(0.0);
        case doc::Value::Kind::floating: return value.to_double().value_or(0.0);
        case doc::Value::Kind::string: return value.text();
        case doc::Value::Kind::list: {
            std::vector<Datum> items;
            items.reserve(value.size());
            for (const doc::Value& item : value.items()) items.push_back(to_datum(item, numbers));
            return Datum::list(std::move(items));
        }
        case doc::Value::Kind::map: {
            Datum map = Datum::map();
            for (const doc::Entry& entry : value.entries())
                map.entries().insert_or_assign(std::string(entry.name()), to_datum(entry.value, numbers));
            return map;
        }
    }
    return {};
}

doc::Value to_value(const Datum& datum) { return value_at(datum, 0); }
Datum deep_copy(const Datum& datum) { return copy_at(datum, 0); }
bool deep_equal(const Datum& a, const Datum& b) { return equal_at(a, b, 0); }

}  // namespace gitops::templates
