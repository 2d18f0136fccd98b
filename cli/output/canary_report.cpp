#include "cli/output/canary_report.hpp"

#include "cli/output/canary_parts.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

using doc::Value;
using rollout::Glyphs;
using rollout::Tone;

namespace {

Value text_value(std::string_view text) { return text.empty() ? Value() : Value(text); }
Value time_value(const std::optional<base::Time>& time) { return time ? Value(base::to_rfc3339(*time)) : Value(); }

Value check_value(const LastCheck& check) {
    const auto known = check.result ? rollout::to_value(*check.result) : Value();
    const auto part = [&](std::string_view key) {
        const auto* value = known.find(key);
        return value == nullptr ? Value() : *value;
    };
    auto value = Value::map();
    value.set("name", check.name);
    value.set("hook", check.hook ? Value(rollout::hook_type_name(*check.hook)) : Value());
    for (const auto* key : {"verdict", "value", "min", "max", "query", "detail"}) value.set(key, part(key));
    value.set("at", time_value(check.at));
    return value;
}

Value workload_value(const WorkloadCounts& workload, std::string_view role) {
    auto value = Value::map();
    value.set("role", role);
    value.set("kind", workload.kind);
    value.set("name", workload.name);
    value.set("ready", workload.ready);
    value.set("wanted", workload.wanted);
    value.set("image", text_value(workload.image));
    value.set("reason", text_value(workload.reason));
    return value;
}

Color tone_color(Tone tone) {
    switch (tone) {
        case Tone::plain: return Color::plain;
        case Tone::strong: return Color::bold;
        case Tone::faint: return Color::dim;
        case Tone::good: return Color::green;
        case Tone::bad: return Color::red;
        case Tone::caution: return Color::yellow;
        case Tone::accent: return Color::cyan;
    }
    return Color::plain;
}

}  // namespace

Table canary_table(std::span<const CanaryView> views) {
    Table table({"NAME", "NAMESPACE", "PHASE", "WEIGHT", "CHECKS", "REVISION", "AGE"});
    for (const auto& view : views) {
        const auto& state = view.state;
        std::string phase(rollout::phase_name(state.phase));
        if (state.paused) phase += ", paused";
        table.add({view.name, view.ns, Cell(phase, phase_color(state)), std::to_string(state.split.canary) + " %",
                   state.run == 0 ? "" : checks_text(view.spec, state), revision_text(state, Glyphs::ascii),
                   state.started_at ? rollout::span_text(view.now - *state.started_at) : ""});
    }
    return table;
}

Value canary_value(const CanaryView& view) {
    const auto& state = view.state;
    const bool has_stages = view.spec.dialect == rollout::Dialect::stages;
    auto revision = Value::map();
    revision.set("primary", text_value(state.promoted_revision));
    revision.set("canary", text_value(state.applied_revision));
    auto value = Value::map();
    value.set("name", view.name);
    value.set("namespace", view.ns);
    value.set("dialect", rollout::dialect_name(view.spec.dialect));
    value.set("strategy", rollout::strategy_name(view.spec.analysis.strategy));
    value.set("provider", view.spec.provider);
    value.set("phase", rollout::phase_name(state.phase));
    value.set("weight", state.split.canary);
    value.set("failedChecks", state.failed_checks);
    value.set("stage", has_stages ? Value(state.stage) : Value());
    value.set("streak", has_stages ? Value(state.streak) : Value());
    value.set("paused", state.paused);
    value.set("revision", std::move(revision));
    value.set("startedAt", time_value(state.started_at));
    value.set("message", text_value(state.message));
    return value;
}

Value canary_status_value(const CanaryView& view) {
    auto checks = Value::list();
    for (const auto& check : last_checks(view)) checks.push_back(check_value(check));
    auto workloads = Value::list();
    if (view.primary) workloads.push_back(workload_value(*view.primary, "primary"));
    if (view.target) workloads.push_back(workload_value(*view.target, "canary"));
    auto value = canary_value(view);
    value.set("checks", std::move(checks));
    value.set("workloads", std::move(workloads));
    value.set("run", view.run ? rollout::to_value(*view.run) : Value());
    return value;
}

rollout::Painter plot_painter(Paint paint) {
    if (paint == Paint::no) return {};
    return [](Tone tone, std::string_view text) { return painted(tone_color(tone), text); };
}

Glyphs glyphs_for(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang) {
    const auto locale = base::lower(!lc_all.empty() ? lc_all : !lc_ctype.empty() ? lc_ctype : lang);
    const bool is_utf8 = locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    return is_utf8 ? Glyphs::unicode : Glyphs::ascii;
}

}  // namespace gitops::cli
