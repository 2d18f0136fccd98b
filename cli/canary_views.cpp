#include "cli/canary_views.hpp"

#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/base/error.hpp"
#include "core/rollout/readiness.hpp"
#include "core/rollout/revision.hpp"
#include "core/rollout/traffic/traffic.hpp"
#include "core/rollout/workload.hpp"

namespace gitops::cli {

namespace {

using Kind = app::CanaryOutcome::Kind;

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::promoted: return "promoted";
        case Kind::rolled_back: return "rolledBack";
        case Kind::nothing_new: return "nothingNew";
        case Kind::stopped: return "stopped";
    }
    return "";
}

std::optional<WorkloadCounts> counts_of(const std::optional<doc::Value>& workload, const std::optional<doc::Value>& other, base::Time now) {
    if (!workload) return std::nullopt;
    const auto found = rollout::readiness(*workload, 100, {base::Duration(600'000), now, now}, rollout::Compat::none);
    WorkloadCounts counts;
    counts.kind = kube::kind_of(*workload);
    counts.name = kube::name_of(*workload);
    counts.wanted = found.desired;
    counts.ready = found.available;
    counts.image = rollout::describe_revision(*workload, other ? &*other : nullptr);
    if (!found.is_ready) counts.reason = found.reason;
    return counts;
}

void add_route(CanaryView& view, kube::Cluster& cluster, rollout::Compat compat) {
    if (!rollout::traffic_abilities(view.spec, compat).has_route) return;
    std::vector<doc::Value> live;
    for (const auto& ref : rollout::route_objects(view.spec, compat))
        if (auto object = cluster.get(ref)) live.push_back(std::move(*object));
    if (live.empty()) return;
    view.route = std::string(kube::kind_of(live.front())) + " " + std::string(kube::name_of(live.front()));
    view.routed = rollout::read_weights(view.spec, live, compat);
}

}  // namespace

ReportStyle report_style(Env& env) {
    ReportStyle style;
    style.glyphs = glyphs_for(Env::variable("LC_ALL"), Env::variable("LC_CTYPE"), Env::variable("LANG"));
    style.paint = env.terminal().has_color() ? Paint::yes : Paint::no;
    style.width = env.terminal().width();
    return style;
}

const rollout::RunRecord& run_of(const rollout::CanaryRecord& record, int number) {
    for (const auto& run : record.runs)
        if (run.number == number) return run;
    throw base::Error(base::Code::not_found, "canary " + record.name + " has no run " + std::to_string(number))
        .hint("`gitopsctl canary history " + record.name + "` lists them");
}

CanaryView view_of(const rollout::CanaryRecord& record, base::Time now) {
    CanaryView view;
    view.name = record.name;
    view.ns = record.ns;
    view.spec = rollout::with_overrides(rollout::read_canary(record.manifest, "record of " + record.name, record.ns), record.settings.overrides);
    view.state = record.state;
    if (!record.runs.empty()) view.run = record.runs.back();
    view.now = now;
    return view;
}

CanaryView view_with_cluster(const rollout::CanaryRecord& record, kube::Cluster& cluster, base::Time now) {
    auto view = view_of(record, now);
    const auto& target = view.spec.target;
    const kube::Gvk gvk{kube::group_of(target.api_version), kube::version_of(target.api_version), target.kind};
    const auto live = cluster.get({gvk, view.ns, target.name});
    const auto primary = cluster.get({gvk, view.ns, view.spec.primary_name()});
    view.target = counts_of(live, primary, now);
    view.primary = counts_of(primary, live, now);
    add_route(view, cluster, record.settings.compat);
    return view;
}

std::string canary_outcome_text(const app::CanaryOutcome& outcome) {
    const auto& record = outcome.record;
    const rollout::RunRecord* run = record.runs.empty() ? nullptr : &record.runs.back();
    std::string text = outcome.spec.name + " ";
    switch (outcome.kind) {
        case Kind::promoted:
            text += "promoted" + (run == nullptr ? std::string() : ": " + run->to_image + " has all traffic");
            break;
        case Kind::rolled_back:
            text += "rolled back" + (run == nullptr ? std::string() : ": " + run->reason + "; " + run->from_image + " has all traffic");
            break;
        case Kind::nothing_new: text += "has nothing new to roll out"; break;
        case Kind::stopped: text += "is left as it is, at " + std::to_string(record.state.split.canary) + " %"; break;
    }
    if (!outcome.commit.empty()) text += " (commit " + outcome.commit.substr(0, 7) + ")";
    return text;
}

doc::Value canary_outcome_value(const app::CanaryOutcome& outcome, base::Time now) {
    auto value = doc::Value::map();
    value.set("outcome", kind_name(outcome.kind));
    value.set("commit", outcome.commit.empty() ? doc::Value() : doc::Value(outcome.commit));
    value.set("status", canary_status_value(view_of(outcome.record, now)));
    return value;
}

void CanaryTicker::show(const rollout::CanaryRecord& record) {
    if (record.runs.empty()) return;
    const auto& run = record.runs.back();
    if (run.number != m_run) {
        const bool resumed = m_run == -1 && record.state.run > 0 && run.entries.size() > 1;
        m_run = run.number;
        m_told = resumed ? run.entries.size() - 1 : 0;
    }
    auto style = report_style(m_env);
    style.paint = m_env.terminal().stderr_has_color() ? Paint::yes : Paint::no;
    for (; m_told < run.entries.size(); ++m_told)
        tell(m_env, event_line(run.entries[m_told], run.started_at == base::Time{} ? run.entries.front().at : run.started_at, style));
}

}  // namespace gitops::cli
