#include "cli/app_selection.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"
#include "core/app/tree.hpp"

namespace gitops::cli {

namespace {

doc::Value node_value(const app::TreeNode& node) {
    doc::Value value = key_value(node.key);
    value.set("version", node.gvk.version);
    value.set("sync", node.sync ? doc::Value(app::sync_status_name(*node.sync)) : doc::Value());
    value.set("health", health_value(node.health));
    doc::Value children = doc::Value::list();
    for (const app::TreeNode& child : node.children) children.push_back(node_value(child));
    value.set("children", std::move(children));
    return value;
}

/// `lead` is what stands left of the node's own branch.
void add_nodes(Table& table, const std::vector<app::TreeNode>& nodes, const std::string& lead) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const app::TreeNode& node = nodes[i];
        const bool last = i + 1 == nodes.size();
        table.add({lead + (last ? "└─" : "├─") + node.key.kind + "/" + node.key.name,
                   node.sync ? status_cell(app::sync_status_name(*node.sync)) : Cell(""), health_cell(node.health),
                   node.health ? node.health->message : ""});
        add_nodes(table, node.children, lead + (last ? "  " : "│ "));
    }
}

int run(Env& env, const std::string& name) {
    const app::AppStatus status = app::status_of(env.services(), app::application_of(env.services(), name), app::Fetch::cached);
    const std::vector<app::TreeNode> nodes = app::tree_of(env.services(), status);
    if (wants_document(env)) {
        doc::Value list = doc::Value::list();
        for (const app::TreeNode& node : nodes) list.push_back(node_value(node));
        doc::Value document = doc::Value::map();
        document.set("name", name);
        document.set("nodes", std::move(list));
        print_document(env, document);
        return 0;
    }
    Table table({"KIND/NAME", "STATUS", "HEALTH", "MESSAGE"});
    table.add({"Application/" + name, status_cell(app::sync_status_name(status.sync)),
               status_cell(deliver::health_name(status.health.status)), ""});
    add_nodes(table, nodes, "");
    table.print(env.terminal());
    return 0;
}

}  // namespace

void register_app_tree(Commands& commands) {
    commands.push_back({
        .path = "app tree",
        .summary = "Show an application's resources and what they own, down to the Pods.",
        .examples = "gitopsctl app tree web\n"
                    "gitopsctl app tree web -o json",
        .exits = "0  shown\n"
                 "2  there is no such application",
        .declare = [](CLI::App& parser) { return declare_for_application(parser, run); },
    });
}

}  // namespace gitops::cli
