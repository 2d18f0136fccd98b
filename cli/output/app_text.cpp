#include "cli/output/app_text.hpp"

#include "cli/output/status_value.hpp"
#include "core/app/source/revision_text.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

std::string target_of(const app::Application& application) {
    std::vector<std::string> targets;
    for (const app::Source& source : application.sources)
        targets.push_back(!source.target_revision.empty() ? source.target_revision : source.is_chart() ? "*" : "HEAD");
    return base::join(targets, ", ");
}

/// Where one source comes from, in one line: "REPO path/in/it at v1".
void add_sources(Table& table, const app::Application& application) {
    if (!application.is_multi_source) {
        const app::Source& source = application.source;
        table.add({"Repo:", source.repo_url});
        if (source.chart.empty()) table.add({"Path:", source.path.empty() ? "." : source.path});
        else table.add({"Chart:", source.chart});
        table.add({"Target:", target_of(application)});
        return;
    }
    int count = 0;
    for (const app::Source& source : application.sources) {
        std::string text = source.repo_url + " " + (!source.chart.empty() ? source.chart : source.path.empty() ? "." : source.path);
        if (source.only_referenced()) text = source.repo_url + " as $" + source.ref;
        else if (!source.ref.empty()) text += " as $" + source.ref;
        const std::string newest = source.is_chart() ? "*" : "HEAD";
        text += " at " + (source.target_revision.empty() ? newest : source.target_revision);
        table.add({"Source " + std::to_string(++count) + ":", source.name.empty() ? text : source.name + ": " + text});
    }
}

std::string sync_text(const app::AppStatus& status) {
    std::string text(app::sync_status_name(status.sync));
    if (status.revision.empty()) return text;
    text += status.sync == app::SyncStatus::synced ? " to " : " from ";
    if (!status.state.pinned_revision.empty()) return text + "pin " + short_sha(status.revision);
    return text + target_of(status.application) + " (" + short_sha(status.revision) + ")";
}

std::string long_policy(const app::SyncPolicy& policy) {
    if (!policy.automated || !policy.automated->enabled) return "Manual";
    std::vector<std::string> extras;
    if (policy.automated->prune) extras.emplace_back("Prune");
    if (policy.automated->self_heal) extras.emplace_back("SelfHeal");
    return extras.empty() ? "Automated" : "Automated (" + base::join(extras, ", ") + ")";
}

void add_operation(Table& table, const app::AppStatus& status) {
    if (status.operation) {
        table.add({"Operation:", status.operation->action + " by " + status.operation->actor + " since " +
                                     time_text(status.operation->since)});
        return;
    }
    if (status.state.phase.empty()) return;
    std::string text = status.state.phase;
    if (!status.state.revision.empty()) text += " at " + short_sha(status.state.revision);
    if (status.state.finished_at) text += ", " + time_text(status.state.finished_at);
    if (status.state.started_at && status.state.finished_at) {
        text += ", took " + base::format_duration(*status.state.finished_at - *status.state.started_at);
    }
    table.add({"Operation:", text});
    if (!status.state.message.empty()) table.add({"Message:", status.state.message});
}

std::string condition_names(const app::AppStatus& status) {
    std::vector<std::string> names;
    for (const app::Condition& condition : status.conditions) names.push_back(condition.type);
    return names.empty() ? "<none>" : base::join(names, ",");
}

}  // namespace

Table app_header(const app::AppStatus& status) {
    const app::Application& application = status.application;
    Table table;
    table.add({"Name:", Cell(application.name, Color::bold)});
    table.add({"Project:", application.project});
    table.add({"Cluster:", status.cluster});
    table.add({"Namespace:", application.destination.ns});
    add_sources(table, application);
    table.add({"SyncWindow:", status.window ? std::string(sources::permission_text(*status.window)) : "Unknown"});
    table.add({"Sync Policy:", long_policy(application.sync_policy)});
    if (!application.sync_policy.sync_options.empty())
        table.add({"Sync Options:", base::join(application.sync_policy.sync_options, ", ")});
    table.add({"Sync Status:", Cell(sync_text(status), status_color(app::sync_status_name(status.sync)))});
    const std::string_view health = deliver::health_name(status.health.status);
    table.add({"Health Status:",
               Cell(std::string(health) + (status.health.message.empty() ? "" : ": " + status.health.message),
                    status_color(health))});
    add_operation(table, status);
    for (const auto& [name, text] : application.info) table.add({name + ":", text});
    for (const app::Condition& condition : status.conditions) {
        table.add({"Condition:", Cell(condition.type + ": " + condition.message, Color::yellow)});
    }
    return table;
}

Table resource_table(const app::AppStatus& status) {
    std::vector<std::string> titles{"GROUP", "KIND", "NAMESPACE", "NAME", "STATUS", "HEALTH", "MESSAGE"};
    if (!status.hooks.empty()) titles.insert(titles.begin() + 4, "HOOK");
    Table table(std::move(titles));
    const auto add = [&](const app::ResourceStatus& resource) {
        std::string message = resource.health ? resource.health->message : "";
        if (resource.requires_pruning) message = "requires pruning" + (message.empty() ? "" : "; " + message);
        std::vector<Cell> row{resource.key.group, resource.key.kind, resource.key.ns, resource.key.name};
        if (!status.hooks.empty()) row.emplace_back(resource.hook);
        row.push_back(resource.hook.empty() ? status_cell(app::sync_status_name(resource.sync)) : Cell(""));
        row.push_back(resource.live || resource.hook.empty() ? health_cell(resource.health) : Cell(""));
        row.emplace_back(message);
        table.add(std::move(row));
    };
    for (const app::ResourceStatus& resource : status.resources) add(resource);
    for (const app::ResourceStatus& hook : status.hooks) add(hook);
    return table;
}

Table app_list_table(const std::vector<app::AppStatus>& applications, Width width) {
    std::vector<std::string> titles{"NAME",   "CLUSTER", "NAMESPACE",  "PROJECT",
                                    "STATUS", "HEALTH",  "SYNCPOLICY", "CONDITIONS"};
    if (width == Width::wide) titles.insert(titles.end(), {"REPO", "PATH", "TARGET"});
    Table table(std::move(titles));
    for (const app::AppStatus& status : applications) {
        const app::Application& application = status.application;
        std::vector<Cell> row{application.name,
                              status.cluster,
                              application.destination.ns,
                              application.project,
                              status_cell(status.word()),
                              status_cell(deliver::health_name(status.health.status)),
                              policy_text(application.sync_policy),
                              condition_names(status)};
        if (width == Width::wide) {
            for (const std::string& text :
                 {application.source.repo_url, application.source.path, target_of(application)})
                row.emplace_back(text);
        }
        table.add(std::move(row));
    }
    return table;
}

std::string shown_app(const std::string& app, const std::string& cluster, NameCluster name_cluster) {
    return name_cluster == NameCluster::yes && !cluster.empty() ? app + " on " + cluster : app;
}

std::string policy_text(const app::SyncPolicy& policy) {
    if (!policy.automated || !policy.automated->enabled) return "Manual";
    return policy.automated->prune ? "Auto-Prune" : "Auto";
}

std::string short_sha(std::string_view sha) { return app::short_revision(sha); }

std::string time_text(const std::optional<base::Time>& time) {
    if (!time) return {};
    std::string text = base::to_rfc3339(*time);
    if (text.size() >= 20) {
        text[10] = ' ';
        text.resize(19);
    }
    return text;
}

}  // namespace gitops::cli
