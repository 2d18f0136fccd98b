#include "cli/output/project_text.hpp"

#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

const std::string k_none = "<none>";

std::string text_of(const sources::DestinationRule& rule) {
    const std::string& cluster = rule.server.empty() ? rule.name : rule.server;
    return cluster + "," + rule.ns + (!rule.server.empty() && !rule.name.empty() ? "," + rule.name : "");
}

std::string text_of(const sources::ResourceRule& rule) {
    return rule.group + "/" + rule.kind + (rule.name.empty() ? "" : "/" + rule.name);
}

const std::string& text_of(const std::string& text) { return text; }

template <class Items>
std::vector<std::string> texts(const Items& items) {
    std::vector<std::string> list;
    for (const auto& item : items) list.push_back(text_of(item));
    return list;
}

/// "<none>", the only one, or how many there are.
std::string brief(const std::vector<std::string>& list, std::string_view noun) {
    if (list.empty()) return k_none;
    return list.size() == 1 ? list.front() : base::count_of(list.size(), noun);
}

std::string orphaned_text(const sources::AppProject& project) {
    if (!project.orphaned) return "disabled";
    return std::string("enabled (warn=") + (project.orphaned->warn ? "true" : "false") + ")";
}

void add_lines(Table& table, const std::string& title, const std::vector<std::string>& list, const std::string& nothing = k_none) {
    if (list.empty()) table.add({title, nothing});
    for (std::size_t i = 0; i < list.size(); ++i) table.add({i == 0 ? title : "", list[i]});
}

void add_role(Table& table, const sources::Role& role) {
    table.add({"Role:", role.name + (role.description.empty() ? "" : ": " + role.description)});
    for (const auto& rule : role.rules) table.add({"", "  " + rule.text});
    if (!role.groups.empty()) table.add({"", "  groups: " + base::join(role.groups, ", ")});
}

}  // namespace

Table project_table() {
    return Table({"NAME", "DESCRIPTION", "DESTINATIONS", "SOURCES", "CLUSTER-RESOURCE-WHITELIST", "NAMESPACE-RESOURCE-BLACKLIST",
                  "ORPHANED-RESOURCES"});
}

std::vector<Cell> project_row(const sources::AppProject& project) {
    return {project.name,
            project.description,
            brief(texts(project.destinations), "destination"),
            brief(texts(project.source_repos), "repo"),
            brief(texts(project.cluster_allowed), "resource"),
            brief(texts(project.namespaced_denied), "resource"),
            orphaned_text(project)};
}

Table project_page(const sources::AppProject& project) {
    Table table;
    table.add({"Name:", Cell(project.name, Color::bold)});
    table.add({"Description:", project.description});
    add_lines(table, "Destinations:", texts(project.destinations));
    add_lines(table, "Repositories:", texts(project.source_repos));
    add_lines(table, "Allowed Cluster Resources:", texts(project.cluster_allowed));
    add_lines(table, "Denied Cluster Resources:", texts(project.cluster_denied));
    if (project.namespaced_allowed) add_lines(table, "Allowed Namespaced Resources:", texts(*project.namespaced_allowed));
    else table.add({"Allowed Namespaced Resources:", "<all>"});
    add_lines(table, "Denied Namespaced Resources:", texts(project.namespaced_denied));
    if (!project.source_namespaces.empty()) add_lines(table, "Source Namespaces:", project.source_namespaces);
    table.add({"Sync Windows:", project.windows.empty() ? k_none : std::to_string(project.windows.size())});
    table.add({"Orphaned Resources:", orphaned_text(project)});
    for (const auto& role : project.roles) add_role(table, role);
    if (project.unmet) table.add({"Unmet:", Cell(*project.unmet, Color::red)});
    return table;
}

}  // namespace gitops::cli
