// sprig's dictionaries. set, unset and merge change the map they are given, as in Go.
#include <algorithm>

#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

constexpr int k_max_depth = 200;

Datum dict(GoCall& call) {
    Datum map = Datum::map();
    for (std::size_t i = 0; i < call.count(); i += 2)
        map.entries()[text_of(call.args[i])] = i + 1 < call.count() ? call.args[i + 1] : Datum("");
    return map;
}

/// A nil map reads as an empty one.
const Datum* entry_of(const Datum& map, const std::string& key) { return map.is_map() ? map.find(key) : nullptr; }

void require_map(const Datum& map) {
    if (!map.is_map()) sprig_error("assignment to entry in nil map");
}

bool holds(GoCall& call, const Datum& item, const Datum& map, int depth) {
    if (!item.is_map() && !item.is_list()) return false;
    if (depth > k_max_depth) sprig_error("maps nested deeper than 200 levels");
    call.run.spend(1);
    if (item.is_same(map)) return true;
    const auto below = [&](const Datum& part) { return holds(call, part, map, depth + 1); };
    if (item.is_list()) return std::ranges::any_of(item.items(), below);
    return std::ranges::any_of(item.entries(), [&](const auto& entry) { return below(entry.second); });
}

/// Go's collector takes back a map that holds itself; counting references cannot, and nobody can print one.
void refuse_own(GoCall& call, const Datum& map, const Datum& item) {
    if (holds(call, item, map, 0)) sprig_error("a map cannot hold itself");
}

Datum set(GoCall& call) {
    require_map(call.args[0]);
    call.run.spend(1);
    refuse_own(call, call.args[0], call.args[2]);
    call.args[0].entries()[call.text(1)] = call.args[2];
    return call.args[0];
}

Datum unset(GoCall& call) {
    if (call.args[0].is_map()) call.args[0].entries().erase(call.text(1));
    return call.args[0];
}

Datum get(GoCall& call) {
    const Datum* found = entry_of(call.args[0], call.text(1));
    return found == nullptr ? Datum("") : *found;
}

Datum pluck(GoCall& call) {
    std::vector<Datum> found;
    for (const Datum& map : call.args.subspan(1))
        if (const Datum* item = entry_of(map, call.text(0))) found.push_back(*item);
    return Datum::list(std::move(found));
}

Datum keys(GoCall& call) {
    std::vector<std::string> names;
    for (const Datum& map : call.args)
        if (map.is_map())
            for (const auto& [key, item] : map.entries()) names.push_back(key);
    call.run.spend(names.size());
    return Datum::strings(names);
}

Datum values(GoCall& call) {
    std::vector<Datum> items;
    if (call.args[0].is_map())
        for (const auto& [key, item] : call.args[0].entries()) items.push_back(item);
    call.run.spend(items.size());
    return Datum::list(std::move(items));
}

Datum pick(GoCall& call) {
    Datum map = Datum::map();
    for (const Datum& key : call.args.subspan(1))
        if (const Datum* found = entry_of(call.args[0], key.text())) map.entries()[key.text()] = *found;
    return map;
}

Datum omit(GoCall& call) {
    Datum map = Datum::map();
    if (call.args[0].is_map()) map.entries() = call.args[0].entries();
    for (const Datum& key : call.args.subspan(1)) map.entries().erase(key.text());
    call.run.spend(map.entries().size());
    return map;
}

enum class Wins { target, source };

/// As mergo: an empty entry of the target is always filled.
void merge_into(GoCall& call, const Datum& target, const Datum& source, Wins wins, int depth) {
    if (depth > k_max_depth) sprig_error("maps nested deeper than 200 levels");
    if (target.is_same(source)) return;
    for (const auto& [key, item] : source.entries()) {
        call.run.spend(1);
        auto found = target.entries().find(key);
        if (found == target.entries().end()) {
            refuse_own(call, target, item);
            target.entries().emplace(key, item);
        } else if (found->second.is_map() && item.is_map()) {
            merge_into(call, found->second, item, wins, depth + 1);
        } else if (is_empty(found->second) || wins == Wins::source) {
            refuse_own(call, target, item);
            found->second = item;
        }
    }
}

Datum merged(GoCall& call, Wins wins) {
    const Datum target = call.args[0].is_map() ? call.args[0] : Datum::map();
    for (const Datum& source : call.args.subspan(1))
        if (source.is_map()) merge_into(call, target, source, wins, 0);
    return target;
}

/// dig "a" "b" DEFAULT $map
Datum dig(GoCall& call) {
    if (call.count() < 3) sprig_error("dig needs at least three arguments");
    const Datum& fallback = call.args[call.count() - 2];
    Datum at = call.args[call.count() - 1];
    if (!at.is_map()) sprig_error("interface conversion: interface {} is " + at.type_name() + ", not map[string]interface {}");
    for (std::size_t i = 0; i + 2 < call.count(); ++i) {
        if (!call.args[i].is_string())
            sprig_error("interface conversion: interface {} is " + call.args[i].type_name() + ", not string");
        if (!at.is_map()) sprig_error("interface conversion: interface {} is " + at.type_name() + ", not map[string]interface {}");
        const Datum* found = at.find(call.args[i].text());
        if (found == nullptr) return fallback;
        Datum next = *found;
        at = std::move(next);
    }
    return at;
}

Datum copied(GoCall& call) {
    if (call.args[0].is_nothing()) sprig_error("reflect: call of reflect.Value.Type on zero Value");
    return deep_copy(call.args[0]);
}

constexpr SprigRow k_rows[] = {
    {"dict", "a*", dict},
    {"set", "msa", set},
    {"unset", "ms", unset},
    {"get", "ms", get},
    {"hasKey", "ms", [](GoCall& call) { return Datum(entry_of(call.args[0], call.text(1)) != nullptr); }},
    {"pluck", "sm*", pluck},
    {"keys", "m*", keys},
    {"values", "m", values},
    {"pick", "ms*", pick},
    {"omit", "ms*", omit},
    {"merge mustMerge", "mm*", [](GoCall& call) { return merged(call, Wins::target); }},
    {"mergeOverwrite mustMergeOverwrite", "mm*", [](GoCall& call) { return merged(call, Wins::source); }},
    {"dig", "a*", dig},
    {"deepCopy mustDeepCopy", "a", copied},
};

}  // namespace

void add_sprig_dicts(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
