#include "core/app/cluster_record.hpp"

#include <algorithm>
#include <map>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::string_view k_prefix = "gitopsctl.";
constexpr std::size_t k_longest_name = 253;   ///< of an object: RFC 1123 subdomain
constexpr std::size_t k_longest_label = 63;
constexpr std::string_view k_cluster_scoped = "-";

/// Whole when it fits, else its beginning and a digest.
std::string shortened(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return std::string(text);
    const auto digest = base::sha256_hex(text).substr(0, 12);
    return std::string(text.substr(0, longest - digest.size() - 1)) + "-" + digest;
}

/// One line for each kind and namespace: "apps/Deployment prod: web api". Legal names hold neither blanks nor, at
/// their end, colons.
std::string inventory_text(const std::vector<kube::ResourceKey>& keys) {
    std::map<std::string, std::vector<std::string_view>> lines;
    for (const auto& key : keys) {
        std::string head = (key.group.empty() ? "" : key.group + "/") + key.kind + " ";
        head += key.ns.empty() ? k_cluster_scoped : std::string_view(key.ns);
        lines[head].push_back(key.name);
    }
    std::string text;
    for (auto& [head, names] : lines) {
        std::ranges::sort(names);
        text += head + ":";
        for (const auto name : names) text.append(" ").append(name);
        text += "\n";
    }
    return text;
}

std::vector<kube::ResourceKey> read_inventory(std::string_view text) {
    std::vector<kube::ResourceKey> keys;
    for (const auto line : base::split(text, '\n')) {
        if (line.empty()) continue;
        const auto blank = line.find(' ');
        const auto colon = line.find(": ");
        if (blank == std::string_view::npos || colon == std::string_view::npos || colon < blank)
            throw Error(Code::invalid, "its inventory has a line that is none: \"" + std::string(line.substr(0, 80)) + "\"");
        const auto type = line.substr(0, blank);
        const auto slash = type.find('/');
        kube::ResourceKey key;
        if (slash != std::string_view::npos) key.group = type.substr(0, slash);
        key.kind = slash == std::string_view::npos ? type : type.substr(slash + 1);
        const auto ns = line.substr(blank + 1, colon - blank - 1);
        if (ns != k_cluster_scoped) key.ns = ns;
        for (const auto name : base::split(line.substr(colon + 2), ' ')) {
            if (name.empty()) continue;
            key.name = name;
            keys.push_back(key);
        }
    }
    return keys;
}

Value history_value(const std::vector<HistoryRow>& rows) {
    Value items = Value::list();
    for (const auto& row : rows) {
        Value item = Value::map();
        item.set("id", row.id);
        item.set("revision", row.revision);
        item.set("startedAt", base::to_rfc3339_millis(row.started_at));
        item.set("deployedAt", base::to_rfc3339_millis(row.deployed_at));
        item.set("author", row.author);
        item.set("message", row.message);
        item.set("initiatedBy", row.initiated_by);
        item.set("strategy", row.strategy);
        item.set("revertOf", row.revert_of);
        item.set("created", std::int64_t{row.created});
        item.set("updated", std::int64_t{row.updated});
        item.set("pruned", std::int64_t{row.pruned});
        item.set("unchanged", std::int64_t{row.unchanged});
        items.push_back(std::move(item));
    }
    return items;
}

std::int64_t number_at(const Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value == nullptr ? 0 : value->to_int().value_or(0);
}

base::Time time_at(const Value& map, std::string_view key) {
    return base::parse_rfc3339(map.text_at(key)).value_or(base::Time{});
}

std::string text_of(const Value& map, std::string_view key) { return std::string(map.text_at(key)); }

std::vector<HistoryRow> read_history(const Value& items, const std::string& app) {
    std::vector<HistoryRow> rows;
    for (const auto& item : items.items()) {
        HistoryRow row;
        row.app = app;
        row.id = number_at(item, "id");
        row.revision = text_of(item, "revision");
        row.started_at = time_at(item, "startedAt");
        row.deployed_at = time_at(item, "deployedAt");
        row.author = text_of(item, "author");
        row.message = text_of(item, "message");
        row.initiated_by = text_of(item, "initiatedBy");
        row.strategy = text_of(item, "strategy");
        row.revert_of = text_of(item, "revertOf");
        row.created = static_cast<int>(number_at(item, "created"));
        row.updated = static_cast<int>(number_at(item, "updated"));
        row.pruned = static_cast<int>(number_at(item, "pruned"));
        row.unchanged = static_cast<int>(number_at(item, "unchanged"));
        rows.push_back(std::move(row));
    }
    std::ranges::sort(rows, {}, &HistoryRow::id);
    return rows;
}

Value holder_value(const RecordHolder& holder) {
    Value value = Value::map();
    value.set("actor", holder.actor);
    value.set("action", holder.action);
    value.set("since", base::to_rfc3339_millis(holder.since));
    if (!holder.revision.empty()) value.set("revision", holder.revision);
    value.set("host", holder.process.host);
    value.set("boot", holder.process.boot);
    value.set("pid", holder.process.pid);
    value.set("started", holder.process.started);
    value.set("beat", holder.beat);
    return value;
}

RecordHolder read_holder(const Value& value) {
    RecordHolder holder;
    holder.actor = text_of(value, "actor");
    holder.action = text_of(value, "action");
    holder.since = time_at(value, "since");
    holder.revision = text_of(value, "revision");
    holder.process = {text_of(value, "host"), text_of(value, "boot"), number_at(value, "pid"), number_at(value, "started")};
    holder.beat = number_at(value, "beat");
    return holder;
}

/// The JSON text under `key`; null when there is none.
Value json_at(const Value& data, std::string_view key) {
    const auto text = data.text_at(key);
    return text.empty() ? Value() : doc::read_json(text, std::string(key));
}

ClusterRecord read_data(const Value& object, const Value& data) {
    ClusterRecord record;
    record.app = data.text_at("name");
    record.resource_version = kube::resource_version_of(object);
    if (record.app.empty()) throw Error(Code::invalid, "it names no application");
    record.definition = json_at(data, "application");
    record.inventory = read_inventory(data.text_at("inventory"));
    record.synced_revision = data.text_at("revision");
    record.pinned_revision = data.text_at("pinned");
    if (const auto history = json_at(data, "history"); history.is_list()) record.history = read_history(history, record.app);
    if (const auto holder = json_at(data, "operation"); holder.is_map()) record.holder = read_holder(holder);
    return record;
}

}  // namespace

std::string record_name(std::string_view app) {
    return std::string(k_prefix) + shortened(app, k_longest_name - k_prefix.size());
}

std::string record_label(std::string_view app) { return shortened(app, k_longest_label); }

Value to_config_map(const ClusterRecord& record, const std::string& ns) {
    Value metadata = Value::map({{"name", record_name(record.app)}, {"namespace", ns}});
    metadata.set("labels", Value::map({{"app.kubernetes.io/managed-by", "gitopsctl"},
                                       {k_record_label, record_label(record.app)}}));
    if (!record.resource_version.empty()) metadata.set("resourceVersion", record.resource_version);
    Value data = Value::map();
    data.set("name", record.app);
    data.set("application", doc::write_json(record.definition));
    data.set("inventory", inventory_text(record.inventory));
    data.set("revision", record.synced_revision);
    data.set("pinned", record.pinned_revision);
    data.set("history", doc::write_json(history_value(record.history)));
    if (record.holder) data.set("operation", doc::write_json(holder_value(*record.holder)));
    return Value::map({{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata}, {"data", data}});
}

ClusterRecord read_config_map(const Value& object) {
    try {
        const auto* data = object.find("data");
        if (data == nullptr || !data->is_map()) throw Error(Code::invalid, "it holds no data");
        return read_data(object, *data);
    } catch (const Error& error) {
        Error told(Code::invalid, "ConfigMap " + std::string(kube::namespace_of(object)) + "/" +
                                      std::string(kube::name_of(object)) + " is no record of gitopsctl: " + error.message());
        throw told.hint("delete it, or restore what it was; the next sync writes it anew");
    }
}

}  // namespace gitops::app
