#include "core/rollout/lint.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/rollout/lint_notes.hpp"
#include "core/rollout/metric_query.hpp"
#include "core/rollout/schedule.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

bool is_flagger(const CanarySpec& spec) { return spec.dialect == Dialect::flagger; }

// The parts of spec.analysis that say how it goes.

void lint_unknown(const CanarySpec& spec, LintNotes& notes) {
    for (const auto& unknown : spec.unknown) {
        const auto cut = unknown.find(" (");
        const auto field = unknown.substr(0, cut);
        const auto near = cut == std::string::npos ? std::string() : unknown.substr(cut + 2, unknown.size() - cut - 3);
        notes.warn(field, "nothing reads this field", near);
    }
    static const std::vector<std::string> known{
        "apex", "appProtocol", "backendTimeout", "backends", "canary", "corsPolicy", "delegation", "gatewayRefs", "gateways", "headers",
        "headless", "hosts", "match", "meshName", "mirror", "name", "port", "portDiscovery", "portName", "primary", "retries", "rewrite",
        "targetPort", "timeout", "trafficDistribution", "trafficPolicy", "unmanagedMetadata"};
    for (const auto& entry : spec.service.document.entries()) {
        const std::string name(entry.name());
        if (std::ranges::find(known, name) != known.end()) continue;
        const auto near = base::near_names(name, known);
        notes.warn("spec.service." + name, "nothing reads this field", near.empty() ? "" : "did you mean " + near.front() + "?");
    }
}

void lint_provider(const CanarySpec& spec, LintNotes& notes) {
    static const std::vector<std::string> known{
        "apisix", "appmesh", "appmesh:v1beta2", "contour", "gatewayapi:v1", "gatewayapi:v1beta1", "gloo", "istio", "knative", "kubernetes",
        "kuma", "linkerd", "nginx", "osm", "replicas", "skipper", "smi:v1alpha1", "smi:v1alpha2", "smi:v1alpha3", "traefik"};
    const auto& provider = spec.provider;
    if (provider == "gatewayapi")
        notes.refuse("spec.provider", "without a version Flagger takes it for Istio: its routes and its queries",
                     "write gatewayapi:v1");
    else if (std::ranges::find(known, provider) == known.end()) {
        const auto near = base::near_names(provider, known);
        notes.refuse("spec.provider", fmt::format("\"{}\" is no provider; Flagger takes it for Istio", provider),
                     near.empty() ? "it is one of " + base::join(known, ", ") : "did you mean " + near.front() + "?");
    }
    if (provider == "replicas" && is_flagger(spec))
        notes.inform("spec.provider", "replicas is this program's: Flagger takes it for Istio");
    if ((provider == "nginx" || provider == "skipper") && !spec.ingress)
        notes.refuse("spec.ingressRef", "missing: " + provider + " copies an Ingress", "name the Ingress of the target");
    if (provider == "apisix" && !spec.route)
        notes.refuse("spec.routeRef", "missing: apisix copies an ApisixRoute", "name the route of the target");
    if (provider.starts_with("gatewayapi") && !spec.service.document.has("gatewayRefs"))
        notes.refuse("spec.service.gatewayRefs", "missing: an HTTPRoute belongs to a Gateway", "name the Gateway");
    if (provider == "kubernetes" && !is_flagger(spec))
        notes.refuse("spec.provider", "kubernetes cannot shift weights, and stages are nothing but weights",
                     "use replicas, or a provider that has routes");
}

bool is_given(const CanarySpec& spec, std::string_view key) {
    const auto* analysis = spec.document.path("spec", "analysis");
    if (analysis == nullptr) analysis = spec.document.path("spec", "canaryAnalysis");
    return analysis != nullptr && analysis->has(key);
}


void lint_list(const CanarySpec& spec, LintNotes& notes) {
    const auto& list = spec.analysis.step_weights;
    int last = 0;
    for (const int weight : list) {
        if (weight <= last) {
            notes.warn(notes.analysis("stepWeights"),
                       fmt::format("the weights do not rise: Flagger stays at {} % for ever, here {} is left out", last, weight),
                       "list them from the smallest to the largest");
            return;
        }
        last = weight;
    }
    if (last > 100) notes.inform(notes.analysis("stepWeights"), fmt::format("{} is more than everything: 100 is meant", last));
}

void lint_steps(const CanarySpec& spec, LintNotes& notes) {
    const auto& analysis = spec.analysis;
    if (spec.skip_analysis || !is_flagger(spec)) return;
    std::vector<std::string> given;
    for (const auto* key : {"iterations", "stepWeight", "stepWeights"})
        if (is_given(spec, key)) given.emplace_back(key);
    if (given.size() > 1)
        notes.refuse(notes.analysis(given[1]),
                     base::join(given, " and ") + " are given: Flagger's own definition allows one of them",
                     "keep one");
    if (is_routeless(spec)) {
        if (analysis.step_weight > 0 || !analysis.step_weights.empty())
            notes.warn(notes.analysis("stepWeight"),
                       fmt::format("provider kubernetes cannot shift weights: it is checked {} times and then promoted",
                                                                 analysis.iterations), "use iterations, or a provider that has routes");
        if (!analysis.match.empty())
            notes.warn(notes.analysis("match"), "provider kubernetes has no routes to match with: ignored");
    }
    if (analysis.strategy != Strategy::canary) return;
    lint_list(spec, notes);
    if (is_given(spec, "maxWeight") && !analysis.step_weights.empty())
        notes.warn(notes.analysis("maxWeight"), "the end of stepWeights counts, maxWeight does not", "remove it");
    const auto schedule = schedule_of(spec, Compat::none);
    if (schedule.weights.empty() || !schedule.ticks) {
        notes.refuse(notes.analysis(""), "no step leads to any traffic", "give stepWeight, stepWeights or iterations");
        return;
    }
    const int end = schedule.weights.back();
    if (analysis.step_weights.empty() && end > last_weight(analysis, Compat::none))
        notes.inform(notes.analysis("maxWeight"), fmt::format("it is where promotion begins and no cap: steps of {} reach {} %",
                                                              analysis.step_weight, end));
    if (end == 100)
        notes.inform(notes.analysis(analysis.step_weights.empty() ? "maxWeight" : "stepWeights"),
                     "at 100 % the new revision serves everybody before it is promoted");
}

void lint_stages(const CanarySpec& spec, LintNotes& notes) {
    const auto& analysis = spec.analysis;
    if (is_flagger(spec) || spec.skip_analysis) return;
    if (analysis.stages.back() < 100)
        notes.inform(notes.analysis("stages"),
                     fmt::format("promotion follows {} %: the rest of the users meets the new revision unchecked",
                                                           analysis.stages.back()));
    if (analysis.max_failures == 0)
        notes.inform(notes.analysis("maxFailures"),
                     "one failed check rolls back: with few requests in a window one bad answer can do that");
    if (!analysis.match.is_null()) notes.warn(notes.analysis("match"), "stages shift weights and match nothing: ignored");
    if (analysis.mirror) notes.warn(notes.analysis("mirror"), "stages mirror nothing: ignored");
}

void lint_mirror(const CanarySpec& spec, LintNotes& notes) {
    if (!is_flagger(spec) || !spec.analysis.mirror || mirrors(spec)) return;
    const bool loops = spec.analysis.strategy == Strategy::canary;
    notes.warn(notes.analysis("mirror"),
               fmt::format("{} mirrors nothing in a {} run: {}", spec.provider, strategy_name(spec.analysis.strategy),
                           loops ? "Flagger stays at weight 0 for ever, here it is ignored" : "ignored"),
               "mirroring needs istio, or gatewayapi:v1 with iterations");
}

void lint_interval(const CanarySpec& spec, LintNotes& notes) {
    if (!is_flagger(spec)) return;
    const auto* analysis = spec.document.path("spec", notes.has_deprecated_analysis() ? "canaryAnalysis" : "analysis");
    const std::string text(analysis == nullptr ? "" : analysis->text_at("interval"));
    if (text.empty()) {
        if (!spec.skip_analysis) notes.inform(notes.analysis("interval"), "not given: 60 s");
        return;
    }
    try {
        if (text.find_first_not_of("0123456789") == std::string::npos) throw base::Error(base::Code::invalid, "no unit");
        if (base::parse_duration(text) < spec.analysis.interval)
            notes.warn(notes.analysis("interval"), fmt::format("\"{}\" is shorter than 10 s, which is taken instead", text),
                       "write 10s");
    } catch (const base::Error&) {
        notes.refuse(notes.analysis("interval"), fmt::format("\"{}\" is no duration: 60 s is taken instead", text),
                     "write it like 30s or 1m");
        return;
    }
    const bool is_plain = text.find_first_not_of("0123456789") == text.size() - 1 && (text.ends_with('s') || text.ends_with('m'));
    if (!is_plain)
        notes.refuse(notes.analysis("interval"),
                     fmt::format("\"{}\": Flagger's own definition allows only digits with m or s", text),
                     "write it in seconds or minutes");
}

// Metrics.

void lint_question(const CanarySpec& spec, const MetricCheck& metric, const std::string& field, LintNotes& notes) {
    if (metric.kind != MetricKind::threshold) return;
    const bool is_builtin = is_builtin_metric(metric.name);
    if (!is_builtin && metric.query.empty() && !metric.reference) {
        const auto near = base::near_names(metric.name, {std::string(k_success_rate), std::string(k_duration)});
        const auto hint = near.empty() ? std::string("give a query or a templateRef") : "did you mean " + near.front() + "?";
        const auto text = fmt::format("\"{}\" is not built in, and has neither query nor templateRef", metric.name);
        if (is_flagger(spec)) notes.refuse(field + ".name", text + ": every check of it fails", hint);
        else notes.warn(field + ".name", text + ": only a played-back file can answer", hint);
    }
    if (is_builtin && metric.reference)
        notes.warn(field + ".templateRef",
                   fmt::format("\"{}\" is built in: both its query and the template's are checked", metric.name),
                   "give it another name");
    if (metric.reference && metric.interval.empty())
        notes.warn(field + ".interval", "missing: a template has no interval by itself, its {{ interval }} is empty",
                   "write interval: 1m");
}

void lint_range(const CanarySpec& spec, const MetricCheck& metric, const std::string& field, LintNotes& notes) {
    if (metric.kind != MetricKind::threshold) return;
    const auto& range = metric.range;
    const bool is_written = notes.has(field + ".thresholdRange");
    if (!range.min && !range.max)
        notes.warn(field + ".thresholdRange", "without min and max everything passes", "give one of them");
    else if (range.min && range.max && *range.min > *range.max)
        notes.refuse(field + ".thresholdRange", "min is above max: nothing passes", "swap them");
    if (is_flagger(spec) && !is_written) {
        const bool is_given = notes.has(field + ".threshold");
        if (!is_given)
            notes.warn(field + ".thresholdRange",
                       range.min ? "missing: every success rate passes" : "missing: everything above 0 fails",
                       "give min or max");
        else notes.inform(field + ".threshold", "deprecated",
                          range.min ? "write thresholdRange with min" : "write thresholdRange with max");
    }
    if (metric.name != k_duration) return;
    for (const auto& bound : {range.min, range.max})
        if (bound && *bound != std::trunc(*bound))
            notes.warn(field + ".thresholdRange",
                       fmt::format("Flagger cuts latencies to whole milliseconds: {} counts as {}", *bound, std::trunc(*bound)),
                       "use whole milliseconds, or a query of your own");
}

void lint_counters(const CanarySpec& spec, const MetricCheck& metric, const std::string& field, LintNotes& notes) {
    const bool is_counted = metric.kind != MetricKind::threshold;
    if (is_counted && !spec.analysis.sequential)
        notes.warn(field + ".kind", "counters are weighed only with method: sequential", "set " + notes.analysis("method"));
    const auto floor = metric.settings.find("floor");
    if (floor != metric.settings.end() && (floor->second <= 0 || floor->second >= 1))
        notes.refuse(field + ".floor", fmt::format("{} is no share", floor->second), "write 0.99 for 99 percent");
}

void lint_metrics(const CanarySpec& spec, LintNotes& notes) {
    if (spec.skip_analysis) {
        notes.warn("spec.skipAnalysis", "new revisions are promoted unchecked, as soon as their Pods are ready");
        return;
    }
    const auto& analysis = spec.analysis;
    const bool has_hook = std::ranges::any_of(analysis.webhooks,
                                              [](const Webhook& hook) { return hook.type == HookType::rollout; });
    if (analysis.metrics.empty())
        notes.warn(notes.analysis("metrics"),
                   has_hook ? "no metrics: only the rollout hooks can fail" : "no metrics: time alone promotes",
                   "add request-success-rate or a query");
    std::set<std::string> names;
    bool has_counters = false;
    for (std::size_t i = 0; i < analysis.metrics.size(); ++i) {
        const auto& metric = analysis.metrics[i];
        const auto field = fmt::format("{}[{}]", notes.analysis("metrics"), i);
        lint_question(spec, metric, field, notes);
        lint_range(spec, metric, field, notes);
        lint_counters(spec, metric, field, notes);
        if (!names.insert(metric.name).second) notes.warn(field + ".name", "\"" + metric.name + "\" is there twice", "rename one");
        has_counters = has_counters || metric.kind != MetricKind::threshold;
    }
    if (analysis.sequential && !has_counters)
        notes.warn(notes.analysis("method"), "sequential tests need counters: no metric has any",
                   "give a metric a kind with its queries");
}

// Alerts and hooks.

void lint_alerts(LintNotes& notes) {
    const auto* alerts = notes.find(notes.analysis("alerts"));
    if (alerts == nullptr) return;
    for (std::size_t i = 0; i < alerts->size(); ++i)
        if (alerts->items()[i].text_at("severity").empty())
            notes.warn(fmt::format("{}[{}].severity", notes.analysis("alerts"), i), "without a severity Flagger sends nothing",
                       "write info, warn or error");
}

void lint_differences(const CanarySpec& spec, LintNotes& notes) {
    if (!is_flagger(spec)) return;
    if (spec.skip_analysis) {
        notes.inform("spec.skipAnalysis", "the primary has to be ready before it is Succeeded; Flagger does not wait for it");
        return;
    }
    const auto& analysis = spec.analysis;
    if (analysis.threshold == 1)
        notes.inform(notes.analysis("threshold"),
                     "one failed check rolls back: with few requests in a window one bad answer can do that");
    notes.inform(notes.analysis("threshold"), "the last tolerated failure rolls back at once; Flagger does it one interval later");
    notes.inform("spec.targetRef", "a target that is put back under way ends the run; Flagger goes on with it");
    notes.inform("spec.targetRef",
                 "a primary that breaks while it is promoted gets its earlier template back; Flagger leaves it broken");
    const auto has = [&](HookType type) {
        return std::ranges::any_of(analysis.webhooks, [&](const Webhook& hook) { return hook.type == type; });
    };
    if (has(HookType::pre_rollout) && has(HookType::confirm_traffic_increase))
        notes.inform(notes.analysis("webhooks"),
                     "pre-rollout hooks run once; Flagger runs them again while the first step up is held");
}

}  // namespace

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::error: return "error";
        case Severity::warning: return "warning";
        case Severity::info: return "info";
    }
    return "";
}

std::vector<Finding> lint(const CanarySpec& spec) {
    LintNotes notes(spec);
    lint_unknown(spec, notes);
    lint_provider(spec, notes);
    if (notes.has_deprecated_analysis())
        notes.warn("spec.canaryAnalysis", "deprecated; Flagger crashes when it looks for stepWeightPromotion here",
                   "rename it to analysis");
    lint_interval(spec, notes);
    lint_steps(spec, notes);
    lint_stages(spec, notes);
    lint_mirror(spec, notes);
    lint_metrics(spec, notes);
    lint_alerts(notes);
    lint_differences(spec, notes);
    return notes.sorted();
}

Value to_value(const Finding& finding) {
    auto value = Value::map();
    value.set("severity", severity_name(finding.severity));
    value.set("field", finding.field);
    value.set("message", finding.message);
    value.set("hint", finding.hint.empty() ? Value() : Value(finding.hint));
    value.set("line", finding.line == 0 ? Value() : Value(finding.line));
    return value;
}

}  // namespace gitops::rollout
