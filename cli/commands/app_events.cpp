#include <algorithm>
#include <set>

#include "cli/app_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/app_text.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"
#include "core/app/tree.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

constexpr std::size_t k_audit_rows = 1000;

/// One line of the story: something we did, or something the cluster said.
struct Happening {
    std::string at;  ///< RFC 3339; sorts as text
    std::string_view source;
    std::string actor;
    std::string reason;
    std::string object;
    std::string message;
};

void add_audit(Env& env, const std::string& name, std::vector<Happening>& story) {
    for (const app::AuditRow& row : env.state().audit(name, k_audit_rows)) {
        std::string message = row.result;
        for (const std::string& part : {row.reason, row.message}) message += part.empty() ? "" : ": " + part;
        story.push_back({base::to_rfc3339(row.at), "audit", row.actor, row.action, name, message});
    }
}

void collect(const std::vector<app::TreeNode>& nodes, std::set<kube::ResourceKey>& keys) {
    for (const app::TreeNode& node : nodes) {
        keys.insert({"", node.key.kind, node.key.ns, node.key.name});
        collect(node.children, keys);
    }
}

std::string time_of(const doc::Value& event) {
    for (const std::string_view key : {"lastTimestamp", "eventTime", "firstTimestamp"}) {
        if (!event.text_at(key).empty()) return std::string(event.text_at(key));
    }
    return {};
}

void add_cluster_events(Env& env, const app::AppStatus& status, std::vector<Happening>& story) {
    std::set<kube::ResourceKey> keys;
    collect(app::tree_of(env.services(), status), keys);
    const auto cluster = env.services().open_cluster(status.cluster);
    for (const doc::Value& event : cluster->list({kube::Gvk{"", "v1", "Event"}, std::nullopt, ""})) {
        const doc::Value* object = event.find("involvedObject");
        if (object == nullptr) continue;
        const std::string kind(object->text_at("kind"));
        const std::string name(object->text_at("name"));
        if (!keys.contains({"", kind, std::string(object->text_at("namespace")), name})) continue;
        story.push_back({time_of(event), "cluster", "", std::string(event.text_at("reason")),
                         base::lower(kind) + "/" + name, std::string(event.text_at("message"))});
    }
}

int run(Env& env, const std::string& name) {
    const app::AppStatus status = app::status_of(env.services(), app::application_of(env.services(), name), app::Fetch::cached);
    std::vector<Happening> story;
    add_audit(env, name, story);
    add_cluster_events(env, status, story);
    std::ranges::stable_sort(story, {}, &Happening::at);
    Listing listing{.table = Table({"TIME", "SOURCE", "REASON", "OBJECT", "MESSAGE"}), .nothing = "no events"};
    for (const Happening& each : story) {
        doc::Value item = doc::Value::map();
        item.set("at", each.at);
        item.set("source", each.source);
        item.set("actor", text_or_null(each.actor));
        item.set("reason", each.reason);
        item.set("object", each.object);
        item.set("message", each.message);
        listing.items.push_back(std::move(item));
        const std::string message = each.actor.empty() ? each.message : each.message + " (" + each.actor + ")";
        listing.table.add({time_text(base::parse_rfc3339(each.at)), each.source, each.reason, each.object, message});
        listing.names.push_back(each.reason);
    }
    print_listing(env, listing);
    return 0;
}

}  // namespace

void register_app_events(Commands& commands) {
    commands.push_back({
        .path = "app events",
        .summary =
            "Tell what happened to an application: operations on it, and the cluster's events about its objects.",
        .examples = "gitopsctl app events web\n"
                    "gitopsctl app events web -o json",
        .exits = "0  shown, also when there are none\n"
                 "2  there is no such application",
        .declare = [](CLI::App& parser) { return declare_for_application(parser, run); },
    });
}

}  // namespace gitops::cli
