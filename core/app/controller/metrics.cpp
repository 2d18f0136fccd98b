#include "core/app/controller/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace gitops::app {

namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// What Argo CD calls the namespace of an Application: here they live in none.
constexpr std::string_view k_namespace = "gitopsctl";

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

Labels info_of(const AppStatus& status) {
    const auto& application = status.application;
    const auto& automated = application.sync_policy.automated;
    return {{"namespace", std::string(k_namespace)},
            {"name", application.name},
            {"project", application.project},
            {"autosync_enabled", automated && automated->enabled ? "true" : "false"},
            {"repo", application.source.repo_url},
            {"dest_server", status.cluster},
            {"dest_namespace", application.destination.ns},
            {"sync_status", std::string(sync_status_name(status.sync))},
            {"health_status", std::string(deliver::health_name(status.health.status))},
            {"operation", status.operation ? "sync" : ""}};
}

}  // namespace

void Metrics::note(const ReconcileReport& report) {
    const std::scoped_lock guard(m_mutex);
    if (!report.status) return;  // its definition could not be read
    const auto& status = *report.status;
    auto& seen = m_seen[report.app];
    seen.info = info_of(status);
    seen.conditions.clear();
    for (const auto& condition : status.conditions) ++seen.conditions[condition.type];
    auto& passes = m_passes[{{"namespace", std::string(k_namespace)}, {"dest_server", status.cluster}}];
    const auto bound = std::ranges::lower_bound(k_bounds, seconds(report.took));
    ++passes.counts[static_cast<std::size_t>(std::distance(k_bounds.begin(), bound))];
    passes.sum += seconds(report.took);
    if (!report.operation) return;
    Labels labels{{"namespace", std::string(k_namespace)},
                  {"name", report.app},
                  {"project", status.application.project},
                  {"dest_server", status.cluster},
                  {"phase", report.operation->phase},
                  {"dry_run", "false"}};
    ++m_syncs[labels];
    m_sync_seconds[{labels[0], labels[1], labels[3]}] += seconds(report.operation->took);
}

void Metrics::keep_only(const std::vector<std::string>& applications) {
    const std::scoped_lock guard(m_mutex);
    std::erase_if(m_seen, [&](const auto& entry) { return std::ranges::find(applications, entry.first) == applications.end(); });
}

std::string Metrics::text() const {
    const std::scoped_lock guard(m_mutex);
    std::string text;
    add_head(text, "argocd_app_info", "gauge", "Information about an application.");
    for (const auto& [name, seen] : m_seen)
        if (!seen.info.empty()) add_sample(text, "argocd_app_info", seen.info, 1);
    add_head(text, "argocd_app_condition", "gauge", "Conditions of an application, by type.");
    for (const auto& [name, seen] : m_seen)
        for (const auto& [type, count] : seen.conditions)
            add_sample(text, "argocd_app_condition", {{"namespace", std::string(k_namespace)}, {"name", name}, {"condition", type}}, count);
    add_head(text, "argocd_app_sync_total", "counter", "Syncs of an application, by the phase they ended in.");
    for (const auto& [labels, count] : m_syncs) add_sample(text, "argocd_app_sync_total", labels, static_cast<double>(count));
    add_head(text, "argocd_app_sync_duration_seconds_total", "counter", "Time spent on syncs of an application.");
    for (const auto& [labels, spent] : m_sync_seconds) add_sample(text, "argocd_app_sync_duration_seconds_total", labels, spent);
    add_head(text, "argocd_app_reconcile", "histogram", "How long passes over applications took, in seconds.");
    for (const auto& [labels, passes] : m_passes) {
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < passes.counts.size(); ++i) {
            total += passes.counts[i];
            auto with_bound = labels;
            with_bound.emplace_back("le", i < k_bounds.size() ? fmt::format("{}", k_bounds[i]) : "+Inf");
            add_sample(text, "argocd_app_reconcile_bucket", with_bound, static_cast<double>(total));
        }
        add_sample(text, "argocd_app_reconcile_sum", labels, passes.sum);
        add_sample(text, "argocd_app_reconcile_count", labels, static_cast<double>(total));
    }
    return text;
}

}  // namespace gitops::app
