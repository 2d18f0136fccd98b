#include "core/rollout/rollout_record.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::size_t k_most_bytes = std::size_t{700} << 10;  ///< of the journal; an object may have a mebibyte
constexpr std::size_t k_most_runs = 20;

Value runner_value(const Runner& runner) {
    auto value = Value::map();
    value.set("actor", runner.actor);
    value.set("host", runner.process.host);
    value.set("boot", runner.process.boot);
    value.set("pid", runner.process.pid);
    value.set("started", runner.process.started);
    value.set("beat", runner.beat);
    return value;
}

std::int64_t number_at(const Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value == nullptr ? 0 : value->to_int().value_or(0);
}

Runner read_runner(const Value& value) {
    return {std::string(value.text_at("actor")),
            {std::string(value.text_at("host")), std::string(value.text_at("boot")), number_at(value, "pid"), number_at(value, "started")},
            number_at(value, "beat")};
}

Value optional_number(const std::optional<int>& number) { return number ? Value(*number) : Value(); }

std::optional<int> optional_number_at(const Value& map, std::string_view key) {
    const auto* value = map.find(key);
    const auto number = value == nullptr ? std::nullopt : value->to_int();
    if (!number || *number < 0 || *number > 1'000'000) return std::nullopt;
    return static_cast<int>(*number);
}

Value overrides_value(const Overrides& overrides) {
    auto stages = Value::list();
    for (const int stage : overrides.stages) stages.push_back(stage);
    auto value = Value::map();
    value.set("stages", std::move(stages));
    value.set("successes", optional_number(overrides.successes));
    value.set("maxFailures", optional_number(overrides.max_failures));
    value.set("interval", overrides.interval);
    value.set("sequential", overrides.sequential);
    value.set("provider", overrides.provider);
    return value;
}

Overrides read_overrides(const Value& value) {
    Overrides overrides;
    if (const auto* stages = value.find("stages"))
        for (const auto& stage : stages->items()) overrides.stages.push_back(static_cast<int>(std::clamp<std::int64_t>(stage.to_int().value_or(0), 0, 1000)));
    overrides.successes = optional_number_at(value, "successes");
    overrides.max_failures = optional_number_at(value, "maxFailures");
    overrides.interval = value.text_at("interval");
    const auto* sequential = value.find("sequential");
    overrides.sequential = sequential != nullptr && sequential->as_bool();
    overrides.provider = value.text_at("provider");
    return overrides;
}

Value settings_value(const RunSettings& settings) {
    auto value = Value::map();
    value.set("compat", settings.compat == Compat::flagger ? "flagger" : "none");
    value.set("metricsUrl", settings.metrics_url);
    value.set("metricsFile", settings.metrics_file);
    value.set("tokenEnv", settings.token_env);
    value.set("tokenFile", settings.token_file);
    value.set("app", settings.app);
    value.set("overrides", overrides_value(settings.overrides));
    return value;
}

RunSettings read_settings(const Value& value) {
    RunSettings settings;
    settings.compat = value.text_at("compat") == "flagger" ? Compat::flagger : Compat::none;
    settings.metrics_url = value.text_at("metricsUrl");
    settings.metrics_file = value.text_at("metricsFile");
    settings.token_env = value.text_at("tokenEnv");
    settings.token_file = value.text_at("tokenFile");
    settings.app = value.text_at("app");
    if (const auto* overrides = value.find("overrides")) settings.overrides = read_overrides(*overrides);
    return settings;
}

std::string runs_text(const std::vector<RunRecord>& runs) {
    auto list = Value::list();
    for (const auto& run : runs) list.push_back(to_value(run));
    return doc::write_json(list);
}

/// The journal as it fits: old runs lose their entries first, and then the last one its oldest.
std::string bounded_runs_text(std::vector<RunRecord> runs) {
    if (runs.size() > k_most_runs) runs.erase(runs.begin(), runs.end() - k_most_runs);
    auto text = runs_text(runs);
    for (std::size_t i = 0; text.size() > k_most_bytes && i + 1 < runs.size(); ++i) {
        if (runs[i].entries.empty()) continue;
        runs[i].entries.clear();
        text = runs_text(runs);
    }
    while (text.size() > k_most_bytes && !runs.empty() && runs.back().entries.size() > 1) {
        auto& entries = runs.back().entries;
        entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>((entries.size() + 1) / 2));
        text = runs_text(runs);
    }
    return text;
}

Value json_at(const Value& data, std::string_view key) {
    const auto text = data.text_at(key);
    return text.empty() ? Value() : doc::read_json(text, std::string(key));
}

RawRecord read_data(const Value& object, const Value& data, const RecordForm& form) {
    RawRecord record;
    record.name = data.text_at("name");
    record.ns = kube::namespace_of(object);
    record.resource_version = kube::resource_version_of(object);
    if (record.name.empty()) throw Error(Code::invalid, "it has no name");
    record.manifest = json_at(data, form.manifest);
    record.settings = read_settings(json_at(data, "settings"));
    record.state = json_at(data, "state");
    const auto runs = json_at(data, "runs");
    for (const auto& run : runs.items()) record.runs.push_back(read_run(run));
    if (const auto runner = json_at(data, "runner"); runner.is_map()) record.runner = read_runner(runner);
    record.command = command_of(data.text_at("command"));
    record.command_by = data.text_at("commandBy");
    return record;
}

}  // namespace

kube::ObjectRef record_ref(const RecordForm& form, std::string_view ns, std::string_view name) {
    return {{"", "v1", "ConfigMap"}, std::string(ns), std::string(form.prefix) + std::string(name)};
}

Value to_config_map(const RawRecord& record, const RecordForm& form) {
    auto metadata = Value::map({{"name", record_ref(form, record.ns, record.name).name}, {"namespace", record.ns}});
    metadata.set("labels", Value::map({{"app.kubernetes.io/managed-by", "gitopsctl"}, {form.label, record.name.substr(0, 63)}}));
    if (!record.resource_version.empty()) metadata.set("resourceVersion", record.resource_version);
    auto data = Value::map();
    data.set("name", record.name);
    data.set(form.manifest, doc::write_json(record.manifest));
    data.set("settings", doc::write_json(settings_value(record.settings)));
    data.set("state", doc::write_json(record.state));
    data.set("runs", bounded_runs_text(record.runs));
    if (record.runner) data.set("runner", doc::write_json(runner_value(*record.runner)));
    if (record.command != Command::none) {
        data.set("command", command_name(record.command));
        data.set("commandBy", record.command_by);
    }
    return Value::map({{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata}, {"data", data}});
}

void refuse_record(const Value& object, const RecordForm& form, std::string_view why) {
    Error told(Code::invalid, "ConfigMap " + std::string(kube::namespace_of(object)) + "/" + std::string(kube::name_of(object)) +
                                  " is no record of " + std::string(form.noun) + ": " + std::string(why));
    throw told.hint("delete it to begin anew, or restore what it was");
}

RawRecord read_record(const Value& object, const RecordForm& form) {
    try {
        const auto* data = object.find("data");
        if (data == nullptr || !data->is_map()) throw Error(Code::invalid, "it holds no data");
        return read_data(object, *data, form);
    } catch (const Error& error) {
        refuse_record(object, form, error.message());
    }
}

}  // namespace gitops::rollout
