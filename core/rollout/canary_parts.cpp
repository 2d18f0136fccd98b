#include "core/rollout/canary_parts.hpp"

#include <limits>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::rollout {

namespace {

using base::Duration;
using doc::FieldsReader;
using doc::Value;

constexpr Duration k_flagger_interval{60'000};
constexpr Duration k_flagger_shortest{10'000};
constexpr Duration k_shortest{100};
constexpr Duration k_webhook_timeout{10'000};
constexpr int k_most_stages = 200;
constexpr int k_patience = 5;  ///< ticks in a row without a value, in the stages dialect

std::optional<Duration> duration_of(const std::string& text) {
    try {
        return base::parse_duration(text);
    } catch (const base::Error&) {
        return std::nullopt;
    }
}

int count_at(FieldsReader& reader, std::string_view key, int otherwise, int most = std::numeric_limits<int>::max()) {
    const auto number = reader.integer(key);
    if (!number) return otherwise;
    if (*number < 0 || *number > most)
        throw reader.error(key, "must be between 0 and " + std::to_string(most) + ", found " + std::to_string(*number));
    return static_cast<int>(*number);
}

std::vector<int> weights_at(FieldsReader& reader, std::string_view key) {
    const Value* list = reader.raw(key);
    std::vector<int> weights;
    if (list == nullptr) return weights;
    if (!list->is_list() || list->size() > k_most_stages)
        throw reader.error(key, "expected a list of at most " + std::to_string(k_most_stages) + " percentages");
    for (const Value& item : list->items()) {
        const auto number = item.to_int();
        if (!number || *number < 0 || *number > 10'000) throw reader.error(key, "expected a list of percentages");
        weights.push_back(static_cast<int>(*number));
    }
    return weights;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    for (const auto word : base::split(text, ' '))
        if (!word.empty()) words.emplace_back(word);
    return words;
}

bool has_unit(const std::string& text) { return text.find_first_not_of("0123456789+-") != std::string::npos; }

/// Flagger's rule: what cannot be read is a minute, what is shorter than ten seconds is ten seconds. Go reads no number
/// without a unit.
Duration read_interval(FieldsReader& reader, Dialect dialect) {
    const std::string text = reader.text("interval");
    if (dialect == Dialect::flagger) {
        const auto interval = has_unit(text) ? duration_of(text) : std::nullopt;
        return std::max(interval.value_or(k_flagger_interval), k_flagger_shortest);
    }
    if (text.empty()) return k_flagger_interval;
    const auto interval = duration_of(text);
    if (!interval || *interval < k_shortest)
        throw reader.error("interval", "expected a duration of at least 100ms, such as 30s, found \"" + text + "\"");
    return *interval;
}

/// Without thresholdRange the deprecated `threshold` counts, absent as 0: a floor for the success rate, a limit for
/// everything else.
Range read_range(FieldsReader& reader, const std::string& name, Dialect dialect, std::vector<std::string>& unknown) {
    const auto threshold = reader.number("threshold");
    auto bounds = reader.child("thresholdRange");
    if (bounds.present()) {
        const Range range{bounds.number("min"), bounds.number("max")};
        keep_unknown(bounds, unknown);
        return range;
    }
    if (dialect == Dialect::stages) {
        if (threshold) throw reader.error("threshold", "use thresholdRange with min or max");
        return {};
    }
    if (name == "request-success-rate") return {threshold.value_or(0), std::nullopt};
    return {std::nullopt, threshold.value_or(0)};
}

void read_counters(FieldsReader& reader, MetricCheck& metric) {
    for (const auto* key : {"good", "bad", "total", "baselineGood", "baselineBad", "baselineTotal", "canaryOnly", "baselineOnly"})
        if (auto query = reader.text(key); !query.empty()) metric.queries[key] = query;
    for (const auto* key : {"floor", "margin", "ratio", "alpha", "beta", "minSamples", "bucket", "quantile"})
        if (const auto number = reader.number(key)) metric.settings[key] = *number;
}

struct Needs {
    MetricKind kind;
    std::vector<const char*> queries;
};

void check_counters(const FieldsReader& reader, const MetricCheck& metric) {
    static const std::vector<Needs> needs{{MetricKind::proportion, {"good", "total"}},
                                          {MetricKind::latency, {"good", "total"}},
                                          {MetricKind::ratio, {"bad", "total", "baselineBad", "baselineTotal"}},
                                          {MetricKind::paired, {"canaryOnly", "baselineOnly"}}};
    for (const auto& need : needs) {
        if (need.kind != metric.kind) continue;
        for (const auto* query : need.queries)
            if (!metric.queries.contains(query)) throw reader.error(query, "missing: the query of a counter");
        const bool wants_floor = metric.kind == MetricKind::proportion || metric.kind == MetricKind::latency;
        const bool has_floor = metric.settings.contains("floor") || (metric.kind == MetricKind::latency && metric.settings.contains("quantile"));
        if (wants_floor && !has_floor) throw reader.error("floor", "missing: the least share, such as 0.99");
    }
}

}  // namespace

void keep_unknown(const FieldsReader& reader, std::vector<std::string>& unknown) {
    for (auto& name : reader.unknown()) unknown.push_back(std::move(name));
}

void refuse_word(const FieldsReader& reader, std::string_view key, std::string_view word, const std::vector<std::string>& known) {
    auto error = reader.error(key, "\"" + std::string(word) + "\" is not known; it is one of " + base::join(known, ", "));
    error.suggest(base::near_names(word, known));
    throw error;
}

MetricCheck read_metric(FieldsReader reader, Dialect dialect, std::vector<std::string>& unknown) {
    MetricCheck metric;
    metric.name = reader.text("name");
    if (metric.name.empty()) throw reader.error("name", "missing");
    metric.interval = reader.text("interval");
    metric.range = read_range(reader, metric.name, dialect, unknown);
    const bool has_range = reader.raw("threshold") != nullptr || reader.raw("thresholdRange") != nullptr;
    metric.query = reader.text("query");
    auto reference = reader.child("templateRef");
    if (reference.present()) {
        metric.reference = TemplateRef{reference.text("name"), reference.text("namespace")};
        if (metric.reference->name.empty()) throw reference.error("name", "missing");
        keep_unknown(reference, unknown);
    }
    for (auto& [key, text] : reader.text_map("templateVariables")) metric.variables.emplace(std::move(key), std::move(text));
    if (const auto kind = reader.text("kind"); !kind.empty()) {
        const auto known = metric_kind_of(kind);
        if (!known) refuse_word(reader, "kind", kind, metric_kind_names());
        metric.kind = *known;
        // Counters are weighed as evidence; the limit of 0 that Flagger takes for granted would condemn every one.
        if (metric.kind != MetricKind::threshold && !has_range) metric.range = {};
    }
    read_counters(reader, metric);
    check_counters(reader, metric);
    keep_unknown(reader, unknown);
    return metric;
}

Webhook read_webhook(FieldsReader reader, std::vector<std::string>& unknown) {
    Webhook hook;
    hook.name = reader.text("name");
    if (hook.name.empty()) throw reader.error("name", "missing");
    if (const auto type = reader.text("type"); !type.empty()) {
        const auto known = hook_type_of(type);
        if (!known) refuse_word(reader, "type", type, hook_type_names());
        hook.type = *known;
    }
    hook.url = reader.text("url");
    const auto uses_shell = reader.flag("shell", false);
    if (const auto* command = reader.raw("cmd"); command != nullptr) {
        if (command->is_list()) hook.command = reader.texts("cmd");
        else if (uses_shell) hook.command = {"sh", "-c", reader.text("cmd")};
        else hook.command = words_of(reader.text("cmd"));
        if (hook.command.empty()) throw reader.error("cmd", "names no program");
    }
    if (hook.url.empty() == hook.command.empty()) throw reader.error("url", "give either a url or a cmd");
    if (const auto text = reader.text("timeout"); text.size() >= 2) {
        const auto timeout = duration_of(text);
        if (!timeout || *timeout <= Duration(0))
            throw reader.error("timeout", "expected a duration such as 10s, found \"" + text + "\"");
        hook.timeout = *timeout;
    }
    hook.retries = count_at(reader, "retries", 0, 100);
    hook.skip_tls_verify = reader.flag("disableTLS", false);
    hook.mute_alert = reader.flag("muteAlert", false);
    auto metadata = Value::map();
    for (const auto& [key, text] : reader.text_map("metadata")) metadata.set(key, text);
    if (!metadata.empty()) hook.metadata = std::move(metadata);
    keep_unknown(reader, unknown);
    return hook;
}

namespace {

void read_flagger_steps(FieldsReader& reader, Analysis& analysis) {
    analysis.threshold = std::max(1, count_at(reader, "threshold", 0));
    analysis.iterations = count_at(reader, "iterations", 0, 100'000);
    analysis.max_weight = count_at(reader, "maxWeight", 0, 100);
    analysis.step_weight = count_at(reader, "stepWeight", 0, 100);
    analysis.step_weights = weights_at(reader, "stepWeights");
    analysis.step_weight_promotion = count_at(reader, "stepWeightPromotion", 0, 100);
}

void read_stages(FieldsReader& reader, Analysis& analysis) {
    analysis.stages = weights_at(reader, "stages");
    if (analysis.stages.empty()) analysis.stages = {5, 10, 25, 50, 100};
    int last = 0;
    for (const int stage : analysis.stages) {
        if (stage <= last || stage > 100) throw reader.error("stages", "must rise, from 1 to 100 at the most");
        last = stage;
    }
    analysis.successes = std::max(1, count_at(reader, "successes", 1, 100'000));
    analysis.max_failures = count_at(reader, "maxFailures", 0, 100'000);
    analysis.step_weight_promotion = count_at(reader, "stepWeightPromotion", 0, 100);
}

void read_budget(FieldsReader budget, Dialect dialect, Analysis& analysis, std::vector<std::string>& unknown) {
    const int usual = dialect == Dialect::flagger ? 0 : k_patience;
    analysis.budget = {count_at(budget, "noData", usual, 100'000), count_at(budget, "unreachable", usual, 100'000)};
    keep_unknown(budget, unknown);
}

}  // namespace

Analysis read_analysis(FieldsReader reader, Dialect dialect, std::vector<std::string>& unknown) {
    Analysis analysis;
    analysis.interval = read_interval(reader, dialect);
    if (dialect == Dialect::flagger) read_flagger_steps(reader, analysis);
    else read_stages(reader, analysis);
    analysis.mirror = reader.flag("mirror", false);
    analysis.mirror_weight = count_at(reader, "mirrorWeight", 100, 100);
    if (analysis.mirror_weight == 0) analysis.mirror_weight = 100;
    analysis.primary_ready_threshold = count_at(reader, "primaryReadyThreshold", 100, 100);
    analysis.canary_ready_threshold = count_at(reader, "canaryReadyThreshold", 100, 100);
    if (const auto* match = reader.raw("match"); match != nullptr) {
        if (!match->is_list()) throw reader.error("match", "expected a list of conditions");
        analysis.match = *match;
    }
    if (const auto* affinity = reader.raw("sessionAffinity"); affinity != nullptr) analysis.session_affinity = *affinity;
    if (const auto method = reader.text("method", "threshold"); method == "sequential") analysis.sequential = true;
    else if (method != "threshold") refuse_word(reader, "method", method, {"threshold", "sequential"});
    read_budget(reader.child("budget"), dialect, analysis, unknown);
    for (auto& item : reader.children("metrics")) analysis.metrics.push_back(read_metric(std::move(item), dialect, unknown));
    for (auto& item : reader.children("webhooks")) analysis.webhooks.push_back(read_webhook(std::move(item), unknown));
    reader.raw("alerts");  // who wants to be told reads the events
    if (analysis.iterations > 0)
        analysis.strategy = analysis.match.is_list() && !analysis.match.empty() ? Strategy::ab_testing : Strategy::blue_green;
    keep_unknown(reader, unknown);
    return analysis;
}

}  // namespace gitops::rollout
