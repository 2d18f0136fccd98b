// sprig's lists. None of them changes the list it is given.
#include <algorithm>

#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

Datum list_of(GoCall& call, std::vector<Datum> items) {
    call.run.spend(items.size());
    return Datum::list(std::move(items));
}

Datum append(GoCall& call) {
    std::vector<Datum> items = call.args[0].is_list() ? call.args[0].items() : std::vector<Datum>();
    if (!call.args[0].is_list()) sprig_error("Cannot push on type " + std::string(call.args[0].kind_name()));
    items.push_back(call.args[1]);
    return list_of(call, std::move(items));
}

Datum prepend(GoCall& call) {
    if (!call.args[0].is_list()) sprig_error("Cannot prepend on type " + std::string(call.args[0].kind_name()));
    std::vector<Datum> items = call.args[0].items();
    items.insert(items.begin(), call.args[1]);
    return list_of(call, std::move(items));
}

Datum first(GoCall& call) {
    const auto& items = items_of(call.args[0], "first");
    return items.empty() ? Datum() : items.front();
}

Datum last(GoCall& call) {
    const auto& items = items_of(call.args[0], "last");
    return items.empty() ? Datum() : items.back();
}

Datum rest(GoCall& call) {
    const auto& items = items_of(call.args[0], "rest");
    return items.empty() ? Datum::list({}) : list_of(call, {items.begin() + 1, items.end()});
}

Datum initial(GoCall& call) {
    const auto& items = items_of(call.args[0], "initial");
    return items.empty() ? Datum::list({}) : list_of(call, {items.begin(), items.end() - 1});
}

Datum reverse(GoCall& call) {
    const auto& items = items_of(call.args[0], "reverse");
    return list_of(call, {items.rbegin(), items.rend()});
}

bool holds(const std::vector<Datum>& items, const Datum& wanted) {
    return std::ranges::any_of(items, [&](const Datum& item) { return deep_equal(item, wanted); });
}

Datum uniq(GoCall& call) {
    std::vector<Datum> kept;
    for (const Datum& item : items_of(call.args[0], "uniq")) {
        call.run.spend(kept.size());
        if (!holds(kept, item)) kept.push_back(item);
    }
    return list_of(call, std::move(kept));
}

Datum without(GoCall& call) {
    const std::vector<Datum> unwanted(call.args.begin() + 1, call.args.end());
    std::vector<Datum> kept;
    for (const Datum& item : items_of(call.args[0], "without")) {
        call.run.spend(unwanted.size());
        if (!holds(unwanted, item)) kept.push_back(item);
    }
    return list_of(call, std::move(kept));
}

Datum has(GoCall& call) {
    if (call.args[1].is_nothing()) return false;
    const auto& items = items_of(call.args[1], "has");
    call.run.spend(items.size());
    return holds(items, call.args[0]);
}

Datum compact(GoCall& call) {
    std::vector<Datum> kept;
    for (const Datum& item : items_of(call.args[0], "compact"))
        if (!is_empty(item)) kept.push_back(item);
    return list_of(call, std::move(kept));
}

Datum slice(GoCall& call) {
    if (!call.args[0].is_list()) sprig_error("list should be type of slice or array but " + std::string(call.args[0].kind_name()));
    const auto& items = call.args[0].items();
    const auto size = static_cast<std::int64_t>(items.size());
    if (size == 0) return {};
    const std::int64_t start = call.count() > 1 ? whole_of(call.args[1]) : 0;
    const std::int64_t end = call.count() > 2 ? whole_of(call.args[2]) : size;
    if (start < 0 || end > size || start > end) sprig_error("reflect.Value.Slice: slice index out of bounds");
    return Datum::list({items.begin() + start, items.begin() + end}, call.args[0].elements());
}

Datum concat(GoCall& call) {
    std::vector<Datum> items;
    for (const Datum& part : call.args) {
        if (!part.is_list()) sprig_error("Cannot concat type " + std::string(part.kind_name()) + " as list");
        items.insert(items.end(), part.items().begin(), part.items().end());
        call.run.spend(part.items().size());
    }
    return list_of(call, std::move(items));
}

Datum chunk(GoCall& call) {
    if (!call.args[1].is_list()) sprig_error("Cannot chunk type " + std::string(call.args[1].kind_name()));
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(1, call.number(0)));
    const auto& items = call.args[1].items();
    std::vector<Datum> chunks;
    for (std::size_t at = 0; at < items.size(); at += size) {
        const auto begin = items.begin() + static_cast<std::ptrdiff_t>(at);
        chunks.push_back(Datum::list({begin, begin + static_cast<std::ptrdiff_t>(std::min(size, items.size() - at))}));
    }
    return list_of(call, std::move(chunks));
}

constexpr SprigRow k_rows[] = {
    {"list tuple", "a*", [](GoCall& call) { return list_of(call, {call.args.begin(), call.args.end()}); }},
    {"append mustAppend push mustPush", "aa", append},
    {"prepend mustPrepend", "aa", prepend},
    {"first mustFirst", "a", first},
    {"last mustLast", "a", last},
    {"rest mustRest", "a", rest},
    {"initial mustInitial", "a", initial},
    {"reverse mustReverse", "a", reverse},
    {"uniq mustUniq", "a", uniq},
    {"without mustWithout", "aa*", without},
    {"has mustHas", "aa", has},
    {"compact mustCompact", "a", compact},
    {"slice mustSlice", "aa*", slice},
    {"concat", "a*", concat},
    {"chunk mustChunk", "ia", chunk},
};

}  // namespace

void add_sprig_lists(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
