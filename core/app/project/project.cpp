#include "core/app/project/project.hpp"

#include <algorithm>

#include "core/app/destination.hpp"
#include "core/base/text.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using sources::AppProject;

/// Whether somebody's rule is about a particular address, which takes reading a kubeconfig.
bool names_servers(const AppProject& project) {
    const auto particular = [](const std::string& pattern) { return !pattern.empty() && pattern != "*"; };
    return std::ranges::any_of(project.destinations, [&](const auto& rule) { return particular(rule.server); }) ||
           std::ranges::any_of(project.windows, [](const auto& window) { return !window.clusters.empty(); });
}

/// "in-cluster" is where an application goes that names it, the embedded cluster of every home, and the cluster whose
/// Pod this runs in. Other clusters have the address of their API server; an embedded one has one made of its name.
sources::DestinationCluster cluster_names(const Services& services, const AppProject& project, const Application& application,
                                          const ClusterRow& row) {
    sources::DestinationCluster cluster{{row.name}, {}};
    const bool embedded = row.kind == "embedded";
    const bool is_home = application.destination.cluster.empty() || (embedded && row.name == "local") || row.context == k_own_name;
    std::string server = !embedded && services.server_of && names_servers(project) ? services.server_of(row) : std::string();
    if (!server.empty()) cluster.servers.push_back(std::move(server));
    if (is_home) {
        cluster.names.emplace_back(k_own_name);
        cluster.servers.emplace_back(k_own_server);
    }
    if (cluster.servers.empty()) cluster.servers.push_back("https://" + row.name);
    return cluster;
}

AppProject project_of(const Services& services, const Application& application) {
    const auto document = project_document(services.state, application.project);
    if (!document) {
        ProjectRefusal refusal(Code::invalid, "application " + application.name + " is of project " + application.project +
                                                  ", which does not exist");
        refusal.suggest(base::near_names(application.project, project_names(services.state)));
        refusal.hint("gitopsctl project create -f FILE registers it; gitopsctl app set " + application.name +
                     " --project NAME takes another one");
        throw refusal;
    }
    try {
        std::vector<std::string> told_when_it_was_registered;
        return sources::read_project(*document, "project " + application.project, told_when_it_was_registered, sources::EqualEntries::warn);
    } catch (const Error& error) {
        throw ProjectRefusal(Code::invalid, "project " + application.project + " cannot be read: " + error.message());
    }
}

/// Nothing denies it: one more rule would do.
bool is_only_missing(const std::string& refusal) { return refusal.find(" is none of its ") != std::string::npos; }

std::string when_text(const std::optional<base::Time>& time) {
    return time ? "next at " + base::to_rfc3339(*time) : "no time is in sight at which it may";
}

}  // namespace

std::vector<std::string> project_names(const StateDb& state) {
    std::vector<std::string> names{std::string(sources::k_default_project)};
    for (const auto& document : state.definitions(k_project_kind)) names.emplace_back(kube::name_of(document));
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
}

std::optional<doc::Value> project_document(const StateDb& state, std::string_view name) {
    if (auto document = state.definition(k_project_kind, name)) return document;
    return name == sources::k_default_project ? std::optional(sources::default_project_document()) : std::nullopt;
}

AppProject project_named(const StateDb& state, std::string_view name) {
    const auto document = project_document(state, name);
    if (!document) {
        Error error(Code::not_found, "there is no project \"" + std::string(name.substr(0, 80)) + "\"");
        error.suggest(base::near_names(name, project_names(state)));
        error.hint("`gitopsctl project list` shows them; `gitopsctl project create` makes one");
        throw error;
    }
    std::vector<std::string> told_when_it_was_registered;
    return sources::read_project(*document, "project " + std::string(name), told_when_it_was_registered, sources::EqualEntries::warn);
}

std::vector<std::string> applications_of_project(const StateDb& state, std::string_view name) {
    std::vector<std::string> names;
    for (const auto& application : state.applications())
        if (application.project == name) names.push_back(application.name);
    return names;
}

ProjectBounds::ProjectBounds(const Services& services, const Application& application, const ClusterRow& row)
    : m_project(project_of(services, application)),
      m_cluster(cluster_names(services, m_project, application, row)),
      m_application(application.name),
      m_home(kube::namespace_of(application.document)),
      m_ns(destination_namespace(application)) {
    for (const auto& source : application.sources) m_repos.push_back(source.repo_url);
    if (m_repos.empty()) m_repos.push_back(application.source.repo_url);
}

void ProjectBounds::require() const {
    std::vector<std::string> reasons, steps;
    if (m_project.unmet) reasons.push_back(*m_project.unmet);
    if (auto refused = sources::home_refusal(m_project, m_home)) reasons.push_back(*refused);
    for (const auto& repo : m_repos) {
        auto refused = sources::source_refusal(m_project, repo);
        if (!refused) continue;
        reasons.push_back(*refused);
        if (is_only_missing(*refused)) steps.push_back("gitopsctl project add-source " + m_project.name + " " + repo);
    }
    if (auto refused = sources::destination_refusal(m_project, m_cluster, m_ns)) {
        reasons.push_back(*refused);
        if (is_only_missing(*refused))
            steps.push_back("gitopsctl project add-destination " + m_project.name + " " + m_cluster.names.front() + " " + m_ns + " --name");
    }
    if (reasons.empty()) return;
    ProjectRefusal refusal(Code::denied, "project " + m_project.name + " does not permit application " + m_application + ": " +
                                             base::join(reasons, "; "));
    refusal.hint(steps.size() < reasons.size() ? "gitopsctl project get " + m_project.name + " shows its rules"
                                                  : "to permit it: " + base::join(steps, "; "));
    throw refusal;
}

std::optional<std::string> ProjectBounds::refusal(const kube::ResourceKey& key) const {
    auto refused = sources::object_refusal(m_project, m_cluster, key);
    if (!refused) return std::nullopt;
    return "project " + m_project.name + " does not permit it: " + *refused;
}

sources::WindowSubject ProjectBounds::window_subject() const {
    sources::WindowSubject subject{m_application, m_ns, m_cluster.names};
    subject.clusters.insert(subject.clusters.end(), m_cluster.servers.begin(), m_cluster.servers.end());
    return subject;
}

sources::Permission sync_permission(const Services& services, const Application& application) {
    if (project_of(services, application).windows.empty()) return sources::Permission::allowed;
    const ProjectBounds bounds(services, application, cluster_of(services, application.destination.cluster));
    return sources::judge(bounds.project().windows, bounds.window_subject(), services.clock.now(), base::TimeZones::of_system())
        .permission;
}

std::optional<Error> window_refusal(const Services& services, const Application& application, sources::Starter starter,
                                    base::Time began) {
    if (project_of(services, application).windows.empty()) return std::nullopt;
    const ProjectBounds bounds(services, application, cluster_of(services, application.destination.cluster));
    const auto& windows = bounds.project().windows;
    const auto now = services.clock.now();
    const auto subject = bounds.window_subject();
    const auto zones = base::TimeZones::of_system();
    if (sources::may_go_on(windows, subject, starter, began, now, zones)) return std::nullopt;
    const auto verdict = sources::judge(windows, subject, now, zones);
    const auto next = sources::next_permission(windows, subject, starter, now, zones);
    Error error(Code::denied, "project " + bounds.project().name + " does not let " + application.name + " be synced now, " + verdict.reason +
                                  "; " + when_text(next));
    error.hint("gitopsctl project windows " + bounds.project().name + " lists its windows; who may change the project may open one");
    return error;
}

}  // namespace gitops::app
