#include "cli/output/event_list.hpp"

#include <algorithm>

#include "cli/output/status_value.hpp"
#include "core/base/text.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

namespace {

std::string last_seen(const doc::Value& event) {
    for (const std::string_view key : {"lastTimestamp", "eventTime", "firstTimestamp"}) {
        if (const std::string_view time = event.text_at(key); !time.empty()) return std::string(time);
    }
    const doc::Value* created = event.path("metadata", "creationTimestamp");
    return created == nullptr ? std::string() : std::string(created->text());
}

std::string object_of(const doc::Value& event) {
    const doc::Value* object = event.find("involvedObject");
    if (object == nullptr) return {};
    return base::lower(object->text_at("kind")) + "/" + std::string(object->text_at("name"));
}

}  // namespace

Listing event_listing(std::vector<doc::Value> events, NamespaceColumn column, base::Time now) {
    std::stable_sort(events.begin(), events.end(),
                     [](const doc::Value& a, const doc::Value& b) { return last_seen(a) < last_seen(b); });
    std::vector<std::string> titles{"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"};
    if (column == NamespaceColumn::yes) titles.insert(titles.begin(), "NAMESPACE");
    Listing listing{.table = Table(std::move(titles)), .nothing = "no events"};
    for (const doc::Value& event : events) {
        const std::string seen = last_seen(event);
        const doc::Value* count = event.find("count");
        doc::Value item = doc::Value::map();
        item.set("lastSeen", text_or_null(seen));
        item.set("namespace", kube::namespace_of(event));
        item.set("type", event.text_at("type"));
        item.set("reason", event.text_at("reason"));
        item.set("object", object_of(event));
        item.set("message", event.text_at("message"));
        item.set("count", count == nullptr ? doc::Value(1) : *count);
        listing.items.push_back(std::move(item));
        std::vector<Cell> row{age_of(seen, now), event.text_at("type"), event.text_at("reason"), object_of(event),
                              event.text_at("message")};
        if (column == NamespaceColumn::yes) row.insert(row.begin(), Cell(kube::namespace_of(event)));
        listing.table.add(std::move(row));
        listing.names.emplace_back(kube::name_of(event));
    }
    return listing;
}

}  // namespace gitops::cli
