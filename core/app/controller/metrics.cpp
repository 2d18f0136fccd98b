#include "core/app/controller/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include "core/app/appset/appset.hpp"
#include "core/app/destination.hpp"
#include "core/base/error.hpp"
#include "core/base/redact.hpp"

namespace gitops::app {

namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Of Applications that name none: where Argo CD has its own.
constexpr std::string_view k_namespace = "argocd";
/// Upper bounds in seconds, Argo CD's own.
constexpr std::array k_pass_bounds{0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0};
constexpr std::array k_fetch_bounds{0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0};

double seconds(base::Duration span) { return static_cast<double>(span.count()) / 1000.0; }

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\n') result += "\\n";
        else if (c == '"' || c == '\\') (result += '\\') += c;
        else result += c;
    }
    return result;
}

void add_sample(std::string& text, std::string_view name, const Labels& labels, double value) {
    text += name;
    char before = '{';
    for (const auto& [label, what] : labels) {
        fmt::format_to(std::back_inserter(text), "{}{}=\"{}\"", before, label, escaped(what));
        before = ',';
    }
    fmt::format_to(std::back_inserter(text), "{} {:.10g}\n", labels.empty() ? "" : "}", value);
}

void add_head(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

std::string namespace_of(const doc::Value& document) {
    const auto* ns = document.path("metadata", "namespace");
    return ns == nullptr || ns->text().empty() ? std::string(k_namespace) : std::string(ns->text());
}

Labels info_of(const AppStatus& status, const Labels& name, const std::string& server) {
    const auto& application = status.application;
    const auto& automated = application.sync_policy.automated;
    return {name[0],
            name[1],
            {"project", application.project},
            {"autosync_enabled", automated && automated->enabled ? "true" : "false"},
            {"repo", base::redact(application.source.repo_url)},
            {"dest_server", server},
            {"dest_namespace", application.destination.ns},
            {"sync_status", std::string(sync_status_name(status.sync))},
            {"health_status", std::string(deliver::health_name(status.health.status))},
            {"operation", status.operation ? "sync" : ""}};
}

/// "app.kubernetes.io/part-of" is label_app_kubernetes_io_part_of.
std::string label_name(const std::string& label) {
    std::string name = "label_";
    for (const char c : label) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name;
}

Labels wanted_labels(const Application& application, const std::vector<std::string>& wanted) {
    Labels labels;
    const auto* own = application.document.path("metadata", "labels");
    for (const auto& name : wanted) labels.emplace_back(label_name(name), own != nullptr ? std::string(own->text_at(name)) : std::string());
    return labels;
}

Labels joined(Labels first, const Labels& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

}  // namespace

Metrics::Metrics(const Services& services, std::vector<std::string> application_labels)
    : m_services(services),
      m_application_labels(std::move(application_labels)),
      m_operations(services.state, "metrics", services.clock.now()) {
    try {
        for (const auto& app : m_operations.gone()) m_operations.forget(app);
    } catch (const base::Error& error) {
        m_services.events.emit({base::Level::warning, "metrics", "", error.message(), {}});
    }
}

/// Argo CD's word for where an application lives: the embedded cluster of every home, and the one whose Pod this runs in, are
/// what it calls its own.
std::string Metrics::server_of(const ClusterRow& row) {
    if (row.kind == "embedded") return row.name == "local" ? std::string(k_own_server) : row.name;
    if (row.context == "in-cluster") return std::string(k_own_server);
    std::string key = row.name + "\n" + row.context;
    for (const auto& file : row.kubeconfig) key += "\n" + file;
    if (const std::scoped_lock guard(m_mutex); m_servers.contains(key)) return m_servers.at(key);
    std::string server;
    try {
        if (m_services.server_of) server = base::redact(m_services.server_of(row));
    } catch (const base::Error&) {
        return row.name;  // it is looked for again
    }
    if (server.empty()) server = row.name;
    const std::scoped_lock guard(m_mutex);
    return m_servers[key] = server;
}

std::string Metrics::server_of(const AppStatus& status) {
    try {
        return server_of(cluster_of(m_services, status.cluster));
    } catch (const base::Error&) {
        return status.cluster;
    }
}

void Metrics::observe(Histogram& histogram, std::span<const double> bounds, base::Duration took) {
    histogram.counts.resize(bounds.size() + 1);
    const auto bound = std::ranges::lower_bound(bounds, seconds(took));
    ++histogram.counts[static_cast<std::size_t>(std::distance(bounds.begin(), bound))];
    histogram.sum += seconds(took);
}

void Metrics::note(const ReconcileReport& report) {
    if (!report.status) return;  // its definition could not be read
    const auto& status = *report.status;
    const auto server = server_of(status);
    const Labels name{{"namespace", namespace_of(status.application.document)}, {"name", report.app}};
    const std::scoped_lock guard(m_mutex);
    auto& seen = m_seen[report.app];
    seen.name = name;
    seen.project = status.application.project;
    seen.owner = owner_of(status.application.document);
    seen.info = info_of(status, name, server);
    seen.labels = wanted_labels(status.application, m_application_labels);
    seen.orphans = report.orphans;
    seen.conditions.clear();
    for (const auto& condition : status.conditions) ++seen.conditions[condition.type];
    observe(m_passes[{name[0], {"dest_server", server}}], k_pass_bounds, report.took);
    count_operation(report, name, server);
}

void Metrics::count_operation(const ReconcileReport& report, const Labels& name, const std::string& server) {
    const auto& state = report.status->state;
    if (!state.finished_at) return;
    const auto news = m_operations.news_in(report);
    m_operations.keep(report.app, *operation_in(report));
    if (!news) return;
    ++m_syncs[{name[0], name[1], {"project", report.status->application.project}, {"dest_server", server}, {"phase", state.phase}, {"dry_run", "false"}}];
    const auto took = report.operation ? report.operation->took : *state.finished_at - *state.started_at;
    m_sync_seconds[{name[0], name[1], {"dest_server", server}}] += seconds(took);
}

void Metrics::note_fetch(const FetchReport& report) {
    const std::scoped_lock guard(m_mutex);
    const Labels labels{{"repo", base::redact(report.url)}, {"request_type", "fetch"}};
    ++m_fetches[labels];
    if (report.failed) ++m_failed_fetches[{labels[0]}];
    observe(m_fetch_times[labels], k_fetch_bounds, report.took);
}

void Metrics::look_at_clusters(std::stop_token stop) {
    std::vector<ClusterRow> rows;
    try {
        rows = m_services.state.clusters();
    } catch (const base::Error& error) {
        m_services.events.emit({base::Level::warning, "metrics", "", error.message(), {}});
        return;  // the state database is busy: the next look sees them
    }
    std::map<std::string, ClusterSeen> seen;
    for (const auto& row : rows) {
        if (stop.stop_requested()) return;
        auto& cluster = seen[row.name];
        cluster.server = server_of(row);
        try {
            const auto version = m_services.kube_version_of ? m_services.kube_version_of(row) : std::string();
            cluster.kinds = m_services.open_cluster(row.name)->kinds().size();
            cluster.version = version.empty() ? "unknown" : version;
        } catch (const base::Error&) {
            cluster.version.clear();  // which the metrics say
        }
    }
    const std::scoped_lock guard(m_mutex);
    m_clusters = std::move(seen);
}

void Metrics::keep_only(const std::vector<std::string>& applications) {
    const std::scoped_lock guard(m_mutex);
    std::erase_if(m_seen, [&](const auto& entry) {
        const bool gone = std::ranges::find(applications, entry.first) == applications.end();
        if (gone) m_operations.forget(entry.first);
        return gone;
    });
}

void Metrics::add_applications(std::string& text) const {
    add_head(text, "argocd_app_info", "gauge", "Information about an application.");
    for (const auto& [name, seen] : m_seen) add_sample(text, "argocd_app_info", seen.info, 1);
    add_head(text, "argocd_app_condition", "gauge", "Conditions of an application, by type.");
    for (const auto& [name, seen] : m_seen)
        for (const auto& [type, count] : seen.conditions) add_sample(text, "argocd_app_condition", joined(seen.name, {{"condition", type}}), count);
    if (!m_application_labels.empty()) {
        add_head(text, "argocd_app_labels", "gauge", "Labels of an application.");
        for (const auto& [name, seen] : m_seen)
            add_sample(text, "argocd_app_labels", joined(joined(seen.name, {{"project", seen.project}}), seen.labels), 1);
    }
    add_head(text, "argocd_app_orphaned_resources_count", "gauge", "Objects of nobody in an application's namespace.");
    for (const auto& [name, seen] : m_seen)
        if (seen.orphans)
            add_sample(text, "argocd_app_orphaned_resources_count", joined(seen.name, {{"project", seen.project}}), static_cast<double>(*seen.orphans));
    add_head(text, "argocd_app_sync_total", "counter", "Syncs of an application, by the phase they ended in.");
    for (const auto& [labels, count] : m_syncs) add_sample(text, "argocd_app_sync_total", labels, static_cast<double>(count));
    add_head(text, "argocd_app_sync_duration_seconds_total", "counter", "Time spent on syncs of an application.");
    for (const auto& [labels, spent] : m_sync_seconds) add_sample(text, "argocd_app_sync_duration_seconds_total", labels, spent);
    add_head(text, "argocd_app_reconcile", "histogram", "How long passes over applications took, in seconds.");
    add_histogram(text, "argocd_app_reconcile", m_passes, k_pass_bounds);
}

void Metrics::add_sets(std::string& text) const {
    std::map<std::string, int> owned;
    for (const auto& [name, seen] : m_seen) ++owned[seen.owner];
    std::string counts;
    add_head(text, "argocd_appset_info", "gauge", "Information about an ApplicationSet.");
    add_head(counts, "argocd_appset_owned_applications", "gauge", "Applications that an ApplicationSet made.");
    for (const auto& document : m_services.state.definitions(k_set_kind)) {
        const std::string name(kube::name_of(document));
        const auto condition = condition_of(m_services.state, name);
        const std::string word = !condition ? "Unknown" : condition->type == "ResourcesUpToDate" ? "ApplicationSetUpToDate" : condition->type;
        const Labels labels{{"namespace", namespace_of(document)}, {"name", name}};
        add_sample(text, "argocd_appset_info", joined(labels, {{"resource_update_status", word}}), 1);
        add_sample(counts, "argocd_appset_owned_applications", labels, owned[name]);
    }
    text += counts;
}

void Metrics::add_clusters(std::string& text) const {
    add_head(text, "argocd_cluster_info", "gauge", "Information about a cluster.");
    for (const auto& [name, cluster] : m_clusters)
        add_sample(text, "argocd_cluster_info", {{"server", cluster.server}, {"k8s_version", cluster.version}, {"name", name}}, 1);
    // Several names of one server are one sample.
    std::map<Labels, double> connected, kinds;
    for (const auto& [name, cluster] : m_clusters) {
        connected[{{"server", cluster.server}, {"k8s_version", cluster.version}}] = cluster.version.empty() ? 0 : 1;
        if (!cluster.version.empty()) kinds[{{"server", cluster.server}}] = static_cast<double>(cluster.kinds);
    }
    add_head(text, "argocd_cluster_connection_status", "gauge", "Whether a cluster answers.");
    for (const auto& [labels, value] : connected) add_sample(text, "argocd_cluster_connection_status", labels, value);
    add_head(text, "argocd_cluster_api_resources", "gauge", "Kinds a cluster serves.");
    for (const auto& [labels, value] : kinds) add_sample(text, "argocd_cluster_api_resources", labels, value);
}

void Metrics::add_histogram(std::string& text, const std::string& name, const std::map<Labels, Histogram>& rows, std::span<const double> bounds) {
    for (const auto& [labels, row] : rows) {
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < row.counts.size(); ++i) {
            total += row.counts[i];
            add_sample(text, name + "_bucket", joined(labels, {{"le", i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf"}}),
                       static_cast<double>(total));
        }
        add_sample(text, name + "_sum", labels, row.sum);
        add_sample(text, name + "_count", labels, static_cast<double>(total));
    }
}

std::string Metrics::text() const {
    const std::scoped_lock guard(m_mutex);
    std::string text;
    add_applications(text);
    add_sets(text);
    add_clusters(text);
    add_head(text, "argocd_git_request_total", "counter", "Looks at remote repositories.");
    for (const auto& [labels, count] : m_fetches) add_sample(text, "argocd_git_request_total", labels, static_cast<double>(count));
    add_head(text, "argocd_git_fetch_fail_total", "counter", "Looks at remote repositories that failed.");
    for (const auto& [labels, count] : m_failed_fetches) add_sample(text, "argocd_git_fetch_fail_total", labels, static_cast<double>(count));
    add_head(text, "argocd_git_request_duration_seconds", "histogram", "How long looks at remote repositories took.");
    add_histogram(text, "argocd_git_request_duration_seconds", m_fetch_times, k_fetch_bounds);
    return text;
}

}  // namespace gitops::app
