#include "cli/bluegreen_views.hpp"

#include "cli/canary_views.hpp"
#include "cli/output/table.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"

namespace gitops::cli {

namespace {

using doc::Value;
using Kind = app::BlueGreenOutcome::Kind;
using rollout::BlueGreenPhase;

constexpr std::size_t k_longest_message = 400;

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::switched: return "switched";
        case Kind::rolled_back: return "rolledBack";
        case Kind::failed: return "failed";
        case Kind::nothing_new: return "nothingNew";
        case Kind::stopped: return "stopped";
    }
    return "";
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }
Value time_or_null(const std::optional<base::Time>& time) { return time ? Value(base::to_rfc3339(*time)) : Value(); }

const rollout::RunRecord* last_run(const rollout::BlueGreenRecord& record) { return record.runs.empty() ? nullptr : &record.runs.back(); }

/// Who has the traffic, as far as the record knows: between switching and the end of a roll-back that is the cluster's to say.
rollout::Color active_side(const rollout::BlueGreenState& state) {
    return has_switched(state.phase) && state.phase != BlueGreenPhase::switching ? state.to : state.from;
}

Value side_value(const app::BlueGreenStanding& standing, rollout::Color color) {
    const auto& seen = standing.seen;
    auto value = Value::map();
    value.set("side", color_name(color));
    value.set("deployment", standing.spec.deployment(color));
    value.set("active", seen ? Value(seen->routed == color) : Value());
    value.set("ready", seen ? Value(seen->side(color).available) : Value());
    value.set("wanted", seen ? Value(seen->side(color).replicas) : Value());
    value.set("image", seen ? text_or_null(seen->side(color).image) : Value());
    value.set("reason", seen ? text_or_null(seen->side(color).reason) : Value());
    return value;
}

bool can_roll_back(const app::BlueGreenStanding& standing) {
    const auto& state = standing.record.state;
    return standing.seen && state.run > 0 && standing.seen->routed == state.to && standing.seen->side(state.from).serves();
}

std::string roll_back_text(const app::BlueGreenStanding& standing) {
    const auto& state = standing.record.state;
    if (can_roll_back(standing)) return "one write away: " + std::string(color_name(state.from)) + " has ready Pods";
    if (!standing.seen || state.run == 0 || standing.seen->routed == state.from) return {};
    return "not at once: " + std::string(color_name(state.from)) + ": " + standing.seen->side(state.from).reason;
}

}  // namespace

std::string bluegreen_text(const app::BlueGreenStanding& standing, Env& env) {
    const auto& record = standing.record;
    const auto& state = record.state;
    const auto style = report_style(env);
    Table head;
    head.add({"Name:", record.name});
    head.add({"Namespace:", record.ns});
    head.add({"Phase:", status_cell(phase_name(state.phase))});
    head.add({"Service:", standing.spec.service + (standing.seen ? " selects " + std::string(color_name(standing.seen->routed)) : std::string())});
    if (!standing.spec.preview_service.empty()) head.add({"Preview:", standing.spec.preview_service});
    if (state.phase == BlueGreenPhase::monitoring)
        head.add({"Checks:", std::to_string(state.failed_checks) + " failed, " + std::to_string(standing.spec.monitor.max_failures) + " tolerated"});
    if (auto text = roll_back_text(standing); !text.empty()) head.add({"Roll-back:", text});
    if (record.runner) head.add({"Run by:", record.runner->actor});
    if (!state.message.empty()) head.add({"Message:", rollout::clean_text(state.message, k_longest_message, style.glyphs)});
    if (!standing.trouble.empty()) head.add({"Trouble:", standing.trouble});
    auto text = head.text(style.paint);
    if (!standing.seen) return text;
    Table sides({"SIDE", "DEPLOYMENT", "TRAFFIC", "READY", "IMAGE", "NOT READY BECAUSE"});
    for (const auto color : {rollout::Color::blue, rollout::Color::green}) {
        const auto& side = standing.seen->side(color);
        sides.add({color_name(color), standing.spec.deployment(color), standing.seen->routed == color ? "100 %" : "0 %",
                   std::to_string(side.available) + "/" + std::to_string(side.replicas), side.image, side.reason});
    }
    return text + "\n" + sides.text(style.paint);
}

Value bluegreen_value(const app::BlueGreenStanding& standing) {
    const auto& record = standing.record;
    const auto& state = record.state;
    const auto* run = last_run(record);
    auto value = Value::map();
    value.set("name", record.name);
    value.set("namespace", record.ns);
    value.set("phase", phase_name(state.phase));
    value.set("active", standing.seen ? Value(color_name(standing.seen->routed)) : Value());
    value.set("from", state.run == 0 ? Value() : Value(color_name(state.from)));
    value.set("to", state.run == 0 ? Value() : Value(color_name(state.to)));
    value.set("service", standing.spec.service);
    value.set("previewService", text_or_null(standing.spec.preview_service));
    value.set("failedChecks", state.failed_checks);
    value.set("maxFailures", standing.spec.monitor.max_failures);
    value.set("startedAt", time_or_null(state.started_at));
    value.set("switchedAt", time_or_null(state.switched_at));
    value.set("nextLookAt", time_or_null(state.look_at));
    value.set("canRollBack", can_roll_back(standing));
    value.set("message", text_or_null(state.message));
    value.set("trouble", text_or_null(standing.trouble));
    value.set("runner", record.runner ? Value(record.runner->actor) : Value());
    value.set("sides", Value::list({side_value(standing, rollout::Color::blue), side_value(standing, rollout::Color::green)}));
    value.set("run", run == nullptr ? Value() : rollout::to_value(*run));
    return value;
}

std::string bluegreen_outcome_text(const app::BlueGreenOutcome& outcome) {
    const auto& state = outcome.record.state;
    const auto* run = last_run(outcome.record);
    auto side = [&](rollout::Color color, const std::string& image) {
        return std::string(color_name(color)) + " (" + outcome.spec.deployment(color) + (image.empty() ? "" : ", " + image) + ")";
    };
    const auto to = side(state.to, run == nullptr ? "" : run->to_image), from = side(state.from, run == nullptr ? "" : run->from_image);
    std::string text = outcome.spec.name + " ";
    switch (outcome.kind) {
        case Kind::switched: text += "switched: " + to + " has all traffic"; break;
        case Kind::rolled_back: text += "rolled back: " + from + " has all traffic"; break;
        case Kind::failed: text += "not switched: " + (run == nullptr ? std::string() : run->reason); break;
        case Kind::nothing_new: text += "has nothing to switch to: " + outcome.detail; break;
        case Kind::stopped:
            text += "is left " + std::string(phase_name(state.phase)) + ": " + (active_side(state) == state.to ? to : from) +
                    " has the traffic; the same command goes on";
            break;
    }
    if (!outcome.commit.empty()) text += " (commit " + outcome.commit.substr(0, 7) + ")";
    return text;
}

Value bluegreen_outcome_value(const app::BlueGreenOutcome& outcome) {
    const auto* run = last_run(outcome.record);
    auto value = Value::map();
    value.set("outcome", kind_name(outcome.kind));
    value.set("name", outcome.spec.name);
    value.set("namespace", outcome.spec.ns);
    value.set("active", color_name(active_side(outcome.record.state)));
    value.set("reason", text_or_null(outcome.kind == Kind::nothing_new ? outcome.detail : outcome.record.state.message));
    value.set("commit", text_or_null(outcome.commit));
    value.set("run", run == nullptr ? Value() : rollout::to_value(*run));
    return value;
}

void BlueGreenTicker::show(const rollout::BlueGreenRecord& record) {
    const auto* run = last_run(record);
    if (run == nullptr) return;
    if (run->number != m_run) {
        m_run = run->number;
        m_told = 0;
    }
    auto style = report_style(m_env);
    style.paint = m_env.terminal().stderr_has_color() ? Paint::yes : Paint::no;
    for (; m_told < run->entries.size(); ++m_told) tell(m_env, event_line(run->entries[m_told], run->started_at, style));
}

}  // namespace gitops::cli
