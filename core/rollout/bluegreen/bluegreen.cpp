#include "core/rollout/bluegreen/bluegreen.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/kube/resource.hpp"
#include "core/rollout/canary_parts.hpp"

namespace gitops::rollout {

namespace {

using base::Duration;
using base::Error;
using doc::FieldsReader;
using doc::Value;

constexpr std::string_view k_version = "gitopsctl.io/v1";
constexpr Duration k_shortest{100};
constexpr int k_most_failures = 100'000;
constexpr std::int64_t k_longest_deadline = 1'000'000;  // seconds
constexpr int k_patience = 5;                           // looks in a row without an answer

std::string required(FieldsReader& reader, std::string_view key, std::string_view what) {
    auto text = reader.text(key);
    if (text.empty()) throw reader.error(key, "missing: " + std::string(what));
    return text;
}

std::optional<Duration> duration_at(FieldsReader& reader, std::string_view key, Duration least) {
    const Value* written = reader.raw(key);
    if (written == nullptr || written->is_null()) return std::nullopt;
    const auto text = reader.text(key);
    try {
        const auto duration = base::parse_duration(text);
        if (duration >= least) return duration;
    } catch (const Error&) {
        throw reader.error(key, "expected a duration such as 30s, found \"" + text + "\"");
    }
    throw reader.error(key, "expected a duration of at least " + base::format_duration(least) + ", found \"" + text + "\"");
}

int count_at(FieldsReader& reader, std::string_view key, int otherwise) {
    const auto number = reader.integer(key);
    if (!number) return otherwise;
    if (*number < 0 || *number > k_most_failures)
        throw reader.error(key, "must be between 0 and " + std::to_string(k_most_failures) + ", found " + std::to_string(*number));
    return static_cast<int>(*number);
}

/// A hook of one of `types`; without a type it is the first of them.
Webhook read_hook(FieldsReader reader, const std::vector<HookType>& types, std::vector<std::string>& unknown) {
    const bool is_typed = !reader.text("type").empty();
    auto hook = read_webhook(reader, unknown);
    if (!is_typed) hook.type = types.front();
    if (std::ranges::find(types, hook.type) != types.end()) return hook;
    std::vector<std::string> names;
    for (const auto type : types) names.emplace_back(hook_type_name(type));
    refuse_word(reader, "type", hook_type_name(hook.type), names);
}

const std::vector<HookType> k_monitor_hooks{HookType::rollout, HookType::rollback, HookType::event, HookType::post_rollout};

Monitoring read_monitoring(FieldsReader reader, std::vector<std::string>& unknown) {
    Monitoring monitor;
    if (!reader.present()) return monitor;
    const auto duration = duration_at(reader, "duration", Duration{0});
    if (!duration) throw reader.error("duration", "missing: how long the new side is watched, such as 5m");
    monitor.duration = *duration;
    monitor.interval = duration_at(reader, "interval", k_shortest).value_or(monitor.interval);
    monitor.max_failures = count_at(reader, "maxFailures", 0);
    auto budget = reader.child("budget");
    monitor.budget = {count_at(budget, "noData", k_patience), count_at(budget, "unreachable", k_patience)};
    keep_unknown(budget, unknown);
    if (const auto method = reader.text("method", "threshold"); method == "sequential") monitor.sequential = true;
    else if (method != "threshold") refuse_word(reader, "method", method, {"threshold", "sequential"});
    for (auto& item : reader.children("metrics")) monitor.metrics.push_back(read_metric(std::move(item), Dialect::stages, unknown));
    for (auto& item : reader.children("webhooks"))
        monitor.webhooks.push_back(read_hook(std::move(item), k_monitor_hooks, unknown));
    keep_unknown(reader, unknown);
    return monitor;
}

void require_kind(const Value& manifest, const std::string& file) {
    if (is_bluegreen(manifest)) return;
    Error error(base::Code::invalid, "expected a BlueGreen of " + std::string(k_version) + ", found " +
                                         std::string(manifest.text_at("apiVersion")) + " " + std::string(manifest.text_at("kind")));
    throw error.at({file, static_cast<int>(manifest.line()), 0});
}

}  // namespace

bool is_bluegreen(const Value& manifest) {
    return manifest.text_at("kind") == "BlueGreen" && manifest.text_at("apiVersion") == k_version;
}

BlueGreenSpec read_bluegreen(const Value& manifest, const std::string& file, const std::string& default_namespace) {
    require_kind(manifest, file);
    kube::require_identity(manifest, file);
    BlueGreenSpec spec;
    spec.document = manifest;
    spec.document.erase("status");
    spec.name = kube::name_of(manifest);
    spec.ns = kube::namespace_of(manifest);
    if (spec.ns.empty()) spec.ns = default_namespace;

    FieldsReader reader(manifest.find("spec"), "spec", file);
    spec.service = required(reader, "service", "the Service whose selector is switched");
    spec.blue = required(reader, "blue", "the Deployment of one side");
    spec.green = required(reader, "green", "the Deployment of the other side");
    if (spec.blue == spec.green) throw reader.error("green", "is the same Deployment as blue: \"" + spec.green + "\"");
    spec.preview_service = reader.text("previewService");
    if (spec.preview_service == spec.service) 
        throw reader.error("previewService", "is the Service that is switched: \"" + spec.service + "\"");
    spec.provider = reader.text("provider", "kubernetes");
    spec.metrics_server = reader.text("metricsServer");
    if (const auto seconds = reader.integer("progressDeadlineSeconds")) {
        if (*seconds < 1 || *seconds > k_longest_deadline) throw reader.error("progressDeadlineSeconds", "must be between 1 and 1000000");
        spec.progress_deadline = Duration(*seconds * 1000);
    }
    for (auto& item : reader.children("smoke"))
        spec.smoke.push_back(read_hook(std::move(item), {HookType::pre_rollout, HookType::confirm_promotion}, spec.unknown));
    spec.monitor = read_monitoring(reader.child("monitor"), spec.unknown);
    spec.scale_down_delay = duration_at(reader, "scaleDownDelay", Duration{0});
    keep_unknown(reader, spec.unknown);
    return spec;
}

CanarySpec checks_of(const BlueGreenSpec& spec, Color tested) {
    CanarySpec canary;
    canary.dialect = Dialect::stages;
    canary.name = spec.name;
    canary.ns = spec.ns;
    canary.provider = spec.provider;
    canary.metrics_server = spec.metrics_server;
    canary.target = {"apps/v1", "Deployment", spec.deployment(tested)};
    canary.service.name = spec.service;
    canary.document = spec.document;
    canary.analysis.interval = spec.monitor.interval;
    canary.analysis.sequential = spec.monitor.sequential;
    canary.analysis.metrics = spec.monitor.metrics;
    canary.analysis.webhooks = spec.smoke;
    canary.analysis.webhooks.insert(canary.analysis.webhooks.end(), spec.monitor.webhooks.begin(), spec.monitor.webhooks.end());
    return canary;
}

}  // namespace gitops::rollout
